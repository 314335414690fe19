from dataclasses import dataclass
from decimal import Decimal

from abaque.core.money import multiply

from .step import Step, check_price


@dataclass(frozen=True, slots=True)
class PerUnit:
    """Every unit costs `unit` major units."""

    unit: Decimal

    def __post_init__(self) -> None:
        check_price(self.unit)

    def steps(self, quantity: Decimal) -> tuple[Step, ...]:
        """Return quantity times price."""
        return (Step("per_unit", quantity, self.unit, multiply(quantity, self.unit)),)
