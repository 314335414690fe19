"""Who sends far less than usual: sources, types of events, customers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from abaque.core.metering import hour_of
from abaque.core.reconciling import Habit, Silence
from abaque.storage import hot
from abaque.storage.models import Meter

HABIT = Habit()
#: Who is silent beside so many others is no matter of its own.
MANY = 20
_HOUR = timedelta(hours=1)
#: A request that began in an hour has committed long before.
_SETTLED = timedelta(minutes=10)
_KEPT = HABIT.window + timedelta(weeks=HABIT.weeks + 1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A source, a type or a customer (its id) that is silent; of very many customers at once, one with no name."""

    kind: str
    silence: Silence


def quiet(now: datetime) -> tuple[int, list[Quiet]]:
    """Return how many names were looked at, and those that are silent, the largest habit of each kind first."""
    until = hour_of(now - _SETTLED)
    counts = _of_customers(now)
    note_arrivals(until)
    counts |= _of_senders(until)
    found: list[Quiet] = []
    for kind, names in counts.items():
        silences = HABIT.silences(names)
        if len(silences) > MANY:
            counted, usual = (sum(getattr(one, key) for one in silences) for key in ("counted", "usual"))
            silences = (Silence("", counted, usual),)
        found += [Quiet(kind, one) for one in silences]
    return sum(len(names) for names in counts.values()), found


def note_arrivals(until: datetime) -> None:
    """Note what was received per hour, source and type since the last time, up to an hour.

    Hours are noted whole and once, out of the events of their requests, so that the events are never counted
    through again. What is older than any habit looks back is forgotten.
    """
    oldest = until - _KEPT
    last: datetime | None = hot.rows("SELECT max(starts_at) FROM arrival")[0][0]
    start = oldest if last is None else max(oldest, last + _HOUR)
    if start < until:
        hot.run(_NOTE, {"start": start, "end": until})
        hot.run("DELETE FROM arrival WHERE starts_at < %s", [oldest])


def _of_senders(until: datetime) -> dict[str, dict[str, list[int]]]:
    windows = HABIT.windows(until)
    rows = hot.rows(
        _SENDERS, {"starts": [span.start for span in windows], "ends": [span.end for span in windows]}
    )
    return _by_name(rows)


def _of_customers(now: datetime) -> dict[str, dict[str, list[int]]]:
    """Count customers by when their events happened, as late as late events are waited for.

    So who sends a day's events the night after is not silent meanwhile. Only customers with a subscription count:
    who has left is expected to be silent. An event may count for several meters: the fullest tells how many came.
    """
    asked = [
        (meter, place, span.start, span.end)
        for meter, lateness in Meter.objects.values_list("pk", "lateness")
        for place, span in enumerate(HABIT.windows(hour_of(now - lateness)))
    ]
    names = ("meters", "places", "starts", "ends")
    columns = {name: [row[n] for row in asked] for n, name in enumerate(names)}
    return _by_name(hot.rows(_CUSTOMERS, {**columns, "now": now}))


def _by_name(rows: Iterable[tuple[str, str, int, int]]) -> dict[str, dict[str, list[int]]]:
    found: dict[str, dict[str, list[int]]] = {}
    for kind, name, place, events in rows:
        counts = found.setdefault(kind, {}).setdefault(name, [0] * (HABIT.weeks + 1))
        counts[place] = int(events)
    return found


_NOTE = """
INSERT INTO arrival (starts_at, kind, name, events)
SELECT hour, CASE WHEN source IS NULL THEN 'type' ELSE 'source' END, coalesce(source, type), events
FROM (
    SELECT date_bin('1 hour', i.received_at, timestamptz '2000-01-01 00:00+00') AS hour, e.source, e.type,
           count(*) AS events
    FROM intake i JOIN event e ON e.seq >= i.id << 20 AND e.seq < (i.id + 1) << 20 AND e.amends IS NULL
        AND e.time >= i.first_time AND e.time <= i.last_time
    WHERE i.received_at >= %(start)s AND i.received_at < %(end)s
    GROUP BY GROUPING SETS ((1, e.source), (1, e.type))
) arrived
ON CONFLICT DO NOTHING
"""

_SENDERS = """
SELECT a.kind, a.name, (w.place - 1)::int, sum(a.events)
FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY AS w(starts_at, ends_at, place)
JOIN arrival a ON a.starts_at >= w.starts_at AND a.starts_at < w.ends_at
GROUP BY 1, 2, 3
"""

_CUSTOMERS = """
SELECT 'customer', customer_id::text, place, max(events) FROM (
    SELECT u.customer_id, w.place, sum(u.events + u.not_billable) AS events
    FROM unnest(%(meters)s::bigint[], %(places)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
         AS w(meter_id, place, starts_at, ends_at)
    JOIN usage u ON u.meter_id = w.meter_id AND u.slot >= w.starts_at AND u.slot < w.ends_at
    WHERE EXISTS (
        SELECT FROM subscription s
        WHERE s.customer_id = u.customer_id AND s.starts_at <= %(now)s AND (s.ends_at IS NULL OR s.ends_at > %(now)s))
    GROUP BY u.customer_id, w.place, w.meter_id
) metered GROUP BY 2, 3
"""
