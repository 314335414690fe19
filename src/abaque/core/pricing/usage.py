from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from abaque.core.fault import Fault


@dataclass(frozen=True, slots=True)
class Usage:
    """What a price is asked about: the usage of one charge in one span.

    `quantity` in the meter's units; for a percentage or a dynamic price the money its events carry, in major
    units. `events` is how many events made it, `amounts` the money of each, oldest first, for prices that look
    at every event; `cells` the quantity by group, for a matrix. The whole may be below zero, where
    refunds reverse more than was sold, an event or a group may not. Faults `bad_quantity`, `negative_quantity`.
    """

    quantity: Decimal
    events: int = 0
    amounts: tuple[Decimal, ...] = ()
    cells: Mapping[tuple[str | None, ...], Decimal] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_number(self.quantity)
        for figure in (*self.amounts, *self.cells.values()):
            check_number(figure)
            if figure < 0:
                raise Fault("negative_quantity", quantity=figure)


def check_number(quantity: Decimal) -> None:
    """Refuse a quantity that is no number. Fault `bad_quantity`."""
    if not quantity.is_finite():
        raise Fault("bad_quantity", quantity=quantity)
