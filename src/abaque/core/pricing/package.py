from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import multiply

from .step import Step, check_digits, check_price


@dataclass(frozen=True, slots=True)
class Package:
    """Units are sold in packages of `size`; each costs `amount` major units, and a begun one counts whole.

    Law: the cost is `amount` times the least whole number of packages that hold the quantity; nothing used
    costs nothing. Faults `bad_package_size`, `too_many_digits`, and those of a price.
    """

    size: Decimal
    amount: Decimal

    def __post_init__(self) -> None:
        if not self.size.is_finite() or self.size <= 0:
            raise Fault("bad_package_size", size=self.size)
        check_digits(self.size)
        check_price(self.amount)

    def steps(self, quantity: Decimal) -> tuple[Step, ...]:
        """Return one step: the packages begun, for the units in them."""
        packages = packages_of(quantity, self.size)
        return (Step("package", packages, self.amount, multiply(packages, self.amount), quantity, self.size),)


def packages_of(quantity: Decimal, size: Decimal) -> Decimal:
    """Return how many packages of a size are begun: the fewest whole ones that hold the quantity."""
    units, per_unit = quantity.as_integer_ratio()
    of_size, per_size = size.as_integer_ratio()
    return Decimal(-(-units * per_size // (of_size * per_unit)))  # rounded up
