"""Billing cycles: boundaries counted from a stored anchor, never from the boundary before."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from abaque.core.fault import Fault

from .local import local_day, local_midnight
from .span import Span

_MONTHS = 12
_WEEK = 7


class Unit(StrEnum):
    """What an interval counts: local days, weeks, months or years."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Alignment(StrEnum):
    """Where periods begin: on the day of the anchor, or on the calendar's own first day."""

    ANNIVERSARY = "anniversary"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Interval:
    """`count` units of the calendar: a month, a fortnight, ninety days. Fault `bad_interval`."""

    unit: Unit
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise Fault("bad_interval", count=self.count)


@dataclass(frozen=True, slots=True)
class Cycle:
    """Billing periods of one interval in one zone, anchored at a local day.

    Anniversary: period 0 begins on the anchor; an anchor on the 31st gives 28 February, then 31 March.
    Calendar: period 0 contains the anchor and begins on its day, Monday, first of the month or 1 January;
    intervals of months that divide the year follow it: quarters begin in January, April, July, October.
    Faults `unknown_zone`, `date_out_of_range`.
    """

    anchor: date
    interval: Interval
    zone: str
    alignment: Alignment = Alignment.ANNIVERSARY

    def boundary(self, n: int) -> datetime:
        """Return the instant period `n` begins, in UTC. Periods before the anchor are negative."""
        return local_midnight(self.day(n), self.zone)

    def day(self, n: int) -> date:
        """Return the local day on which period `n` begins."""
        base, steps = self._base(), n * self.interval.count
        try:
            match self.interval.unit:
                case Unit.DAY:
                    return base + timedelta(days=steps)
                case Unit.WEEK:
                    return base + timedelta(weeks=steps)
                case Unit.MONTH:
                    return _months_after(base, steps)
                case Unit.YEAR:
                    return _months_after(base, steps * _MONTHS)
        except (OverflowError, ValueError):
            raise Fault("date_out_of_range", anchor=self.anchor, period=n) from None

    def period(self, n: int) -> Span:
        """Return period `n`. Periods tile time: each ends where the next begins."""
        return Span(self.boundary(n), self.boundary(n + 1))

    def index_of(self, instant: datetime) -> int:
        """Return the number of the period the instant lies in."""
        n = self._at_most(local_day(instant, self.zone))
        while self.boundary(n) > instant:
            n -= 1
        return n

    def _base(self) -> date:
        if self.alignment is Alignment.ANNIVERSARY:
            return self.anchor
        match self.interval.unit:
            case Unit.DAY:
                return self.anchor
            case Unit.WEEK:
                return self.anchor - timedelta(days=self.anchor.weekday())
            case Unit.MONTH:
                count = self.interval.count
                past = (self.anchor.month - 1) % count if _MONTHS % count == 0 else 0
                return self.anchor.replace(month=self.anchor.month - past, day=1)
            case Unit.YEAR:
                return self.anchor.replace(month=1, day=1)

    def _at_most(self, day: date) -> int:
        """Return the number of the last period that could hold the day, by its month alone."""
        base, count = self._base(), self.interval.count
        months = (day.year - base.year) * _MONTHS + day.month - base.month
        match self.interval.unit:
            case Unit.DAY:
                return (day - base).days // count
            case Unit.WEEK:
                return (day - base).days // (_WEEK * count)
            case Unit.MONTH:
                return months // count
            case Unit.YEAR:
                return months // (_MONTHS * count)


def _months_after(base: date, months: int) -> date:
    year, month = divmod(base.year * _MONTHS + base.month - 1 + months, _MONTHS)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    return date(year, month + 1, min(base.day, monthrange(year, month + 1)[1]))
