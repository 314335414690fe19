from dataclasses import dataclass
from datetime import date, datetime, timedelta

from abaque.core.fault import Fault
from abaque.core.period import Schedule, Timeline, local_day, local_midnight, zone_at

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """From when to when a subscription runs, and the schedule that bills it. Instants in UTC.

    It owns whole local days: the day it starts from its midnight, and the day it ends, which is used, to the
    next midnight. Where another plan takes over, the day of the change is its own: `successor` is the instant from
    which it owns the time. An end exactly at a local midnight leaves the day before as the last. `anchor` is for
    charges with an interval of their own where the schedule, a list of dates, has none. Fault `ends_before_start`.
    """

    start: datetime
    end: datetime | None
    cycle: Schedule
    successor: datetime | None = None
    anchor: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise Fault("ends_before_start", start=self.start, end=self.end)

    @property
    def first(self) -> datetime:
        """The instant its metered span begins: the local midnight of the day it starts."""
        if self._turns_at(self.start):
            return self.start
        zone = zone_at(self.cycle, self.start)
        return local_midnight(local_day(self.start, zone), zone)

    @property
    def last(self) -> datetime | None:
        """The instant its metered span ends, exclusive; None while it runs on."""
        if self.end is None or self._turns_at(self.end):
            return self.end
        zone = zone_at(self.cycle, self.end - _MOMENT)
        last = local_midnight(local_day(self.end - _MOMENT, zone) + _DAY, zone)
        return last if self.successor is None else min(last, self.successor)

    def _turns_at(self, instant: datetime) -> bool:
        """Whether the customer's zone changes then: a day of one zone ends within a day of the other."""
        return isinstance(self.cycle, Timeline) and any(turn.starts == instant for turn in self.cycle.turns)
