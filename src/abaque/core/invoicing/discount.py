"""Discounts: a percentage or a fixed amount off the net of lines, before tax.

Law: discounts apply in order, each on what the previous left. Negative lines are not discounted, and a
discount never makes a line or the sum of the lines negative. What a fixed amount cannot use is forfeited.
A percentage is rounded once, on the sum of the lines it is taken off, so that it is exact on the total; the
lines share it by what is left of them.

Source: Directive 2006/112 art. 79 (b): discounts granted at the time of the supply are no part of the taxable
amount. EN 16931 BG-27: the allowances of a line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Money, nearest

from .line import Line
from .reduction import Reduced, Reduction, Scope, scoped, take

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Discount:
    """So many per cent, or so much, off the lines of some charges (None: of all).

    `times`: how many invoices it still reduces, None for ever. Faults `percent_over_100`, `bad_discount` (neither
    or both of percentage and amount, none above zero, no times left).
    """

    code: str
    percent: Decimal | None = None
    amount: Money | None = None
    times: int | None = None
    charges: Scope = None

    def __post_init__(self) -> None:
        amount = None if self.amount is None else Decimal(self.amount.minor)
        if (self.percent is None) is (amount is None) or not _above_zero(self.percent or amount):
            raise Fault("bad_discount", discount=self.code)
        if self.times is not None and self.times < 1:
            raise Fault("bad_discount", discount=self.code)
        if self.percent is not None and self.percent > _HUNDRED:
            raise Fault("percent_over_100", percent=self.percent)


def apply_discounts(lines: Sequence[Line], discounts: Sequence[Discount]) -> tuple[Reduced, ...]:
    """Return the lines with what each discount took off them. Fault `currencies_meet` for a foreign amount."""
    lefts = [line.net.minor for line in lines]
    charges = [line.charge for line in lines]
    taken: list[list[Reduction]] = [[] for _ in lines]
    for discount in discounts:
        open_ = scoped(charges, lefts, discount.charges)
        within = [index for index in open_ if not lines[index].discounted]
        if not within:
            continue
        currency = lines[within[0]].net.currency
        wanted = _wanted(discount, Money(sum([lefts[index] for index in within]), currency))
        for index, part in take(lefts, within, wanted):
            taken[index].append(Reduction(discount.code, Money(part, currency)))
    return tuple(
        Reduced(line, tuple(reductions), Money(left, line.net.currency) if reductions else line.net)
        for line, reductions, left in zip(lines, taken, lefts, strict=True)
    )


def discounts_left(discounts: Sequence[Discount], lines: Sequence[Reduced]) -> tuple[Discount, ...]:
    """Return the discounts of the next invoice: those that reduced this one have one time less.

    A discount that took nothing off keeps its times.
    """
    used = {reduction.code for line in lines for reduction in line.reductions}
    left = []
    for discount in discounts:
        if discount.times is None or discount.code not in used:
            left.append(discount)
        elif discount.times > 1:
            left.append(replace(discount, times=discount.times - 1))
    return tuple(left)


def _above_zero(size: Decimal | None) -> bool:
    return size is not None and size.is_finite() and size > 0


def _wanted(discount: Discount, base: Money) -> int:
    if discount.amount is not None:
        return min(discount.amount, base).minor
    assert discount.percent is not None
    upper, lower = discount.percent.as_integer_ratio()
    return nearest(base.minor * upper, lower * _HUNDRED)
