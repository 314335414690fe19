"""`abaque rate` gives, for every price list in `examples/`, what was worked out by hand beside it."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*.usage.yaml"))


def rate(*arguments, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "abaque.app.cli", "rate", *arguments, "--json"],
        cwd=cwd, env={**os.environ, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["runs"]


def test_every_example_has_months_worked_out_by_hand():
    plans = {path.name for path in EXAMPLES.glob("*.yaml") if not path.name.endswith(".usage.yaml")}
    assert plans == {path.name.replace(".usage.yaml", ".yaml") for path in FILES}


@pytest.mark.parametrize("usage", FILES, ids=lambda path: path.name.removesuffix(".usage.yaml"))
def test_an_example_costs_what_was_worked_out_by_hand(usage, tmp_path):
    plan = usage.with_name(usage.name.replace(".usage.yaml", ".yaml"))
    found = rate("--plan", plan, "--usage", usage, cwd=tmp_path)
    wanted = yaml.load(usage.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # texts only, no objects
    for run, by_hand in zip(found, wanted, strict=True):
        assert _said(run["invoices"]) == _wanted(one for one in by_hand["expect"] if "of" not in one)
        assert _said(run["credit_notes"]) == _wanted(one for one in by_hand["expect"] if "of" in one)
        to_pay = {one["due"]: one["to_pay"] for one in by_hand["expect"] if "to_pay" in one}
        assert to_pay == {one["due"]: one["to_pay"] for one in run["invoices"] if one["due"] in to_pay}


def test_the_events_of_the_shop_cost_what_was_worked_out_by_hand(tmp_path):
    arguments = ("--from", "2026-11-01", "--to", "2026-12-01", "--zone", "Europe/Paris")
    plan, events = EXAMPLES / "shop.yaml", EXAMPLES / "shop.events.jsonl"
    (run,) = rate("--plan", plan, "--events", events, *arguments, cwd=tmp_path)
    # One declined, one sent twice, one refunded: 1 + 1 + 1 − 1 = 2 orders × 0.50 = 1.00.
    assert _said(run["invoices"])[1][2] == {"orders": Decimal("1.00")}


def _said(documents):
    return [
        (
            one["due"],
            one.get("of"),
            {line["charge"]: Decimal(line["net"]) for line in one["lines"] if Decimal(line["net"])},
            Decimal(one["net"]),
        )
        for one in documents
    ]


def _wanted(documents):
    return [
        (
            one["due"],
            one.get("of"),
            {code: Decimal(net) for code, net in one["lines"].items()},
            Decimal(one["net"]),
        )
        for one in documents
    ]
