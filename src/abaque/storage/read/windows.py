"""How a span is cut into windows, each beginning where the one before ends."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from abaque.core.fault import Fault
from abaque.core.metering import slot_of
from abaque.core.period import Alignment, Cycle, Interval, Span, Unit, check_zone, local_day

WINDOWS_MAX = 2000
_HOUR = timedelta(hours=1)


class Window(StrEnum):
    """A window of a zone's own calendar: its hours, days from midnight, weeks from Monday (ISO 8601), months."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def boundaries(
    start: datetime, end: datetime, window: Window | None, zone: str, *, slots: bool = True
) -> list[datetime]:
    """Return where windows begin, and at last where the last one ends; the outer two are cut by the span.

    `slots`: the span begins and ends on quarter hours, by which usage is kept. Faults `empty_span`,
    `not_a_quarter_hour`, `span_reversed`, `too_many_windows`, `unknown_zone`, `date_out_of_range`.
    """
    check_zone(zone)
    span = Span(start, end)
    if span.empty:
        raise Fault("empty_span", start=start, end=end)
    for instant in (span.start, span.end) if slots else ():
        if slot_of(instant) != instant:
            raise Fault("not_a_quarter_hour", instant=instant)
    found = [span.start]
    for boundary in takewhile(lambda each: each < span.end, _after(span.start, window, zone)):
        # A day that was never lived begins where the next one does.
        if boundary > found[-1]:
            found.append(boundary)
        if len(found) > WINDOWS_MAX:
            raise Fault("too_many_windows", most=WINDOWS_MAX)
    return [*found, span.end]


def _after(start: datetime, window: Window | None, zone: str) -> Iterator[datetime]:
    """Yield where windows begin after an instant, for ever. Fault `date_out_of_range` where the calendar ends."""
    if window is None:
        return
    if window is Window.HOUR:
        yield from _hours(start, ZoneInfo(zone))
    cycle = Cycle(local_day(start, zone), Interval(Unit(window.value)), zone, Alignment.CALENDAR)
    index = cycle.index_of(start)
    while True:
        index += 1
        yield cycle.boundary(index)


def _hours(moment: datetime, place: ZoneInfo) -> Iterator[datetime]:
    """Yield the local full hours after an instant: those of UTC, unless the zone is off by part of an hour."""
    try:
        while True:
            local = moment.astimezone(place)
            past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            moment += _HOUR - past
            yield moment
    except OverflowError:
        raise Fault("date_out_of_range", date=moment.date()) from None
