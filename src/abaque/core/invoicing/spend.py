"""Spend of a plan: what a period must come to at least and at most, and commitments trued up at their end.

Law: billed + true-up = the greater of billed and committed; billed less what goes beyond a maximum = the lesser
of both. Parts of a commitment sum to it, however the time is cut. All of it net of tax, after the prices of the
charges and before discounts.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from abaque.core.money import Money, cumulative_share, total
from abaque.core.period import Span, days_in
from abaque.core.pricing import Step
from abaque.core.tax import Rate

from .discount import Discount
from .line import Line

MINIMUM, MAXIMUM, TRUE_UP = "minimum", "maximum", "true_up"


def prorated(committed: Money, part: Span, whole: Span, zone: str) -> Money:
    """Return what a part of an interval must come to, by local days. Fault `bad_share` outside the interval."""
    days = [days_in(Span(whole.start, instant), zone) for instant in (part.start, part.end, whole.end)]
    return cumulative_share(committed, *days)


def minimum_line(lines: Sequence[Line], minimum: Money, rate: Rate, span: Span) -> Line | None:
    """Return the line that brings a period to its minimum spend, None if it is reached."""
    return _missing(MINIMUM, (line.net for line in lines), minimum, rate, span)


def true_up_line(billed: Iterable[Money], committed: Money, rate: Rate, span: Span) -> Line | None:
    """Return the line that brings what was billed in an interval to what was committed, None if it is reached."""
    return _missing(TRUE_UP, billed, committed, rate, span)


def maximum_discount(lines: Sequence[Line], maximum: Money) -> Discount | None:
    """Return the discount of all that goes beyond a period's maximum spend, None if nothing does.

    It comes before every other discount, and comes off each line by what the line holds.
    """
    over = total((line.net for line in lines), maximum.currency) - maximum
    return Discount(MAXIMUM, amount=over, times=1) if over.minor > 0 else None


def _missing(kind: str, billed: Iterable[Money], wanted: Money, rate: Rate, span: Span) -> Line | None:
    there = total(billed, wanted.currency)
    short = wanted - there
    if short.minor <= 0:
        return None
    raised = Step("minimum", Decimal(0), wanted.decimal(), short.decimal())
    return Line(kind, Decimal(1), short.decimal(), short, rate, span, (raised,))
