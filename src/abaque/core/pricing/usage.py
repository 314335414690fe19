from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from abaque.core.fault import Fault


@dataclass(frozen=True, slots=True)
class Usage:
    """What a price is asked about: the usage of one charge in one span.

    `quantity` in the meter's units; for a percentage or a dynamic price the money its events carry, in major
    units. `events` is how many events made it, `amounts` the money of each, oldest first, for prices that look
    at every event; `cells` the quantity by group, for a matrix. All of them may be below zero, where refunds
    reverse what was sold or a level sinks: only a price that looks at single events or groups refuses that.
    Fault `bad_quantity`.
    """

    quantity: Decimal
    events: int = 0
    amounts: tuple[Decimal, ...] = ()
    cells: Mapping[tuple[str | None, ...], Decimal] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for figure in (self.quantity, *self.amounts, *self.cells.values()):
            check_number(figure)


def check_not_negative(figures: Iterable[Decimal]) -> None:
    """Refuse events or groups below zero: nobody can say what they take back. Fault `negative_quantity`."""
    for figure in figures:
        if figure < 0:
            raise Fault("negative_quantity", quantity=figure)


def check_number(quantity: Decimal) -> None:
    """Refuse a quantity that is no number. Fault `bad_quantity`."""
    if not quantity.is_finite():
        raise Fault("bad_quantity", quantity=quantity)
