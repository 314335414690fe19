"""Decimal arithmetic that never rounds unasked.

Python's own operators round silently to 28 digits. The core therefore adds and multiplies with these
functions: sixty digits, and a refusal instead of a lost digit. `divide` is the only division and
`nearest` the only rounding of the house: half away from zero, as invoices are checked by hand.
"""

import decimal
from decimal import Context, Decimal
from functools import reduce

from abaque.core.fault import Fault

EXACT = Context(
    prec=60,
    rounding=decimal.ROUND_HALF_UP,
    traps=[
        decimal.Inexact,
        decimal.InvalidOperation,
        decimal.DivisionByZero,
        decimal.Overflow,
        decimal.Underflow,
        decimal.FloatOperation,
    ],
)

_ZERO = Decimal(0)


def add(*terms: Decimal) -> Decimal:
    """Return the exact sum, zero of nothing. Fault `not_exact` beyond 60 digits or for what is not finite."""
    try:
        return _finite(reduce(EXACT.add, terms, _ZERO), "add")
    except decimal.DecimalException as error:
        raise Fault("not_exact", operation="add") from error


def subtract(a: Decimal, b: Decimal) -> Decimal:
    """Return `a - b` exactly. Fault `not_exact` beyond 60 digits."""
    try:
        return _finite(EXACT.subtract(a, b), "subtract")
    except decimal.DecimalException as error:
        raise Fault("not_exact", operation="subtract") from error


def multiply(a: Decimal, b: Decimal) -> Decimal:
    """Return `a × b` exactly. Fault `not_exact` beyond 60 digits."""
    try:
        return _finite(EXACT.multiply(a, b), "multiply")
    except decimal.DecimalException as error:
        raise Fault("not_exact", operation="multiply") from error


def divide(a: Decimal, b: Decimal, *, scale: int) -> Decimal:
    """Return `a / b` rounded half away from zero to `scale` fractional digits. Fault `division_by_zero`."""
    if scale < 0:
        raise Fault("bad_scale", scale=scale)
    upper, under = _ratio(a)
    lower, over = _ratio(b)
    if lower == 0:
        raise Fault("division_by_zero")
    return scaled(nearest(upper * over * 10**scale, under * lower), -scale)


def nearest(numerator: int, denominator: int) -> int:
    """Return the integer nearest to the fraction, halves away from zero. The only rounding there is."""
    if denominator == 0:
        raise Fault("division_by_zero")
    doubled, unit = 2 * abs(numerator), abs(denominator)
    size = (doubled + unit) // (2 * unit)
    return size if (numerator < 0) == (denominator < 0) else -size


def scaled(number: int | Decimal, power: int) -> Decimal:
    """Return `number × 10^power` exactly; a shift of the decimal point."""
    try:
        return _finite(EXACT.scaleb(EXACT.create_decimal(number), power), "scale")
    except decimal.DecimalException as error:
        raise Fault("not_exact", operation="scale") from error


def _finite(value: Decimal, operation: str) -> Decimal:
    if not value.is_finite():
        raise Fault("not_exact", operation=operation)
    return value


def _ratio(value: Decimal) -> tuple[int, int]:
    if not value.is_finite():
        raise Fault("not_exact", operation="divide")
    return value.as_integer_ratio()
