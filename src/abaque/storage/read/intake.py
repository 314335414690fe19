"""How the entrance keeps up: rate, lag, backlog."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from abaque.storage import hot
from abaque.storage.read.quarantine import OPEN_NUMBERS

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Intake:
    """`per_minute`: events accepted in the last minute; `lag`: the age of the oldest that is not metered.

    `today` and `duplicates` count since local midnight; `sealed_until` is where the least sealed meter stands.
    """

    per_minute: int
    lag: timedelta
    backlog: int
    today: int
    duplicates: int
    quarantined: int
    sealed_until: datetime | None

    @property
    def late(self) -> bool:
        return self.lag > timedelta(seconds=10)


def intake(now: datetime, midnight: datetime) -> Intake | None:
    """Return how the entrance keeps up; None before the first event."""
    if not ever():
        return None
    row = hot.rows(
        f"""
        SELECT (SELECT coalesce(sum(accepted), 0) FROM intake WHERE received_at > %(minute)s),
               (SELECT min(received_at) FROM intake WHERE metered_at IS NULL AND accepted > 0
                AND (backfill_id IS NULL OR backfill_id IN (SELECT id FROM backfill WHERE state = 'closed'))),
               (SELECT coalesce(sum(accepted), 0) FROM intake WHERE metered_at IS NULL
                AND (backfill_id IS NULL OR backfill_id IN (SELECT id FROM backfill WHERE state = 'closed'))),
               (SELECT coalesce(sum(accepted), 0) FROM intake WHERE received_at >= %(midnight)s),
               (SELECT coalesce(sum(duplicate), 0) FROM intake WHERE received_at >= %(midnight)s),
               (SELECT count(*) FROM ({OPEN_NUMBERS}) o),
               (SELECT min(until) + interval '1 hour' FROM (
                    SELECT max(hour) AS until FROM hour
                    WHERE meter_id IS NOT NULL GROUP BY meter_id) sealed)
        """,
        {"minute": now - _MINUTE, "midnight": midnight},
    )[0]
    lag = now - row[1] if row[1] is not None else timedelta(0)
    return Intake(
        int(row[0]), max(lag, timedelta(0)), int(row[2]), int(row[3]), int(row[4]), int(row[5]), row[6]
    )


def ever() -> bool:
    """Whether any event ever came."""
    return bool(hot.rows("SELECT EXISTS (SELECT FROM intake WHERE accepted > 0)")[0][0])
