"""Spans of time, local days, and the cycles that cut time into billing periods."""

from .cycle import Alignment, Cycle, Interval, Unit
from .instant import parse_instant
from .local import check_zone, days_in, local_day, local_midnight
from .span import Span

__all__ = [
    "Alignment",
    "Cycle",
    "Interval",
    "Span",
    "Unit",
    "check_zone",
    "days_in",
    "local_day",
    "local_midnight",
    "parse_instant",
]
