"""Events by what became of them, one event with all that is known of it, and types nobody counts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from abaque.storage import archived, hot
from abaque.storage.read.fates import EventFate, fates_of, published
from abaque.storage.read.quarantine import KEPT, OPEN_NUMBERS
from abaque.storage.sql.archiving import BY_NUMBER
from abaque.storage.sql.metering import PLACE_BITS

#: The fates an event can show, in the order in which the first that holds is shown.
SHOWN = ("voided", "replaced", "quarantined", "waiting", "counted", "not_billable", "recorded", "applied")
#: What the page offers to choose from; `dismissed` is quarantined, and set aside for good by a person; `conflict`
#: shows what was sent under a taken identity.
CHOICES = (
    "waiting",
    "counted",
    "not_billable",
    "quarantined",
    "dismissed",
    "recorded",
    "voided",
    "replaced",
    "applied",
    "conflict",
)
COUNT_MAX = 10_000
#: How many events are looked through, newest first, for those whose fate follows only from their meters.
LOOKED_THROUGH = 50_000
_AT_ONCE = 2_000


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
    """`customer`: public id; `id`, `source`, `subject`: exactly; `[start, end)` is the event's time. All must hold."""

    fate: str = ""
    type: str = ""
    customer: str = ""
    meter: str = ""
    reason: str = ""
    id: str = ""
    source: str = ""
    subject: str = ""
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
    meter: str


@dataclass(frozen=True, slots=True)
class Correcting:
    """A correction of an event, or by it: `kind` void or amend, `state` as stored."""

    kind: str
    state: str
    source: str
    id: str
    target_source: str
    target_id: str
    reason: str


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
    corrections: tuple[Correcting, ...]

    @property
    def archived(self) -> bool:
        """Whether its month is archived, so that nothing changes it any more."""
        return self.time < archived.until()

    @property
    def fate(self) -> str:
        """The first that holds, as DESIGN orders them; `waiting` before any meter has looked."""
        held = {one.fate for one in self.fates} or {"waiting"}
        return next(fate for fate in SHOWN if fate in held)


def counts() -> dict[str, int]:
    """Return how many events show each fate, where that is known without looking at each of them.

    `counted` and `not_billable` count events per meter; what is listed is counted up to 10,001 only.
    """
    row = hot.rows(
        """
        SELECT coalesce(sum(events), 0), coalesce(sum(not_billable), 0) FROM usage
        """
    )[0]
    found = {"counted": int(row[0]), "not_billable": int(row[1])}
    for fate, sql in _CAPPED.items():
        found[fate] = int(hot.rows(f"SELECT count(*) FROM ({sql} LIMIT %s) capped", [COUNT_MAX + 1])[0][0])
    sums = hot.rows(
        "SELECT coalesce(sum(accepted) FILTER (WHERE metered_at IS NULL), 0), coalesce(sum(accepted), 0) FROM intake"
    )[0]
    return found | {"waiting": int(sums[0]), "": int(sums[1])}


_CAPPED = {
    "quarantined": OPEN_NUMBERS,
    "dismissed": "SELECT FROM dismissal",
    "voided": "SELECT FROM struck WHERE fate = 'voided'",
    "replaced": "SELECT FROM struck WHERE fate = 'replaced'",
    "applied": "SELECT FROM correction WHERE state = 'applied'",
    "conflict": "SELECT FROM conflict",
    "recorded": "SELECT FROM recorded_type r, generate_series(1, r.events)",
}


def archived_until() -> datetime | None:
    """Return the time before which events are archived, and not listed; None while none are."""
    months = archived.months()
    return months[-1].ends_at if months else None


def events(only: EventFilter, *, offset: int, limit: int) -> list[EventLine]:
    """Return events, the last received first; of those sent together, the last first.

    Where a fate follows only from the meters, the newest 50,000 events are looked through for it.
    """
    if only.fate == "conflict":
        return _conflicts(only, offset, limit)
    found: list[EventLine] = []
    last = 1 << 62
    for _ in range(0, LOOKED_THROUGH, _AT_ONCE):
        some = hot.rows(_some(only), _asked(only) | {"last": last, "limit": _AT_ONCE})
        if not some:
            break
        last = some[-1][0]
        fates = fates_of([(row[0], row[6]) for row in some])
        found += [
            _line(row, shown)
            for row in some
            if (shown := _shown(fates.get(row[0], ()), only, aside=row[8])) is not None
        ]
        if len(found) >= offset + limit:
            break
    return found[offset : offset + limit]


def shown_fate(fates: Sequence[EventFate]) -> EventFate | None:
    """Return the fate an event shows: the first that holds, as DESIGN orders them."""
    return min(fates, key=lambda one: SHOWN.index(one.fate), default=None)


def _shown(fates: Sequence[EventFate], only: EventFilter, *, aside: bool) -> EventFate | None:
    mine = [one for one in fates if not only.meter or one.meter == only.meter]
    shown = shown_fate(mine)
    if aside and shown is not None and shown.fate == "quarantined":
        shown = replace(shown, fate="dismissed")
    if (
        shown is None
        or (only.fate and shown.fate != only.fate)
        or (only.reason and shown.reason != only.reason)
    ):
        return None
    return shown


def _line(row: hot.Row, shown: EventFate) -> EventLine:
    seq, source, identity, type_, subject, customer, time, public, _ = row
    return EventLine(
        source,
        identity,
        type_,
        subject,
        customer,
        public,
        time,
        shown.fate,
        shown.reason,
        shown.quantity,
        seq,
    )


def _asked(only: EventFilter) -> dict[str, Any]:
    return {
        "type": only.type,
        "customer": only.customer,
        "reason": only.reason,
        "id": only.id,
        "source": only.source,
        "subject": only.subject,
        "fate": only.fate,
        "start": only.start,
        "end": only.end,
        "known": sorted({one for meter in published() for one in meter.definition["event_types"]}),
        "of_meter": [one for m in published() if m.code == only.meter for one in m.definition["event_types"]],
    }


def _some(only: EventFilter) -> str:
    """Return the query for the next events that may match, newest first: what is rare is found by its index."""
    return f"""
SELECT e.seq, e.source, e.id, e.type, e.subject, coalesce(nullif(c.legal_name, ''), c.external_id, ''), e.time,
       coalesce(c.public_id, ''), EXISTS (SELECT FROM dismissal d WHERE d.seq = e.seq)
FROM (
    SELECT * FROM event e WHERE e.seq < %(last)s AND {" AND ".join(_where(only))} ORDER BY e.seq DESC LIMIT %(limit)s
) e
LEFT JOIN customer c ON c.id = (
    SELECT a.customer_id FROM alias a
    WHERE a.subject = e.subject AND abaque_holds(a.valid_from, a.valid_to, e.time) LIMIT 1)
ORDER BY e.seq DESC"""


def _where(only: EventFilter) -> list[str]:
    where = ["true"]
    if rare := _RARE.get(only.fate):
        where.append(rare)
    elif only.reason in {"failure", "attempt"}:
        where.append("e.seq IN (SELECT seq FROM fate WHERE fate = 'not_billable' AND reason = %(reason)s)")
    if only.meter:
        where.append("e.type = ANY (%(of_meter)s)")
    # An id leads to the event's number, and to that of what an amendment puts in its target's place.
    given = (
        (only.type, "e.type = %(type)s"),
        (only.id, _OF_ID),
        (only.source, "e.source = %(source)s"),
        (only.subject, "e.subject = %(subject)s"),
        (only.customer, _OF_CUSTOMER),
        (only.start, "e.time >= %(start)s"),
        (only.end, "e.time < %(end)s"),
    )
    return where + [test for value, test in given if value]


_OF_ID = """e.seq IN (SELECT unnest(ARRAY[y.seq, c.stands_seq]) FROM identity y LEFT JOIN correction c ON c.seq = y.seq
                     WHERE y.id = %(id)s)"""
_OF_CUSTOMER = """e.subject IN (SELECT a.subject FROM alias a JOIN customer k ON k.id = a.customer_id
                              WHERE k.public_id = %(customer)s)"""


_RARE = {
    "quarantined": f"e.seq IN (SELECT k.seq FROM ({KEPT}) k WHERE %(reason)s IN ('', k.reason))",
    "dismissed": "e.seq IN (SELECT seq FROM dismissal)",
    "voided": "e.seq IN (SELECT seq FROM struck WHERE fate = 'voided')",
    "replaced": "e.seq IN (SELECT seq FROM struck WHERE fate = 'replaced')",
    "applied": "e.seq IN (SELECT seq FROM correction)",
    "recorded": "NOT e.type = ANY (%(known)s) AND NOT starts_with(e.type, 'abaque.')",
    "waiting": f"(e.seq >> {PLACE_BITS} IN (SELECT id FROM intake WHERE metered_at IS NULL)"
    " OR e.seq IN (SELECT seq FROM correction WHERE state IN ('new', 'waiting', 'ready')))",
}


def types(limit: int = 100) -> list[str]:
    """Return the types of events that meters name or that are recorded."""
    found = hot.rows(
        "SELECT DISTINCT unnest(event_types) FROM meter UNION SELECT type FROM recorded_type ORDER BY 1 LIMIT %s",
        [limit],
    )
    return [row[0] for row in found]


def recorded(limit: int = 20) -> list[RecordedType]:
    """Return the types that no meter counts, the most frequent first."""
    found = hot.rows(
        "SELECT type, events, first_time, last_time FROM recorded_type ORDER BY events DESC, type LIMIT %s",
        [limit],
    )
    return [RecordedType(*row) for row in found]


def sample_of(type_: str) -> Mapping[str, Any] | None:
    """Return the data of one recorded event of a type."""
    found = hot.rows(
        """
        SELECT e.data FROM recorded_type r
        JOIN event e ON e.type = r.type AND e.time >= r.first_time AND e.time <= r.last_time
        WHERE r.type = %s LIMIT 1
        """,
        [type_],
    )
    return _json(found[0][0]) if found else None


def one_event(source: str, id_: str) -> OneEvent | None:
    """Return an event by its identity, from the archive where its month is archived."""
    number = hot.rows("SELECT seq, time FROM identity WHERE source = %s AND id = %s", [source, id_])
    found = hot.rows(
        f"""
        SELECT e.seq, e.source, e.id, e.type, e.subject, coalesce(e.subscription, ''), e.time, e.received_at,
               jsonb_pretty(e.data),
               coalesce(nullif(c.legal_name, ''), c.external_id, ''), coalesce(c.public_id, ''), coalesce(c.zone, 'UTC')
        FROM ({BY_NUMBER}) e
        LEFT JOIN customer c ON c.id = (
            SELECT a.customer_id FROM alias a
            WHERE a.subject = e.subject AND abaque_holds(a.valid_from, a.valid_to, e.time) LIMIT 1)
        """,
        archived.numbered(number),
    )
    if not found:
        return None
    seq, *row = found[0]
    conflicts = hot.rows(
        "SELECT received_at, jsonb_pretty(event) FROM conflict WHERE source = %s AND id = %s ORDER BY received_at",
        [source, id_],
    )
    seen = tuple((at, content) for at, content in conflicts)
    fates = _all_fates(seq, row[5])
    told = tuple(map(_told, fates))
    return OneEvent(*[*row[:8], told, *row[8:], _billed(fates), seen, _corrections(source, id_)])


def _all_fates(seq: int, time: datetime) -> list[EventFate]:
    """Return an event's fates; for an amendment, also those of what it puts in the target's place."""
    stands = hot.rows(
        "SELECT stands_seq, stands_time FROM correction WHERE seq = %s AND stands_seq IS NOT NULL", [seq]
    )
    found = fates_of([(seq, time), *stands])
    return [one for number in (seq, *(row[0] for row in stands)) for one in found.get(number, ())]


def _told(one: EventFate) -> OneFate:
    definition, state = _NOTHING, "open"
    hour = one.slot.replace(minute=0)
    if one.meter:
        definition, state = hot.rows(_METER_AND_STATE, {"meter": one.meter, "hour": hour})[0]
    return OneFate(one.meter, _json(definition), one.fate, one.reason, one.quantity, hour, state)


_NOTHING = "{}"
_METER_AND_STATE = """
SELECT m.definition, CASE WHEN s.parts IS NULL THEN 'open' WHEN s.verified THEN 'verified'
                          WHEN s.consistent THEN 'consistent' ELSE 'sealed' END
FROM meter m, LATERAL (
    SELECT nullif(count(*), 0) AS parts, bool_and(h.verified_at IS NOT NULL) AS verified,
           bool_and(h.consistent_at IS NOT NULL) AS consistent
    FROM hour h WHERE h.meter_id = m.id AND h.hour = %(hour)s
) s
WHERE m.code = %(meter)s
"""


def _corrections(source: str, id_: str) -> tuple[Correcting, ...]:
    """Return what corrects an event, and what it corrects."""
    numbers = hot.rows(
        """
        SELECT seq, time FROM correction
        WHERE (target_source = %(source)s AND target_id = %(id)s) OR (source = %(source)s AND id = %(id)s)
        """,
        {"source": source, "id": id_},
    )
    found = hot.rows(
        f"""
        SELECT c.kind, c.state, c.source, c.id, c.target_source, c.target_id, coalesce(e.data ->> 'reason', '')
        FROM ({BY_NUMBER}) e JOIN correction c ON c.seq = e.seq ORDER BY c.time, c.source, c.id
        """,
        archived.numbered(numbers),
    )
    return tuple(Correcting(*row) for row in found)


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


def _billed(fates: Sequence[EventFate]) -> tuple[Billed, ...]:
    counted = [one for one in fates if one.fate == "counted"]
    if not counted:
        return ()
    found = hot.rows(
        """
        SELECT DISTINCT i.public_id, coalesce(i.number, ''), l.position, l.names::text, l.span_start, l.span_end,
               l.net, i.currency, l.meter, i.id
        FROM unnest(%(meters)s::text[], %(customers)s::bigint[], %(slots)s::timestamptz[])
            AS f(meter, customer_id, slot)
        JOIN invoice_line l ON l.meter = f.meter AND l.span_start <= f.slot AND l.span_end > f.slot
        JOIN invoice i ON i.id = l.invoice_id AND i.customer_id = f.customer_id AND i.kind <> 'credit_note'
        ORDER BY i.id, l.position
        """,
        {
            "meters": [one.meter for one in counted],
            "customers": [one.customer_id for one in counted],
            "slots": [one.slot for one in counted],
        },
    )
    return tuple(Billed(*[*row[:3], _json(row[3]), *row[4:9]]) for row in found)


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _json(text: object) -> Mapping[str, Any]:
    """Return a JSON object; numbers never become floats."""
    return dict(json.loads(str(text), parse_float=Decimal))
