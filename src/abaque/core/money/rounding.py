from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from abaque.core.fault import Fault

from .amount import Money
from .currency import Currency
from .exact import nearest, scaled

_FINEST = 12


class RoundingMode(StrEnum):
    """Where a quantity between two steps goes: away from zero, towards it, or to the nearer step."""

    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Rounding:
    """To how many fractional digits, 0 to 12, a quantity is rounded, and which way. Fault `bad_scale`."""

    places: int = 0
    mode: RoundingMode = RoundingMode.NEAREST

    def __post_init__(self) -> None:
        if not 0 <= self.places <= _FINEST:
            raise Fault("bad_scale", scale=self.places)


def rounded(quantity: Decimal, rounding: Rounding) -> Decimal:
    """Return the quantity in whole steps of `10^-places`. Halves go away from zero, as all the house's do.

    Law: what has no more digits than that stays, a negative quantity mirrors the positive one, and the result
    is less than one step away. Fault `not_exact` if it is no finite number.
    """
    if not quantity.is_finite():
        raise Fault("not_exact", operation="rounded")
    numerator, denominator = quantity.as_integer_ratio()
    steps = abs(numerator) * 10**rounding.places
    match rounding.mode:
        case RoundingMode.UP:
            size = -(-steps // denominator)
        case RoundingMode.DOWN:
            size = steps // denominator
        case RoundingMode.NEAREST:
            size = nearest(steps, denominator)
    return scaled(-size if numerator < 0 else size, -rounding.places)


def to_money(exact: Decimal, currency: Currency) -> Money:
    """Round an exact amount of major units to minor units, half away from zero.

    The only way from an exact amount to money. Fault `not_exact` if it is no finite number.
    """
    if not exact.is_finite():
        raise Fault("not_exact", operation="to_money")
    numerator, denominator = exact.as_integer_ratio()
    return Money(nearest(numerator * 10**currency.digits, denominator), currency)
