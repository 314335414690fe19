"""Billing on a list of days: the same days of every year, or calendar dates and no others."""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from abaque.core.fault import Fault

from .local import local_day, local_midnight
from .span import Span

# A leap year: it has every day a list may name, and it is the year in which period 0 begins.
_ORIGIN = 2000
_FEBRUARY, _LAST, _LEAP = 2, 28, 29


@dataclass(frozen=True, slots=True)
class YearlyDates:
    """Billing periods that begin on the same days of every year, each given as (month, day).

    Period 0 begins on the first of the days in 2000. 29 February is the 28th in a common year.
    Law: periods tile time for ever, and as many begin in each year as there are days in the list.
    Faults `bad_dates` (none, not in order, no such day, 28 and 29 February both), `unknown_zone`.
    """

    days: tuple[tuple[int, int], ...]
    zone: str

    def __post_init__(self) -> None:
        try:
            common = [_in_year(_ORIGIN + 1, *day) for day in self.days]
            for month, day in self.days:
                date(_ORIGIN, month, day)
        except ValueError:
            raise Fault("bad_dates", dates=self.days) from None
        _check_order(common)

    def boundary(self, n: int) -> datetime:
        """Return the instant period `n` begins, in UTC."""
        return local_midnight(self.day(n), self.zone)

    def day(self, n: int) -> date:
        """Return the local day on which period `n` begins. Fault `date_out_of_range`."""
        years, place = divmod(n, len(self.days))
        try:
            return _in_year(_ORIGIN + years, *self.days[place])
        except (ValueError, OverflowError):
            raise Fault("date_out_of_range", period=n) from None

    def period(self, n: int) -> Span:
        """Return period `n`. Periods tile time: each ends where the next begins."""
        return Span(self.boundary(n), self.boundary(n + 1))

    def index_of(self, instant: datetime) -> int:
        """Return the number of the period the instant lies in."""
        day = local_day(instant, self.zone)
        begun = sum(_in_year(day.year, *each) <= day for each in self.days)
        return (day.year - _ORIGIN) * len(self.days) + begun - 1


@dataclass(frozen=True, slots=True)
class ListedDates:
    """Billing periods between calendar dates: period 0 begins on the first, the last ends on the last.

    Law: as many periods as gaps between the dates, which they tile. Faults `bad_dates` (fewer than two, or
    not in order), `date_out_of_range` for what lies before the first or after the last, `unknown_zone`.
    """

    days: tuple[date, ...]
    zone: str

    def __post_init__(self) -> None:
        if len(self.days) == 1:
            raise Fault("bad_dates", dates=self.days)
        _check_order(self.days)

    def boundary(self, n: int) -> datetime:
        """Return the instant period `n` begins, in UTC; the number after the last is where that ends."""
        return local_midnight(self.day(n), self.zone)

    def day(self, n: int) -> date:
        """Return the local day on which period `n` begins. Fault `date_out_of_range`."""
        if not 0 <= n < len(self.days):
            raise Fault("date_out_of_range", period=n)
        return self.days[n]

    def period(self, n: int) -> Span:
        """Return period `n`. Fault `date_out_of_range`."""
        return Span(self.boundary(n), self.boundary(n + 1))

    def index_of(self, instant: datetime) -> int:
        """Return the number of the period the instant lies in. Fault `date_out_of_range`."""
        day = local_day(instant, self.zone)
        if not self.days[0] <= day < self.days[-1]:
            raise Fault("date_out_of_range", date=day)
        return sum(begun <= day for begun in self.days) - 1


Dates = YearlyDates | ListedDates


def dates(days: tuple[tuple[int, int], ...] | tuple[date, ...], zone: str) -> Dates:
    """Return the schedule of a plan's list of days: (month, day) of every year, or calendar dates."""
    listed = tuple(day for day in days if isinstance(day, date))
    if listed:
        return ListedDates(listed, zone)
    return YearlyDates(tuple(day for day in days if not isinstance(day, date)), zone)


def _in_year(year: int, month: int, day: int) -> date:
    shifted = (month, day) == (_FEBRUARY, _LEAP) and not isleap(year)
    return date(year, month, _LAST if shifted else day)


def _check_order(days: tuple[date, ...] | list[date]) -> None:
    if not days or any(day >= later for day, later in pairwise(days)):
        raise Fault("bad_dates", dates=tuple(days))
