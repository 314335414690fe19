from dataclasses import dataclass
from datetime import date, datetime, timedelta

from abaque.core.fault import Fault
from abaque.core.period import Schedule, local_day, local_midnight

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """From when to when a subscription runs, and the schedule that bills it. Instants in UTC.

    It owns whole local days: the day it starts from its midnight, and the day it ends, which is used, to the
    next midnight. Where another plan takes over (`succeeded`), the day of the change is the successor's.
    An end exactly at a local midnight leaves the day before as the last. `anchor` is for charges with an
    interval of their own where the schedule, a list of dates, has none. Fault `ends_before_start`.
    """

    start: datetime
    end: datetime | None
    cycle: Schedule
    succeeded: bool = False
    anchor: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise Fault("ends_before_start", start=self.start, end=self.end)

    @property
    def first(self) -> datetime:
        """The instant its metered span begins: the local midnight of the day it starts."""
        return local_midnight(local_day(self.start, self.cycle.zone), self.cycle.zone)

    @property
    def last(self) -> datetime | None:
        """The instant its metered span ends, exclusive; None while it runs on."""
        if self.end is None:
            return None
        zone = self.cycle.zone
        if self.succeeded:
            return local_midnight(local_day(self.end, zone), zone)
        return local_midnight(local_day(self.end - _MOMENT, zone) + _DAY, zone)
