from dataclasses import dataclass
from decimal import Decimal

from .percent import percent_of
from .step import Step, check_price


@dataclass(frozen=True, slots=True)
class Dynamic:
    """The events carry their own amount, which is charged as it is, or `percent` of it.

    Above 100 it is a mark-up: what a supplier charged, resold. Law: the line is the sum of the amounts of its
    events. Faults of a price.
    """

    percent: Decimal = Decimal(100)

    def __post_init__(self) -> None:
        check_price(self.percent)

    def steps(self, quantity: Decimal) -> tuple[Step, ...]:
        """Return the one step there is. `quantity` is money in major units."""
        return (Step("dynamic", quantity, self.percent, percent_of(quantity, self.percent)),)
