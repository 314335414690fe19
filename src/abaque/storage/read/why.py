"""Why an event is billed, or not: what its fate alone does not tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from abaque.storage import archived, hot
from abaque.storage.read.quarantine import NUMBERS_OF
from abaque.storage.sql.archiving import BY_NUMBER


@dataclass(frozen=True, slots=True)
class Attempt:
    """The operation an event is a further attempt at, and the event that counts."""

    operation: str
    source: str
    id: str


@dataclass(frozen=True, slots=True)
class StruckBy:
    """The correction that took an event back, or replaced it, and the reason it gives."""

    source: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Aside:
    """Who set an event aside for good, why and when."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Why:
    """What there is to say of an event. `attempts` by the meter's code.

    `data` is what meters judged, as JSON text: of an amendment, what it put in its target's place.
    """

    attempts: Mapping[str, Attempt]
    struck: StruckBy | None
    aside: Aside | None
    data: str


def why(source: str, id_: str) -> Why:
    """Return what there is to say of an event, by its identity."""
    asked = {"sources": [source], "ids": [id_]}
    attempts = hot.rows(
        f"""
        SELECT m.code, f.operation, o.source, o.id FROM fate f JOIN meter m ON m.id = f.meter_id
        JOIN operation o ON o.customer_id = f.customer_id AND o.meter_id = f.meter_id AND o.operation = f.operation
        WHERE f.reason = 'attempt' AND f.seq IN ({NUMBERS_OF})
        """,
        asked,
    )
    struck = hot.rows(
        f"""
        SELECT s.by_source, s.by_id, y.seq, y.time FROM struck s
        JOIN identity y ON y.source = s.by_source AND y.id = s.by_id WHERE s.seq IN ({NUMBERS_OF}) LIMIT 1
        """,
        asked,
    )
    reasons = hot.rows(
        f"SELECT coalesce(data ->> 'reason', '') FROM ({BY_NUMBER}) e",
        archived.numbered([row[2:] for row in struck]),
    )
    aside = hot.rows(f"SELECT reason, by, at FROM dismissal WHERE seq IN ({NUMBERS_OF}) LIMIT 1", asked)
    data = hot.rows(
        f"SELECT data::text FROM ({BY_NUMBER}) e ORDER BY amends NULLS LAST LIMIT 1",
        archived.numbered(hot.rows(_NUMBERED, {"source": source, "id": id_})),
    )
    return Why(
        {code: Attempt(*row) for code, *row in attempts},
        StruckBy(*struck[0][:2], *reasons[0]) if reasons else None,
        Aside(*aside[0]) if aside else None,
        str(data[0][0]) if data else "{}",
    )


# Numbers and times of an event: its own, and of an amendment also those of what it put in its target's place.
_NUMBERED = """
SELECT v.* FROM identity y LEFT JOIN correction c ON c.seq = y.seq
CROSS JOIN LATERAL (VALUES (y.seq, y.time), (c.stands_seq, c.stands_time)) AS v(seq, time)
WHERE y.source = %(source)s AND y.id = %(id)s AND v.seq IS NOT NULL
"""
