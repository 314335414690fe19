"""Events by what became of them, one event with all that is known of it, and types nobody counts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from abaque.storage import hot

#: The fates an event can show, in the order in which the first that holds is shown.
SHOWN = ("voided", "replaced", "quarantined", "waiting", "counted", "not_billable", "recorded", "applied")
#: What the page offers to choose from; `conflict` shows what was sent under a taken identity.
CHOICES = ("waiting", "counted", "not_billable", "quarantined", "recorded", "conflict")
COUNT_MAX = 10_000
_RARE = frozenset({"quarantined", "recorded"})


@dataclass(frozen=True, slots=True)
class EventLine:
    source: str
    id: str
    type: str
    subject: str
    customer: str
    customer_id: str
    time: datetime
    fate: str
    reason: str
    quantity: Decimal | None
    place: int


@dataclass(frozen=True, slots=True)
class EventFilter:
    """`customer`: public id; `[start, end)` is the event's time. All given must hold."""

    fate: str = ""
    type: str = ""
    customer: str = ""
    meter: str = ""
    reason: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordedType:
    """A type that no meter counts."""

    type: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class OneFate:
    """What one meter made of an event; `hour` and its state where it was counted."""

    meter: str
    definition: Mapping[str, Any]
    fate: str
    reason: str
    quantity: Decimal | None
    hour: datetime
    hour_state: str


@dataclass(frozen=True, slots=True)
class Billed:
    invoice: str
    number: str
    position: int
    names: Mapping[str, str]
    start: datetime
    end: datetime
    net: int
    currency: str


@dataclass(frozen=True, slots=True)
class OneEvent:
    source: str
    id: str
    type: str
    subject: str
    subscription: str
    time: datetime
    received_at: datetime
    raw: str
    fates: tuple[OneFate, ...]
    customer: str
    customer_id: str
    zone: str
    billed: tuple[Billed, ...]
    conflicts: tuple[tuple[datetime, str], ...]

    @property
    def fate(self) -> str:
        """The first that holds, as DESIGN orders them; `waiting` before any meter has looked."""
        held = {one.fate for one in self.fates} or {"waiting"}
        return next(fate for fate in SHOWN if fate in held)


def counts() -> dict[str, int]:
    """Return how many events show each fate, each counted up to 10,001 so that the page stays quick."""
    most = COUNT_MAX + 1
    found: dict[str, int] = {}
    for fate in ("counted", "not_billable", "quarantined", "recorded"):
        sql = "SELECT count(*) FROM (SELECT FROM fate WHERE fate = %s LIMIT %s) capped"
        found[fate] = int(hot.rows(sql, [fate, most])[0][0])
    found["waiting"] = int(
        hot.rows("SELECT coalesce(sum(accepted), 0) FROM intake WHERE metered_at IS NULL")[0][0]
    )
    found["conflict"] = int(
        hot.rows("SELECT count(*) FROM (SELECT FROM conflict LIMIT %s) capped", [most])[0][0]
    )
    found[""] = int(hot.rows("SELECT coalesce(sum(accepted), 0) FROM intake")[0][0])
    return found


def events(only: EventFilter, *, offset: int, limit: int) -> list[EventLine]:
    """Return events, the last received first; of those sent together, the latest first."""
    if only.fate == "conflict":
        return _conflicts(only, offset, limit)
    return [
        EventLine(*[*row[:8], row[8] or "", _number(row[9]), row[10]])
        for row in hot.rows(
            f"""
        SELECT e.source, e.id, e.type, e.subject, coalesce(nullif(c.legal_name, ''), c.external_id, ''),
               coalesce(c.public_id, ''), e.time, coalesce(f.fate, 'waiting'), f.reason, f.quantity, e.intake_id
        FROM (
            -- Put in order before anything is looked up, so that only the page itself is looked up.
            SELECT * FROM event e WHERE {" AND ".join(_of_event(only))}
            ORDER BY e.intake_id DESC, e.time DESC, e.source, e.id
        ) e
        LEFT JOIN LATERAL (
            SELECT * FROM fate f WHERE f.source = e.source AND f.id = e.id
               AND (%(meter)s = '' OR f.meter_id = (SELECT id FROM meter WHERE code = %(meter)s))
            ORDER BY array_position(%(shown)s, f.fate), f.meter_id LIMIT 1
        ) f ON true
        LEFT JOIN customer c ON c.id = coalesce(
            f.customer_id, (SELECT a.customer_id FROM alias a WHERE a.subject = e.subject LIMIT 1))
        WHERE {" AND ".join(_of_fate(only))}
        ORDER BY e.intake_id DESC, e.time DESC, e.source, e.id OFFSET %(offset)s LIMIT %(limit)s
        """,
            {
                "shown": list(SHOWN),
                "fate": only.fate,
                "type": only.type,
                "customer": only.customer,
                "meter": only.meter,
                "reason": only.reason,
                "start": only.start,
                "end": only.end,
                "offset": offset,
                "limit": limit,
            },
        )
    ]


def types(limit: int = 100) -> list[str]:
    """Return the types of events that meters name or that are recorded."""
    found = hot.rows(
        """
        SELECT DISTINCT unnest(event_types) FROM meter
        UNION SELECT DISTINCT e.type FROM fate f JOIN event e ON e.source = f.source AND e.id = f.id AND e.time = f.time
        WHERE f.fate = 'recorded' ORDER BY 1 LIMIT %s
        """,
        [limit],
    )
    return [row[0] for row in found]


def recorded(limit: int = 20) -> list[RecordedType]:
    """Return the types that no meter counts, the most frequent first."""
    found = hot.rows(
        """
        SELECT e.type, count(*), min(f.time), max(f.time)
        FROM fate f JOIN event e ON e.source = f.source AND e.id = f.id AND e.time = f.time
        WHERE f.fate = 'recorded' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s
        """,
        [limit],
    )
    return [RecordedType(*row) for row in found]


def sample_of(type_: str) -> Mapping[str, Any] | None:
    """Return the data of one recorded event of a type."""
    found = hot.rows(
        """
        SELECT e.data FROM fate f JOIN event e ON e.source = f.source AND e.id = f.id AND e.time = f.time
        WHERE f.fate = 'recorded' AND e.type = %s LIMIT 1
        """,
        [type_],
    )
    return _json(found[0][0]) if found else None


def one_event(source: str, id_: str) -> OneEvent | None:
    """Return an event by its identity."""
    found = hot.rows(
        """
        SELECT e.source, e.id, e.type, e.subject, coalesce(e.subscription, ''), e.time, e.received_at,
               jsonb_pretty(e.data),
               coalesce(nullif(c.legal_name, ''), c.external_id, ''), coalesce(c.public_id, ''), coalesce(c.zone, 'UTC')
        FROM identity y JOIN event e ON e.source = y.source AND e.id = y.id AND e.time = y.time
        LEFT JOIN customer c ON c.id = (
            SELECT a.customer_id FROM alias a
            WHERE a.subject = e.subject AND (a.valid_from IS NULL OR e.time >= a.valid_from)
               AND (a.valid_to IS NULL OR e.time < a.valid_to) LIMIT 1)
        WHERE y.source = %s AND y.id = %s
        """,
        [source, id_],
    )
    if not found:
        return None
    row = found[0]
    conflicts = hot.rows(
        "SELECT received_at, jsonb_pretty(event) FROM conflict WHERE source = %s AND id = %s ORDER BY received_at",
        [source, id_],
    )
    seen = tuple((at, content) for at, content in conflicts)
    return OneEvent(*[*row[:8], _fates(source, id_), *row[8:], _billed(source, id_), seen])


def _of_fate(only: EventFilter) -> list[str]:
    where = ["true"]
    if only.fate:
        where.append("coalesce(f.fate, 'waiting') = %(fate)s")
    if only.meter:
        where.append("f.meter_id IS NOT NULL")
    if only.reason:
        where.append("f.reason = %(reason)s")
    return where


def _of_event(only: EventFilter) -> list[str]:
    where = ["true"]
    if only.fate in _RARE:
        where.append(
            "EXISTS (SELECT FROM fate r WHERE r.fate = %(fate)s AND r.source = e.source AND r.id = e.id)"
        )
    if only.fate == "waiting":
        where.append("e.intake_id IN (SELECT id FROM intake WHERE metered_at IS NULL)")
    if only.type:
        where.append("e.type = %(type)s")
    if only.customer:
        where.append(
            "e.subject IN (SELECT a.subject FROM alias a JOIN customer k ON k.id = a.customer_id"
            " WHERE k.public_id = %(customer)s)"
        )
    if only.start is not None:
        where.append("e.time >= %(start)s")
    if only.end is not None:
        where.append("e.time < %(end)s")
    return where


def _conflicts(only: EventFilter, offset: int, limit: int) -> list[EventLine]:
    found = hot.rows(
        """
        SELECT k.source, k.id, coalesce(k.event ->> 'type', ''), coalesce(k.event ->> 'subject', ''),
               coalesce(nullif(c.legal_name, ''), c.external_id, ''), coalesce(c.public_id, ''), k.received_at
        FROM conflict k LEFT JOIN customer c ON c.id = (
            SELECT a.customer_id FROM alias a WHERE a.subject = k.event ->> 'subject' LIMIT 1)
        WHERE (%(type)s = '' OR k.event ->> 'type' = %(type)s) AND (%(customer)s = '' OR c.public_id = %(customer)s)
        ORDER BY k.received_at DESC, k.source, k.id OFFSET %(offset)s LIMIT %(limit)s
        """,
        {"type": only.type, "customer": only.customer, "offset": offset, "limit": limit},
    )
    return [EventLine(*[*row, "conflict", "same_identity", None, 0]) for row in found]


def _fates(source: str, id_: str) -> tuple[OneFate, ...]:
    found = hot.rows(
        """
        SELECT coalesce(m.code, ''), coalesce(m.definition, '{}'), f.fate, coalesce(f.reason, ''), f.quantity,
               date_bin('1 hour', f.slot, timestamptz '2000-01-01 00:00:00+00'),
               CASE WHEN s.parts IS NULL THEN 'open' WHEN s.verified THEN 'verified'
                    WHEN s.consistent THEN 'consistent' ELSE 'sealed' END
        FROM fate f LEFT JOIN meter m ON m.id = f.meter_id
        LEFT JOIN LATERAL (
            SELECT nullif(count(*), 0) AS parts, bool_and(h.verified_at IS NOT NULL) AS verified,
                   bool_and(h.consistent_at IS NOT NULL) AS consistent
            FROM hour h WHERE h.meter_id = f.meter_id
               AND h.hour = date_bin('1 hour', f.slot, timestamptz '2000-01-01 00:00:00+00')
        ) s ON true
        WHERE f.source = %s AND f.id = %s ORDER BY m.code
        """,
        [source, id_],
    )
    return tuple(
        OneFate(code, _json(definition), fate, reason, _number(quantity), hour, state)
        for code, definition, fate, reason, quantity, hour, state in found
    )


def _billed(source: str, id_: str) -> tuple[Billed, ...]:
    found = hot.rows(
        """
        SELECT i.public_id, coalesce(i.number, ''), l.position, l.names, l.span_start, l.span_end, l.net, i.currency
        FROM fate f JOIN meter m ON m.id = f.meter_id
        JOIN invoice_line l ON l.meter = m.code AND l.span_start <= f.slot AND l.span_end > f.slot
        JOIN invoice i ON i.id = l.invoice_id AND i.customer_id = f.customer_id
        WHERE f.source = %s AND f.id = %s AND f.fate = 'counted' ORDER BY i.id, l.position
        """,
        [source, id_],
    )
    return tuple(Billed(*[*row[:3], _json(row[3]), *row[4:]]) for row in found)


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _json(text: object) -> Mapping[str, Any]:
    """Return a JSON object; numbers never become floats."""
    return dict(json.loads(str(text), parse_float=Decimal))
