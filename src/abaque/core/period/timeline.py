"""Billing that changes its anchor, interval, alignment or zone on the way: schedules one after the other.

The rule of a change: the running period ends on the day it would have ended, at the midnight of the new zone;
from there on the new schedule's boundaries hold. What lies between that day and the new schedule's next
boundary is a period of its own if it lasts half of the new schedule's period or more; otherwise the running
period is lengthened by it. So no invoice ever has a line for a sliver of time. A zone change that would leave
the running period less than half its length (days of Honolulu continued in Auckland) lets it run on to the
next boundary.

A change *at once* cuts at the local midnight of its day, and a remainder too short to stand alone is joined to
the period after the cut instead. Within half a day of its start the running period is replaced as a whole.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .cycle import Cycle
from .dates import ListedDates, YearlyDates
from .local import local_day, local_midnight
from .span import Span

_HALF_DAY = timedelta(hours=12)

Steady = Cycle | YearlyDates | ListedDates


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a timeline goes over to another schedule: its period `number` begins on `day`, at `starts`.

    The period after it begins at the schedule's boundary `index + 1`.
    """

    number: int
    day: date
    starts: datetime
    schedule: Steady
    index: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Billing periods of one schedule, and from each turn on of another. Numbers run on through the turns.

    Law: periods tile time whatever changes, none is empty or overlaps, and what had begun before a change
    begins where it did. Faults: those of its schedules.
    """

    first: Steady
    turns: tuple[Turn, ...] = ()

    @property
    def zone(self) -> str:
        """The zone of the latest schedule."""
        return self.turns[-1].schedule.zone if self.turns else self.first.zone

    def boundary(self, n: int) -> datetime:
        """Return the instant period `n` begins, in UTC."""
        turn = self._turn(n)
        if turn is None:
            return self.first.boundary(n)
        return turn.starts if n == turn.number else turn.schedule.boundary(turn.index + n - turn.number)

    def day(self, n: int) -> date:
        """Return the local day on which period `n` begins."""
        turn = self._turn(n)
        if turn is None:
            return self.first.day(n)
        return turn.day if n == turn.number else turn.schedule.day(turn.index + n - turn.number)

    def period(self, n: int) -> Span:
        """Return period `n`. Periods tile time: each ends where the next begins."""
        return Span(self.boundary(n), self.boundary(n + 1))

    def index_of(self, instant: datetime) -> int:
        """Return the number of the period the instant lies in."""
        begun = sum(turn.starts <= instant for turn in self.turns)
        if begun < len(self.turns):
            last = self.turns[begun].number - 1
            # It may be lengthened beyond the boundary its own schedule gives it, and beyond the last listed date.
            if self.boundary(last) <= instant:
                return last
        if begun == 0:
            return self.first.index_of(instant)
        turn = self.turns[begun - 1]
        return max(turn.number, turn.schedule.index_of(instant) - turn.index + turn.number)

    def _turn(self, n: int) -> Turn | None:
        begun = sum(turn.number <= n for turn in self.turns)
        return self.turns[begun - 1] if begun else None


Schedule = Cycle | YearlyDates | ListedDates | Timeline


def zone_at(schedule: Schedule, instant: datetime) -> str:
    """Return the zone of the period the instant lies in."""
    if not isinstance(schedule, Timeline):
        return schedule.zone
    begun = schedule.index_of(instant)
    turns = [turn for turn in schedule.turns if turn.number <= begun]
    return turns[-1].schedule.zone if turns else schedule.first.zone


def change(timeline: Timeline, schedule: Steady, at: datetime, *, at_once: bool = False) -> Timeline:
    """Return the timeline with another schedule from the end of the period that runs `at`, or at once.

    A change that was made before and has not begun yet is forgotten. Faults: those of the schedules.
    """
    running = timeline.index_of(at)
    turn = _cut(timeline, schedule, at, running) if at_once else _after(timeline, schedule, at, running)
    return Timeline(timeline.first, (*_before(timeline, turn.number), turn))


def _after(timeline: Timeline, schedule: Steady, at: datetime, running: int) -> Turn:
    """Turn at the end of the running period."""
    unchanged = Timeline(timeline.first, _before(timeline, running + 1))
    lengthened = unchanged.boundary(running + 1) <= at
    period = (timeline if lengthened else unchanged).period(running)
    day = (timeline if lengthened else unchanged).day(running + 1)
    starts = local_midnight(day, schedule.zone)
    index = schedule.index_of(starts)
    too_early = 2 * (starts - period.start) < period.end - period.start
    if too_early or _short(starts, schedule.period(index)):
        index += 1
        day, starts = schedule.day(index), schedule.boundary(index)
    return Turn(running + 1, day, starts, schedule, index)


def _cut(timeline: Timeline, schedule: Steady, at: datetime, running: int) -> Turn:
    """Turn at the local midnight of the day of the change."""
    number, day = running + 1, local_day(at, schedule.zone)
    starts = local_midnight(day, schedule.zone)
    if starts - timeline.boundary(running) < _HALF_DAY:
        number, day, starts = running, timeline.day(running), timeline.boundary(running)
    index = schedule.index_of(starts)
    return Turn(number, day, starts, schedule, index + _short(starts, schedule.period(index)))


def _before(timeline: Timeline, number: int) -> tuple[Turn, ...]:
    return tuple(turn for turn in timeline.turns if turn.number < number)


def _short(starts: datetime, whole: Span) -> bool:
    """Return whether what is left of a period is less than half of it."""
    return 2 * (whole.end - starts) < whole.end - whole.start
