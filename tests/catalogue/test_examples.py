"""The price lists in `examples/` cost what was worked out by hand beside them."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from abaque.catalogue import load
from abaque.core.pricing import Bill, Charge, Matrix, Usage, bounded, rate

EXAMPLES = Path(__file__).parents[2] / "examples"
RUNS = [
    pytest.param(path, run, id=f"{path.name.removesuffix('.usage.yaml')}-{place}")
    for path in sorted(EXAMPLES.glob("*.usage.yaml"))
    for place, run in enumerate(yaml.safe_load(path.read_text("utf-8")), start=1)
]
NOTHING = Decimal(0)


def usage_of(charge: Charge, run: dict[str, Any]) -> Usage:
    if charge.quantity is not None:
        return Usage(Decimal(run["quantities"][charge.quantity]))
    cells: dict[tuple[str | None, ...], Decimal] = {}
    amounts: list[Decimal] = []
    quantity = NOTHING
    for part in run.get("usage", {}).get(charge.meter, ()):
        amounts += [Decimal(amount) for amount in part.get("amounts", ())]
        used = Decimal(part.get("quantity", 0))
        quantity += used
        if isinstance(charge.price, Matrix):
            values = tuple(part["group"][attribute] for attribute in charge.price.by)
            cells[values] = cells.get(values, NOTHING) + used
    return Usage(quantity + sum(amounts, NOTHING), len(amounts), tuple(amounts), cells)


@pytest.mark.parametrize(("path", "run"), RUNS)
def test_a_whole_month_costs_what_was_worked_out_by_hand(path: Path, run: dict[str, Any]) -> None:
    file = path.with_name(path.name.replace(".usage.yaml", ".yaml"))
    plan = load(file.read_bytes(), name=file.name).plans[run["plan"]].plan
    start, end = run["expect"]
    assert (start["due"], end["due"]) == (run["from"], run["until"])
    fees: dict[str, Decimal] = {}
    usage: dict[str, Decimal] = {}
    for charge in plan.charges:
        included = None if charge.allowance is None else charge.allowance.quantity
        rating = rate(charge.price, usage_of(charge, run), allowance=included)
        owed = bounded(rating, charge.minimum, charge.maximum).money(plan.currency).decimal()
        (fees if charge.bill is Bill.ADVANCE else usage)[charge.code] = owed
    for invoice, lines in ((start, fees), (end, fees | usage)):
        said = {code: Decimal(amount) for code, amount in invoice["lines"].items()}
        assert {code: amount for code, amount in lines.items() if amount} == said
        assert sum(said.values()) == Decimal(invoice["net"])
