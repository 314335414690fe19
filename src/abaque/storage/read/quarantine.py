"""What is quarantined, by its cause; what was set aside for good; what people did about an event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from abaque.storage import archived, hot
from abaque.storage.sql.archiving import BY_NUMBER
from abaque.storage.sql.judging import text
from abaque.storage.sql.metering import OPEN

#: How many quarantined fates are grouped by cause; what lies beyond is said to be there.
LOOKED_AT = 50_000
CAUSES_MAX = 200
#: How many events one action takes up.
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Cause:
    """What keeps events aside. Empty parts: any.

    `unknown_customer` goes by subject, `missing_value` and `bad_value` by meter and type, `future` by type;
    `target_is_void` and `too_late` have no parts.
    """

    reason: str
    meter: str = ""
    type: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Which:
    """Events by source and id, or those that a cause keeps aside."""

    events: tuple[tuple[str, str], ...] = ()
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class CauseLine:
    """A cause with how many events it keeps aside, the span of their times, and the last received of them."""

    cause: Cause
    events: int
    first: datetime
    last: datetime
    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """`bounded`: there is more than was looked at."""

    causes: tuple[CauseLine, ...]
    bounded: bool


@dataclass(frozen=True, slots=True)
class Dismissed:
    """An event that `by` set aside for good; `kept_by` is the reason it was quarantined for."""

    source: str
    id: str
    type: str
    subject: str
    time: datetime
    kept_by: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did about an event."""

    verb: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Picked:
    """A quarantined event, by its number and its identity."""

    seq: int
    time: datetime
    source: str
    id: str


# What was archived while it was quarantined stays so: nothing can settle it any more.
_ARCHIVED = "f.reason <> 'too_late' AND f.time < (SELECT max(ends_at) FROM archived_month)"
_HERE = f"{OPEN} AND ({_ARCHIVED}) IS NOT TRUE"
_REFUSED = "state IN ('refused', 'late') AND NOT EXISTS (SELECT FROM dismissal d WHERE d.seq = c.seq)"
#: What is quarantined and not set aside for good: number, time, reason, meter.
KEPT = f"""
    SELECT f.seq, f.time, f.reason, m.code AS meter FROM fate f JOIN meter m ON m.id = f.meter_id WHERE {_HERE}
    UNION ALL
    SELECT c.seq, c.time, CASE state WHEN 'late' THEN 'too_late' ELSE 'target_is_void' END, ''
    FROM correction c WHERE {_REFUSED}
"""
#: The numbers of the events that are quarantined, and not set aside for good.
OPEN_NUMBERS = f"SELECT f.seq FROM fate f WHERE {_HERE} UNION SELECT c.seq FROM correction c WHERE {_REFUSED}"

_CAUSES = f"""
WITH kept AS MATERIALIZED (SELECT * FROM ({KEPT}) k LIMIT %(most)s),
one AS (
    SELECT k.seq, k.time, k.reason, e.source, e.id,
           CASE WHEN k.reason IN ('missing_value', 'bad_value') THEN k.meter ELSE '' END AS meter,
           CASE WHEN k.reason IN ('missing_value', 'bad_value', 'future') THEN e.type ELSE '' END AS type,
           CASE WHEN k.reason = 'unknown_customer' THEN e.subject ELSE '' END AS subject
    FROM kept k JOIN event e ON e.seq = k.seq AND e.time = k.time
)
SELECT reason, meter, type, subject, count(DISTINCT seq), min(time), max(time),
       (array_agg(source ORDER BY seq DESC))[1], (array_agg(id ORDER BY seq DESC))[1],
       (SELECT count(*) >= %(most)s FROM kept)
FROM one GROUP BY reason, meter, type, subject
ORDER BY count(DISTINCT seq) DESC, reason, meter, type, subject LIMIT %(causes)s
"""


def quarantine() -> Quarantine:
    """Return what keeps events aside, what keeps most first."""
    found = hot.rows(_CAUSES, {"most": LOOKED_AT, "causes": CAUSES_MAX})
    lines = tuple(CauseLine(Cause(*row[:4]), *row[4:9]) for row in found)
    return Quarantine(lines, bounded=bool(found) and (bool(found[0][9]) or len(found) == CAUSES_MAX))


def open_count() -> int:
    """Return how many events are quarantined, and not set aside for good."""
    return int(hot.rows(f"SELECT count(*) FROM ({OPEN_NUMBERS}) o")[0][0])


def archived_count() -> int:
    """Return how many events were archived while they were quarantined, and will never count."""
    return int(hot.rows(f"SELECT count(DISTINCT f.seq) FROM fate f WHERE {OPEN} AND {_ARCHIVED}")[0][0])


def dismissed_count() -> int:
    """Return how many events were set aside for good."""
    return int(hot.rows("SELECT count(*) FROM dismissal")[0][0])


def picked(which: Which, *, limit: int = AT_ONCE) -> list[Picked]:
    """Return the quarantined ones of some events, in the order of arrival; one too many says that there is more."""
    cause = which.cause
    asked = {
        "sources": [source for source, _ in which.events],
        "ids": [identity for _, identity in which.events],
        "reason": cause.reason if cause else "",
        "meter": cause.meter if cause else "",
        "type": cause.type if cause else "",
        "subject": cause.subject if cause else "",
        "limit": limit + 1,
    }
    where = _OF_CAUSE if cause else _OF_IDENTITIES
    return [
        Picked(*row)
        for row in hot.rows(
            f"""
            SELECT DISTINCT k.seq, k.time, e.source, e.id FROM ({KEPT}) k
            JOIN event e ON e.seq = k.seq AND e.time = k.time WHERE {where} ORDER BY k.seq LIMIT %(limit)s
            """,
            asked,
        )
    ]


_OF_CAUSE = """
    k.reason = %(reason)s AND (%(meter)s = '' OR k.meter = %(meter)s) AND (%(type)s = '' OR e.type = %(type)s)
    AND (%(subject)s = '' OR e.subject = %(subject)s)
"""
#: Numbers of events by source and id: an amendment's own, and that of what it puts in its target's place.
NUMBERS_OF = """
    SELECT unnest(ARRAY[y.seq, c.stands_seq]) FROM unnest(%(sources)s::text[], %(ids)s::text[]) AS v(source, id)
    JOIN identity y ON y.source = v.source COLLATE "C" AND y.id = v.id COLLATE "C"
    LEFT JOIN correction c ON c.seq = y.seq
"""
_OF_IDENTITIES = f"k.seq IN ({NUMBERS_OF})"


def dismissed(*, offset: int, limit: int) -> list[Dismissed]:
    """Return what was set aside for good, the last first."""
    page = hot.rows(
        """
        SELECT d.seq, coalesce((SELECT min(f.time) FROM fate f WHERE f.seq = d.seq), c.time)
        FROM dismissal d LEFT JOIN correction c ON c.seq = d.seq
        ORDER BY d.at DESC, d.seq DESC OFFSET %(offset)s LIMIT %(limit)s
        """,
        {"offset": offset, "limit": limit},
    )
    found = hot.rows(
        f"""
        SELECT e.source, e.id, e.type, e.subject, e.time,
               coalesce((SELECT min(f.reason) FROM fate f WHERE f.seq = d.seq AND f.fate = 'quarantined'),
                        CASE c.state WHEN 'late' THEN 'too_late' ELSE 'target_is_void' END), d.reason, d.by, d.at
        FROM dismissal d JOIN ({BY_NUMBER}) e ON e.seq = d.seq LEFT JOIN correction c ON c.seq = d.seq
        ORDER BY d.at DESC, d.seq DESC
        """,
        archived.numbered(page),
    )
    return [Dismissed(*row) for row in found]


def dismissed_numbers(events: Sequence[tuple[str, str]]) -> list[int]:
    """Return the numbers of those events that were set aside for good."""
    asked = {"sources": [source for source, _ in events], "ids": [identity for _, identity in events]}
    return [row[0] for row in hot.rows(f"SELECT seq FROM dismissal WHERE seq IN ({NUMBERS_OF})", asked)]


def history(source: str, id_: str) -> list[Done]:
    """Return what people did about an event, the first first."""
    asked = {"sources": [source], "ids": [id_]}
    found = hot.rows(
        f"""
        SELECT a.verb, a.actor, a.reason, a.at FROM ({NUMBERS_OF}) AS n(seq)
        JOIN action a ON a.result ? 'events' AND a.result -> 'events' @> jsonb_build_array(n.seq)
        ORDER BY a.at, a.id
        """,
        asked,
    )
    return [Done(*row) for row in found]


def correctable(events: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Picked]:
    """Return those of some events that a correction may name: no voids, no amendments that wait, nothing archived.

    An amendment's number is that of what it put in its target's place.
    """
    found = hot.rows(
        """
        SELECT coalesce(c.stands_seq, y.seq), coalesce(c.stands_time, y.time), y.source, y.id
        FROM unnest(%(sources)s::text[], %(ids)s::text[]) AS v(source, id)
        JOIN identity y ON y.source = v.source COLLATE "C" AND y.id = v.id COLLATE "C"
        LEFT JOIN correction c ON c.seq = y.seq
        JOIN event e ON e.seq = coalesce(c.stands_seq, y.seq) AND e.time = coalesce(c.stands_time, y.time)
        WHERE NOT starts_with(e.type, 'abaque.')
        """,
        {"sources": [source for source, _ in events], "ids": [identity for _, identity in events]},
    )
    return {(row[2], row[3]): Picked(*row) for row in found}


def archived_of(events: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return those of some events that are archived, by their identities."""
    return [
        (source, id_)
        for source, id_ in hot.rows(
            """
            SELECT y.source, y.id FROM unnest(%(sources)s::text[], %(ids)s::text[]) AS v(source, id)
            JOIN identity y ON y.source = v.source COLLATE "C" AND y.id = v.id COLLATE "C"
            WHERE EXISTS (SELECT FROM archived_month m WHERE y.time >= m.starts_at AND y.time < m.ends_at)
              AND NOT EXISTS (SELECT FROM event e WHERE e.seq = y.seq AND e.time = y.time)
            """,
            {"sources": [source for source, _ in events], "ids": [id_ for _, id_ in events]},
        )
    ]


def amended_data(events: Sequence[Picked], changes: Mapping[str, str]) -> dict[int, str]:
    """Return the data of events as JSON text, by number, with attributes (by path) set to JSON values."""
    changed = "e.data"
    for place, path in enumerate(changes):
        changed = with_attribute(changed, path.split("."), f"%(value_{place})s::jsonb")
    found = hot.rows(
        f"""
        SELECT e.seq, ({changed})::text FROM unnest(%(seqs)s::bigint[], %(times)s::timestamptz[]) AS n(seq, time)
        JOIN event e ON e.seq = n.seq AND e.time = n.time
        """,
        {
            "seqs": [one.seq for one in events],
            "times": [one.time for one in events],
            **{f"value_{place}": value for place, value in enumerate(changes.values())},
        },
    )
    return dict(found)


def with_attribute(found: str, path: Sequence[str], value: str) -> str:
    """Return the SQL expression for `found` (jsonb) with what lies at a path set to `value`."""
    head, *rest = path
    inner = with_attribute(f"({found} -> {text(head)})", rest, value) if rest else value
    whole = f"CASE WHEN jsonb_typeof({found}) = 'object' THEN {found} ELSE '{{}}' END"
    return f"({whole} || jsonb_build_object({text(head)}, {inner}))"
