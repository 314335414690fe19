from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from abaque.core.fault import Fault

from .amount import Money
from .currency import Currency
from .exact import multiply, nearest, scaled

_DIGITS = 12


class RoundingMode(StrEnum):
    """Where a quantity between two steps goes: away from zero, towards it, or to the nearer step."""

    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Rounding:
    """To whole multiples of what a quantity is rounded, such as 1, 0.25 or 1000, and which way.

    Fault `bad_step`: it is above zero, with at most 12 digits before and after the point.
    """

    step: Decimal = Decimal(1)
    mode: RoundingMode = RoundingMode.NEAREST

    def __post_init__(self) -> None:
        step = self.step
        if (
            not step.is_finite()
            or step <= 0
            or step.adjusted() >= _DIGITS
            or _fraction_digits(step) > _DIGITS
        ):
            raise Fault("bad_step", step=step)

    @classmethod
    def places(cls, places: int, mode: RoundingMode = RoundingMode.NEAREST) -> "Rounding":
        """Return the rounding to so many fractional digits, 0 to 12. Fault `bad_scale`."""
        if not 0 <= places <= _DIGITS:
            raise Fault("bad_scale", scale=places)
        return cls(scaled(1, -places), mode)


def rounded(quantity: Decimal, rounding: Rounding) -> Decimal:
    """Return the quantity in whole steps. Halves go away from zero, as all the house's do.

    Law: whole steps stay, a negative quantity mirrors the positive one, and the result is less than one step
    away. Fault `not_exact` if it is no finite number, or has more digits than can be kept.
    """
    if not quantity.is_finite():
        raise Fault("not_exact", operation="rounded")
    numerator, denominator = quantity.as_integer_ratio()
    step, fraction = rounding.step.as_integer_ratio()
    steps, whole = abs(numerator) * fraction, denominator * step
    match rounding.mode:
        case RoundingMode.UP:
            size = -(-steps // whole)
        case RoundingMode.DOWN:
            size = steps // whole
        case RoundingMode.NEAREST:
            size = nearest(steps, whole)
    return multiply(Decimal(-size if numerator < 0 else size), rounding.step)


def to_money(exact: Decimal, currency: Currency) -> Money:
    """Round an exact amount of major units to minor units, half away from zero.

    The only way from an exact amount to money. Fault `not_exact` if it is no finite number.
    """
    if not exact.is_finite():
        raise Fault("not_exact", operation="to_money")
    upper, lower = exact.as_integer_ratio()
    minor, rest = divmod(upper * 10**currency.digits, lower)
    return Money(nearest(upper * 10**currency.digits, lower) if rest else minor, currency)


def _fraction_digits(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
