"""What a meter would have counted of the events that came: judged as the meter would, nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from abaque.storage import hot
from abaque.storage.sql.metering import PLACED, Published, judged

#: How many events of a type are judged.
LOOKED_AT = 20_000
ROWS_MAX = 50
_SAMPLE_MAX = 500
_QUANTITY = {
    "count": "count(*)::numeric",
    "sum": "sum(j.quantity)",
    "max": "max(j.quantity)",
    "unique": "count(DISTINCT j.value)::numeric",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A customer's figure in a month: its place among the bounds asked for; `group`: a JSON array of words."""

    month: int
    customer: str
    customer_id: str
    group: str
    events: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Preview:
    """What a meter would have counted.

    `words`: events by `counted`, `attempt`, or the reason why they would not count. `bounded`: there are more
    events than were judged; `more`: more rows than are shown.
    """

    rows: tuple[Counted, ...]
    words: Mapping[str, int]
    bounded: bool
    more: bool


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a sample of events: in how many, and how many values it has."""

    name: str
    events: int
    values: int
    numeric: bool
    words: tuple[str, ...]


def span_of(type_: str) -> tuple[datetime, datetime] | None:
    """Return the times of the first and the last recorded event of a type; None where none is recorded."""
    found = hot.rows("SELECT first_time, last_time FROM recorded_type WHERE type = %s", [type_])
    return found[0] if found else None


def attributes(type_: str) -> list[Attribute]:
    """Return the attributes of some recorded events of a type, by name; of those in objects, none."""
    found = hot.rows(
        """
        SELECT a.name, count(*), count(DISTINCT a.value), bool_and(abaque_number(a.value) IS NOT NULL),
               (array_agg(DISTINCT abaque_word(a.value)) FILTER (WHERE abaque_word(a.value) IS NOT NULL))[1:6]
        FROM (SELECT e.data FROM recorded_type r
              JOIN event e ON e.type = r.type AND e.time >= r.first_time AND e.time <= r.last_time
              WHERE r.type = %s LIMIT %s) s, jsonb_each(s.data) AS a(name, value)
        WHERE a.value <> 'null' GROUP BY a.name ORDER BY a.name
        """,
        [type_, _SAMPLE_MAX],
    )
    return [Attribute(row[0], int(row[1]), int(row[2]), bool(row[3]), tuple(row[4] or ())) for row in found]


def would_count(definition: Mapping[str, Any], bounds: Sequence[datetime], *, far: datetime) -> Preview:
    """Judge up to 20,000 events of the meter's types between the bounds, which part months.

    What lies beyond `far` would not count yet. An operation counts by its earliest success.
    """
    meter = Published(0, "", definition)
    ctes = _JUDGED.format(
        types=meter.types, placed=PLACED.format(events="SELECT * FROM sample"), judged=judged([meter])
    )
    asked = {"bounds": list(bounds), "start": bounds[0], "end": bounds[-1], "most": LOOKED_AT, "far": far}
    words = hot.rows(f"{ctes} {_WORDS}", asked)
    quantity = _QUANTITY[definition["aggregate"]]
    rows = hot.rows(f"{ctes} {_ROWS.format(quantity=quantity)}", asked | {"rows": ROWS_MAX + 1})
    judged_events = sum(count for _, count in words)
    return Preview(
        tuple(Counted(*row) for row in rows[:ROWS_MAX]),
        {word: int(count) for word, count in words},
        bounded=judged_events >= LOOKED_AT,
        more=len(rows) > ROWS_MAX,
    )


_JUDGED = """
WITH sample AS MATERIALIZED (
    SELECT e.* FROM event e WHERE e.type IN ({types}) AND e.time >= %(start)s AND e.time < %(end)s
       AND NOT EXISTS (SELECT FROM struck s WHERE s.seq = e.seq) LIMIT %(most)s
),
e AS MATERIALIZED ({placed}),
judged AS MATERIALIZED ({judged}),
told AS (
    SELECT j.*, CASE WHEN j.word IS NOT NULL THEN j.word
                     WHEN j.operation IS NOT NULL AND row_number() OVER (
                         PARTITION BY j.customer_id, j.operation, j.word ORDER BY e.time, e.source, e.id) > 1
                     THEN 'attempt' ELSE 'counted' END AS said
    FROM judged j JOIN e USING (seq)
)
"""
_WORDS = "SELECT said, count(*) FROM told GROUP BY said ORDER BY count(*) DESC, said"
_ROWS = """
SELECT width_bucket(j.time, %(bounds)s::timestamptz[]) - 1 AS month,
       coalesce(nullif(c.legal_name, ''), c.external_id), c.public_id, j.grp, count(*), {quantity}
FROM told j JOIN customer c ON c.id = j.customer_id WHERE j.said = 'counted'
GROUP BY month, c.id, j.grp ORDER BY month DESC, 6 DESC, 2, j.grp LIMIT %(rows)s
"""
