from datetime import date, datetime

from abaque.core.fault import Fault

from .local import local_day, local_midnight
from .span import Span

_MONTHS = 12
# Its month would end in the year 10000.
_LAST = date.max.replace(day=1)


def months_in(span: Span, zone: str) -> tuple[tuple[int, int, Span], ...]:
    """Return the local calendar months a span touches, as (year, month, the part of the span in it).

    Law: the parts tile the span, none is empty, each month comes once. Faults `unknown_zone`,
    `date_out_of_range` in the last month of the calendar.
    """
    found: list[tuple[int, int, Span]] = []
    start: datetime = span.start
    while start < span.end:
        day = local_day(start, zone)
        if day >= _LAST:
            raise Fault("date_out_of_range", date=day)
        years, month = divmod(day.month, _MONTHS)
        end = min(span.end, local_midnight(date(day.year + years, month + 1, 1), zone))
        found.append((day.year, day.month, Span(start, end)))
        start = end
    return tuple(found)
