"""Local days: where they begin, which one an instant belongs to, how many a span has.

A local day begins at the first instant whose local date is that day or later, and ends where the next one
begins. So days tile time whatever a zone does: where midnight is skipped the day begins after the gap, where
it is repeated at the first of the two, and a day that was never lived (Pacific/Apia, 30 December 2011)
lasts no time and counts as none.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from abaque.core.fault import Fault

from .span import Span

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
# No zone has ever jumped by more than one day.
_REACH = int(timedelta(days=2).total_seconds())
# What lies beside the zones where they are installed: the machine's own, none at all, copies of all of them,
# those of `right/` with leap seconds.
_NO_ZONES = frozenset({"localtime", "posixrules", "Factory"})
_COPIES = ("posix/", "right/")


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """Return the IANA zone of that name. Fault `unknown_zone`; the machine's own zone has no name here."""
    if name in _NO_ZONES or name.startswith(_COPIES):
        raise Fault("unknown_zone", zone=name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Fault("unknown_zone", zone=name) from None


def check_zone(name: str) -> str:
    """Return the name if it is an IANA zone. Fault `unknown_zone`."""
    zone_named(name)
    return name


@lru_cache(maxsize=65536)
def local_midnight(day: date, zone: str) -> datetime:
    """Return the first instant of that local day, in UTC. Faults `unknown_zone`, `date_out_of_range`."""
    place = zone_named(zone)
    wall = datetime.combine(day, time(), tzinfo=place)
    try:
        guess = wall.astimezone(UTC)
        if guess.astimezone(place).replace(tzinfo=None) == wall.replace(tzinfo=None):
            return guess
        return _after_gap(day, place, guess)
    except OverflowError:
        raise Fault("date_out_of_range", date=day) from None


def local_day(instant: datetime, zone: str) -> date:
    """Return the local day the instant belongs to. Faults `unknown_zone`, `date_out_of_range`."""
    place = zone_named(zone)
    try:
        day = instant.astimezone(place).date()
        following = day + _DAY
    except OverflowError:
        raise Fault("date_out_of_range", date=instant.date()) from None
    # A clock set back across midnight shows yesterday's date again, but today has begun.
    return following if local_midnight(following, zone) <= instant else day


@lru_cache(maxsize=65536)
def days_in(span: Span, zone: str) -> int:
    """Return how many local days the span touches; days that were never lived do not count.

    Faults `unknown_zone`, `date_out_of_range`.
    """
    if span.empty:
        return 0
    first, last = local_day(span.start, zone), local_day(span.end - _MOMENT, zone)
    days = [first + _DAY * number for number in range((last - first).days + 1)]
    return sum(1 for day in days if local_midnight(day, zone) < local_midnight(day + _DAY, zone))


def _after_gap(day: date, place: ZoneInfo, guess: datetime) -> datetime:
    """Search the second at which the local date first reaches the day whose midnight was skipped."""
    before, after = -_REACH, _REACH
    while after - before > 1:
        middle = (before + after) // 2
        if (guess + timedelta(seconds=middle)).astimezone(place).date() >= day:
            after = middle
        else:
            before = middle
    return guess + timedelta(seconds=after)
