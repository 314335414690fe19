"""Control totals: which ones a product has promised by when, and whether what it states is what we count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from abaque.core.metering import hour_of
from abaque.core.money import multiply, subtract
from abaque.core.period import Alignment, Cycle, Interval, Span, Unit, check_zone

_HUNDRED = Decimal(100)
_HOUR = timedelta(hours=1)
#: Days and months are counted from here; any first of a month would do.
_ANCHOR = date(2000, 1, 1)


class Grain(StrEnum):
    """How long a span each total is stated for."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Whose(StrEnum):
    """Whether one total is stated for all customers together, or one for each."""

    ALL = "all"
    CUSTOMER = "customer"


class TotalState(StrEnum):
    """What is known of one promised total."""

    WAITING = "waiting"
    MISSING = "missing"
    AGREES = "agrees"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Totals:
    """What a meter's product promises to state: a total per grain, `deadline` after the grain's end at the latest.

    Hours are UTC; days and months are those of `zone`. `tolerance` is in per cent of the stated total.
    Fault `unknown_zone`.
    """

    grain: Grain
    deadline: timedelta = timedelta(hours=6)
    tolerance: Decimal = Decimal(0)
    per: Whose = Whose.ALL
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_zone(self.zone)

    def due(self, span: Span) -> datetime:
        """Return when the total of a span is missing if it was not stated by then."""
        return span.end + self.deadline

    def promised(self, since: datetime, until: datetime) -> tuple[Span, ...]:
        """Return the spans that have ended by `until`, from the one `since` lies in on, oldest first.

        Law: they adjoin, none is empty, the first contains `since`, and a later `until` only adds to their end.
        """
        if self.grain is Grain.HOUR:
            return tuple(_hours(since, until))
        cycle = Cycle(_ANCHOR, Interval(Unit(self.grain.value)), self.zone, Alignment.CALENDAR)
        found: list[Span] = []
        number = cycle.index_of(since)
        while (span := cycle.period(number)).end <= until:
            # A day that was never lived lasts no time: nothing is promised for it.
            found += [] if span.empty else [span]
            number += 1
        return tuple(found)

    def overdue(self, since: datetime, now: datetime) -> tuple[Span, ...]:
        """Return the promised spans whose deadline is over."""
        return self.promised(since, now - self.deadline)


def agree(ours: Decimal, stated: Decimal, tolerance: Decimal) -> bool:
    """Return whether what we count is what is stated, within a tolerance in per cent of the stated total."""
    return multiply(subtract(ours, stated).copy_abs(), _HUNDRED) <= multiply(stated.copy_abs(), tolerance)


def total_state(
    ours: Decimal, stated: Decimal | None, *, tolerance: Decimal, due: datetime, now: datetime
) -> TotalState:
    """Return what is known of a promised total. One that was never stated is missing, never equal, once it is due."""
    if stated is None:
        return TotalState.MISSING if now >= due else TotalState.WAITING
    return TotalState.AGREES if agree(ours, stated, tolerance) else TotalState.DIFFERS


def stretches(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join spans that adjoin, so that a feed that fails for days is one thing to look at.

    `spans` in the order of time, without overlap. Law: what they cover stays the same, and no two of the result
    adjoin.
    """
    found: list[Span] = []
    for span in spans:
        if found and found[-1].end == span.start:
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
    return tuple(found)


def _hours(since: datetime, until: datetime) -> Iterable[Span]:
    start = hour_of(since)
    while start + _HOUR <= until:
        yield Span(start, start + _HOUR)
        start += _HOUR
