from dataclasses import dataclass
from decimal import Decimal

from abaque.core.money import multiply

from .step import Step, check_unit_price, unit_price


@dataclass(frozen=True, slots=True)
class PerUnit:
    """Every `per` units cost `unit` major units, pro rata: no block is begun, as packages are.

    Faults `bad_per`, `unit_not_exact`, and those of a price.
    """

    unit: Decimal
    per: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        check_unit_price(self.unit, self.per)

    def steps(self, quantity: Decimal) -> tuple[Step, ...]:
        """Return quantity times the price of one unit."""
        unit = unit_price(self.unit, self.per)
        return (Step("per_unit", quantity, unit, multiply(quantity, unit)),)
