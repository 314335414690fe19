from datetime import date, datetime

from .local import local_day, local_midnight
from .span import Span

_MONTHS = 12


def months_in(span: Span, zone: str) -> tuple[tuple[int, int, Span], ...]:
    """Return the local calendar months a span touches, as (year, month, the part of the span in it).

    Law: the parts tile the span, none is empty, each month comes once. Fault `unknown_zone`.
    """
    found: list[tuple[int, int, Span]] = []
    start: datetime = span.start
    while start < span.end:
        day = local_day(start, zone)
        years, month = divmod(day.month, _MONTHS)
        end = min(span.end, local_midnight(date(day.year + years, month + 1, 1), zone))
        found.append((day.year, day.month, Span(start, end)))
        start = end
    return tuple(found)
