from dataclasses import dataclass
from decimal import Decimal

from .step import Step, check_price


@dataclass(frozen=True, slots=True)
class Flat:
    """A fixed fee of `amount` major units per period, whatever is used."""

    amount: Decimal

    def __post_init__(self) -> None:
        check_price(self.amount)

    def steps(self) -> tuple[Step, ...]:
        """Return the one step there is: the fee."""
        return (Step("flat", Decimal(1), self.amount, self.amount),)
