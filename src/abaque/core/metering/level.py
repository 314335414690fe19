"""Levels and sets over a span of time: what was carried in, for how long, on how many days."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from abaque.core.money import divide
from abaque.core.period import Span, days_in, local_day, local_midnight, months_in

from .fold import SlotUsage, combine, value
from .mark import Mark, level_after, levels_held, members_after
from .meter import Aggregate, Empty, Meter, Per

_FINE = 12
_DAY, _MOMENT = timedelta(days=1), timedelta(microseconds=1)
_LENGTH = {
    Per.SECOND: timedelta(seconds=1),
    Per.MINUTE: timedelta(minutes=1),
    Per.HOUR: timedelta(hours=1),
    Per.DAY: _DAY,
}
_MAY_BE_EMPTY = {Aggregate.AVERAGE, Aggregate.MIN, Aggregate.MAX, Aggregate.LATEST}


def value_in(
    meter: Meter,
    within: SlotUsage,
    span: Span,
    *,
    before: SlotUsage | None = None,
    period: Span | None = None,
    zone: str = "UTC",
) -> Decimal | None:
    """Return the usage of a span, `within` being the state of its events.

    `before` is the state of the events whose level, or members, the span begins with: the earlier ones of its
    period, and those of the periods before if the meter carries. A share of days is of the days of `period`
    (None: the span itself); shares and weighted times are exact and rounded once, to twelve fractional digits.
    None for the average, lowest, highest or latest of nothing where the meter says so. The highest and lowest
    of a level that events change are of all it was at within the span, what it began with included.
    """
    carried = before.marks if before is not None else frozenset()
    if meter.aggregate in _MAY_BE_EMPTY and not within.count and not carried:
        return None if meter.empty is Empty.NONE else Decimal(0)
    marks = sorted(within.marks)
    match meter.aggregate:
        case Aggregate.TIME_WEIGHTED:
            return _decimal(weighted(marks, level_after(carried) or Decimal(0), span, meter.per, zone))
        case Aggregate.LATEST | Aggregate.UNIQUE if meter.prorate_days:
            present = _members_by_day if meter.aggregate is Aggregate.UNIQUE else _level_by_day
            shares = sum(present(marks, carried, span, zone), Fraction(0))
            return _decimal(shares * Fraction(1, max(1, days_in(period or span, zone))))
        case Aggregate.MAX | Aggregate.MIN if meter.of_changes:
            levels = levels_held(marks, level_after(carried) or Decimal(0), span.start)
            return max(levels) if meter.aggregate is Aggregate.MAX else min(levels)
        case Aggregate.MAX | Aggregate.MIN if carried:
            level = level_after(carried)
            return value(
                combine(meter.aggregate, (within, SlotUsage(meter.aggregate, peak=level, trough=level)))
            )
        case Aggregate.LATEST | Aggregate.UNIQUE if carried:
            return value(SlotUsage(meter.aggregate, marks=within.marks | carried))
        case _:
            return value(within)


def weighted(marks: list[Mark], level: Decimal, span: Span, per: Per, zone: str) -> Fraction:
    """Return the sum of each level times how long it held within the span, in units of `per`.

    `marks` are those of the span, in order; `level` is what holds at its start. Law: adjoining spans add up,
    if the second begins with the level the first ended with.
    """
    whole, at = Fraction(0), span.start
    for mark in marks:
        whole += Fraction(level) * _length(Span(at, mark.time), per, zone)
        at, level = mark.time, mark.after(level)
    return whole + Fraction(level) * _length(Span(at, span.end), per, zone)


def _length(span: Span, per: Per, zone: str) -> Fraction:
    if per is not Per.MONTH:
        return Fraction((span.end - span.start) // _MOMENT, _LENGTH[per] // _MOMENT)
    return sum((_share_of_month(part, zone) for _, _, part in months_in(span, zone)), Fraction(0))


def _share_of_month(part: Span, zone: str) -> Fraction:
    first = local_day(part.start, zone).replace(day=1)
    start = local_midnight(first, zone)
    end = local_midnight((first + 31 * _DAY).replace(day=1), zone)
    return Fraction((part.end - part.start) // _MOMENT, (end - start) // _MOMENT)


def _level_by_day(marks: list[Mark], carried: frozenset[Mark], span: Span, zone: str) -> Iterator[Fraction]:
    """Yield for each local day the level it ends with."""
    level = level_after(carried) or Decimal(0)
    for day in _by_day(marks, span, zone):
        for mark in day:
            level = mark.after(level)
        yield Fraction(level)


def _members_by_day(marks: list[Mark], carried: frozenset[Mark], span: Span, zone: str) -> Iterator[Fraction]:
    """Yield for each local day how many members were there at any moment of it: the last day is used."""
    there: set[str | None] = set(members_after(carried))
    for day in _by_day(marks, span, zone):
        yield Fraction(len(there | {mark.member for mark in day if mark.quantity > 0}))
        for mark in day:
            (there.add if mark.quantity > 0 else there.discard)(mark.member)


def _by_day(marks: list[Mark], span: Span, zone: str) -> Iterator[list[Mark]]:
    """Yield the marks of each local day of the span; days that were never lived are left out."""
    at, next_mark = span.start, 0
    while at < span.end:
        end = local_midnight(local_day(at, zone) + _DAY, zone)
        first = next_mark
        while next_mark < len(marks) and marks[next_mark].time < end:
            next_mark += 1
        yield marks[first:next_mark]
        at = end


def _decimal(exact: Fraction) -> Decimal:
    return divide(Decimal(exact.numerator), Decimal(exact.denominator), scale=_FINE)
