from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import multiply, scaled

from .step import check_price

_HUNDRED = Decimal(100)


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """Return `percent` hundredths of an amount, exactly."""
    return scaled(multiply(amount, percent), -2)


def check_percent(percent: Decimal) -> None:
    """Refuse what cannot be a share of money. Faults `percent_over_100`, and those of a price."""
    check_price(percent)
    if percent > _HUNDRED:
        raise Fault("percent_over_100", percent=percent)
