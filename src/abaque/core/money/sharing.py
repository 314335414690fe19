"""Splitting money so that nothing is lost: by weights, or by a part of a whole."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from abaque.core.fault import Fault

from .amount import Money
from .exact import nearest


def allocate(money: Money, weights: Sequence[Decimal | int]) -> tuple[Money, ...]:
    """Split by weights: the parts sum to the whole and each is within one minor unit of its exact share.

    Largest remainder; equal remainders are served from the left, a weight of zero gets nothing, and
    a refund splits as the charge did. Fault `bad_weights` if a weight is negative or all are zero.
    """
    exact = [_weight(weight) for weight in weights]
    whole = sum(exact, Fraction(0))
    if whole == 0:
        raise Fault("bad_weights", weights=tuple(weights))
    size = abs(money.minor)
    floors = [int(size * weight / whole) for weight in exact]
    remainders = [size * weight / whole - floor for weight, floor in zip(exact, floors, strict=True)]
    hungriest = sorted(range(len(exact)), key=lambda index: (-remainders[index], index))
    for index in hungriest[: size - sum(floors)]:
        floors[index] += 1
    sign = -1 if money.minor < 0 else 1
    assert sum(floors) == size
    return tuple(Money(sign * part, money.currency) for part in floors)


def cumulative_share(money: Money, begin: int, end: int, whole: int) -> Money:
    """Return what `[begin, end)` of `[0, whole)` costs: the rounded amount at `end` less that at `begin`.

    Adjoining parts therefore always sum to the whole, however it is cut. Days, seconds or any unit that
    counts in integers. Fault `bad_share` unless `0 ≤ begin ≤ end ≤ whole` and `whole > 0`.
    """
    return Money(share(money.minor, begin, end, whole), money.currency)


def share(amount: int, begin: int, end: int, whole: int) -> int:
    """Return the same for a bare integer, such as the units of an allowance."""
    if not 0 <= begin <= end <= whole or whole == 0:
        raise Fault("bad_share", begin=begin, end=end, whole=whole)
    return nearest(amount * end, whole) - nearest(amount * begin, whole)


def _weight(weight: Decimal | int) -> Fraction:
    if isinstance(weight, Decimal) and not weight.is_finite():
        raise Fault("bad_weights", weights=(weight,))
    exact = Fraction(weight)
    if exact < 0:
        raise Fault("bad_weights", weights=(weight,))
    return exact
