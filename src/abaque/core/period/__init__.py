"""Spans of time, local days, and the schedules that cut time into billing periods."""

from .cycle import Alignment, Cycle, Interval, Unit
from .dates import Dates, ListedDates, YearlyDates, dates
from .instant import parse_instant
from .local import check_zone, days_in, local_day, local_midnight
from .months import months_in
from .span import Span
from .timeline import Schedule, Timeline, change, zone_at

__all__ = [
    "Alignment",
    "Cycle",
    "Dates",
    "Interval",
    "ListedDates",
    "Schedule",
    "Span",
    "Timeline",
    "Unit",
    "YearlyDates",
    "change",
    "check_zone",
    "dates",
    "days_in",
    "local_day",
    "local_midnight",
    "months_in",
    "parse_instant",
    "zone_at",
]
