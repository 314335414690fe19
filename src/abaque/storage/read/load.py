"""How the platform keeps up, for those who watch it: what came, what waits, what is late."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from abaque.storage import hot

VERDICTS = ("accepted", "duplicate", "conflict", "rejected")
_MINUTE = timedelta(minutes=1)
_SETTLED = timedelta(hours=1)  # no request at the door takes longer: what is older is summed once
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Load:
    """Events by verdict since ever; accepted and metered in the last minute; what waits, and ages of the oldest."""

    verdicts: dict[str, int]
    accepted_last_minute: int
    metered_last_minute: int
    backlog: int
    lag: timedelta
    unsealed: timedelta
    holds: int
    findings: int
    oldest_job: timedelta


@dataclass(slots=True)
class _Sums:
    """Events by verdict received before a moment, kept so that a long history is not summed at each look."""

    until: datetime = _NEVER
    verdicts: tuple[int, ...] = (0, 0, 0, 0)


_sums = _Sums()


def load(now: datetime) -> Load:
    """Return the load at `now`, by the folder's clock; jobs wait by the real one."""
    row = hot.rows(_NOW, {"now": now, "minute": now - _MINUTE})[0]
    nothing = timedelta(0)
    return Load(
        _by_verdict(now),
        int(row[0]),
        metered_since(now - _MINUTE),
        int(row[1]),
        max(row[2] or nothing, nothing),
        max(row[3] or nothing, nothing),
        int(row[4]),
        int(row[5]),
        max(row[6] or nothing, nothing),
    )


def metered_since(moment: datetime) -> int:
    """Return how many events were metered since a moment not long ago.

    Metering goes in the order of arrival: only the newest metered requests are looked at.
    """
    return int(
        hot.rows(
            """
            SELECT coalesce(sum(accepted), 0) FROM (
                SELECT accepted, metered_at FROM intake WHERE metered_at IS NOT NULL ORDER BY id DESC LIMIT 20000
            ) newest WHERE metered_at > %s
            """,
            [moment],
        )[0][0]
    )


def _by_verdict(now: datetime) -> dict[str, int]:
    settled = now - _SETTLED
    if settled > _sums.until + _SETTLED:
        older = _summed(_sums.until, settled)
        _sums.verdicts = tuple(a + b for a, b in zip(_sums.verdicts, older, strict=True))
        _sums.until = settled
    newer = _summed(_sums.until, None)
    return {name: a + b for name, a, b in zip(VERDICTS, _sums.verdicts, newer, strict=True)}


def _summed(start: datetime, end: datetime | None) -> tuple[int, ...]:
    row = hot.rows(
        f"SELECT {', '.join(f'coalesce(sum({name}), 0)' for name in VERDICTS)} FROM intake"
        " WHERE received_at >= %(start)s AND (%(end)s::timestamptz IS NULL OR received_at < %(end)s)",
        {"start": start, "end": end},
    )[0]
    return tuple(int(value) for value in row)


_NOW = """
WITH waiting AS (SELECT sum(accepted) AS events, min(received_at) AS oldest
                 FROM intake WHERE metered_at IS NULL AND accepted > 0
                 AND (backfill_id IS NULL OR backfill_id IN (SELECT id FROM backfill WHERE state = 'closed')))
SELECT (SELECT coalesce(sum(accepted), 0) FROM intake WHERE received_at > %(minute)s),
       (SELECT coalesce(events, 0) FROM waiting),
       (SELECT %(now)s - oldest FROM waiting),
       (SELECT %(now)s - min(u.slot) FROM meter m
            CROSS JOIN LATERAL (SELECT max(hour) + interval '1 hour' AS until FROM hour WHERE meter_id = m.id) sealed
            CROSS JOIN LATERAL (SELECT min(slot) AS slot FROM usage
                                WHERE meter_id = m.id AND slot >= coalesce(sealed.until, '-infinity')) u),
       (SELECT count(*) FROM hold WHERE released_at IS NULL),
       (SELECT count(*) FROM finding WHERE closed_at IS NULL),
       (SELECT now() - min(coalesce(j.scheduled_at, e.at)) FROM procrastinate_jobs j
            JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
        WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now()))
"""
