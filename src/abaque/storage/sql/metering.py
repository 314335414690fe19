"""The meter's statements. One statement judges events for meters and writes what follows from it.

Only operations need more: whether an attempt counts depends on others. Keys are written in order, so that two
meters never wait for each other in a circle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from abaque.storage.sql.judging import judging, keeps_marks, text

#: Bits of an event's number that say its place in the intake.
PLACE_BITS = 20

TEMPORARY = """
CREATE TEMP TABLE IF NOT EXISTS attempted (
    seq bigint, meter_id bigint, customer_id bigint, operation text COLLATE "C", time timestamptz,
    source text COLLATE "C", id text COLLATE "C", slot timestamptz, grp text, quantity numeric
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS keyless (
    customer_id bigint, meter_id bigint, slot timestamptz, grp text, events bigint, quantity numeric,
    not_billable bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS won (
    seq bigint, meter_id bigint, customer_id bigint, operation text COLLATE "C", slot timestamptz, grp text,
    quantity numeric, old_seq bigint, old_time timestamptz, old_slot timestamptz, old_grp text, old_quantity numeric
) ON COMMIT DELETE ROWS
"""

CLAIM = """
SELECT id, first_time, last_time FROM (
    SELECT id, first_time, last_time, sum(accepted) OVER (ORDER BY id) - accepted AS before
    FROM (SELECT id, accepted, first_time, last_time FROM intake WHERE metered_at IS NULL
          AND (backfill_id IS NULL OR backfill_id IN (SELECT id FROM backfill WHERE state = 'closed'))
          ORDER BY id LIMIT 2000 FOR UPDATE SKIP LOCKED) waiting
) claimed WHERE before < %(events)s ORDER BY id
"""

DONE = "UPDATE intake SET metered_at = %(now)s, meters = %(meters)s WHERE id = ANY (%(intakes)s)"

# What is read here has just come: the planner's statistics do not know of it, and it would take a month's partition
# for empty, or a range of times for one that holds two events. So it reads by the index of numbers, intake by intake,
# and times only choose the partitions.
BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL work_mem = '64MB'"

#: Where events come from: the intakes claimed, or some by their numbers.
OF_INTAKES = f"""
    SELECT e.* FROM unnest(%(intakes)s::bigint[]) AS i(id) CROSS JOIN LATERAL (
        SELECT * FROM event
        WHERE seq >= i.id << {PLACE_BITS} AND seq < (i.id + 1) << {PLACE_BITS} AND amends IS NULL
          AND time >= %(first)s AND time <= %(last)s
        OFFSET 0
    ) e
"""
BY_NUMBER = """
    SELECT e.* FROM unnest(%(seqs)s::bigint[], %(times)s::timestamptz[]) AS n(seq, time)
    JOIN event e ON e.seq = n.seq AND e.time = n.time
    WHERE NOT EXISTS (SELECT FROM struck s WHERE s.seq = e.seq)
"""


@dataclass(frozen=True, slots=True)
class Published:
    """A meter as the statements need it."""

    id: int
    code: str
    definition: Mapping[str, Any]

    @property
    def types(self) -> str:
        """Its event types, as the members of an SQL list."""
        return ", ".join(text(one) for one in self.definition["event_types"])


def judged(
    meters: Sequence[Published], *, events: str = "e", origin: bool = False, counting: bool = False
) -> str:
    """Return a query with one row per event and meter that looks at its type.

    `events` names rows with seq, type, time, data, customer_id, slot and future. `word` is null where the event
    counts, else the reason why it does not. With `origin` also source, id and received_at, for meters that keep them.
    `counting`: what comes for an archived time is too late; what was counted before it was archived stays so.
    """
    late = _TOO_LATE if counting else ""
    return "\nUNION ALL\n".join(_judged(meter, events, late, origin=origin) for meter in meters) or _NOBODY


# Months are archived in their order. The subquery stands alone: it is asked once per statement, not per event.
_TOO_LATE = "WHEN e.time < (SELECT max(ends_at) FROM archived_month) THEN 'too_late' "


def _judged(meter: Published, events: str, late: str, *, origin: bool) -> str:
    made = judging(meter.definition, "e.data")
    kept = "e.source, e.id, e.received_at" if _keeps_origin(meter) else _NO_ORIGIN
    return f"""
SELECT e.seq, {meter.id}::bigint AS meter_id, e.time, e.customer_id, e.slot, {made.group} AS grp, j.word,
       CASE WHEN j.word IS NULL THEN {made.quantity} END AS quantity,
       CASE WHEN j.word IS NULL THEN {made.value} END AS value,
       CASE WHEN j.word IS NULL THEN {made.operation} END AS operation{f", {kept}" if origin else ""}
FROM {events} e CROSS JOIN LATERAL (
    SELECT CASE {late}WHEN e.customer_id IS NULL THEN 'unknown_customer' WHEN e.future THEN 'future'
                ELSE {made.word} END AS word
    OFFSET 0  -- judged once: without it the planner writes the expression out wherever `word` is read
) j
WHERE e.type IN ({meter.types})"""


def _keeps_origin(meter: Published) -> bool:
    """Whether what it keeps of an event says which event it was: operations, and marks."""
    return bool(meter.definition["operation"]) or keeps_marks(meter.definition)


_NO_ORIGIN = "NULL AS source, NULL AS id, NULL::timestamptz AS received_at"
_NOBODY = """
SELECT NULL::bigint AS seq, NULL::bigint AS meter_id, NULL::timestamptz AS time, NULL::bigint AS customer_id,
       NULL::timestamptz AS slot, NULL AS grp, NULL AS word, NULL::numeric AS quantity, NULL AS value, NULL AS operation
WHERE false"""

#: Whose an event is, by its subject and its time. Looked up for each event: a join might compare each with each.
CUSTOMER = """(SELECT a.customer_id FROM alias a
            WHERE a.subject = e.subject AND abaque_holds(a.valid_from, a.valid_to, e.time) LIMIT 1)"""

# Most subjects belong to somebody once and for all, which PostgreSQL remembers from one event to the next (Memoize).
PLACED = f"""
    SELECT e.seq, e.source, e.id, e.type, e.time, e.received_at, e.data, abaque_slot(e.time) AS slot,
           e.time > %(far)s AS future, coalesce(always.customer_id, {CUSTOMER}) AS customer_id
    FROM ({{events}}) e LEFT JOIN LATERAL (
        SELECT a.customer_id FROM alias a
        WHERE a.subject = e.subject AND a.valid_from IS NULL AND a.valid_to IS NULL LIMIT 1
    ) always ON true
"""


def count(meters: Sequence[Published], *, events: str, first_time: bool) -> str:
    """Return the statement that judges events for meters and adds what they count to usage.

    `first_time`: these events are looked at for the first time, so that it is also noted which types nobody
    counts, and which corrections came.
    """
    parts = [
        f"e AS MATERIALIZED ({PLACED.format(events=events)})",
        f"judged AS MATERIALIZED ({judged(meters, origin=any(map(_keeps_origin, meters)), counting=True)})",
        f"used AS ({_usage(meters)})",
        f"aside AS ({_ASIDE})",
    ]
    if has_operations(meters):
        parts += [f"tried AS ({_ATTEMPTED})", f"keyless_ones AS ({_keyless(meters)})"]
    unique = [meter for meter in meters if _is_unique(meter)]
    marks = [meter for meter in meters if keeps_marks(meter.definition)]
    if unique:
        parts.append(f"members AS ({_UNIQUE.format(meters=_ids(unique))})")
    if marks:
        parts.append(f"marks AS ({_MARKS.format(meters=_ids(marks))})")
    parts.append(f"trails AS ({_TRAIL.format(unless='' if first_time else _NOTED)})")
    if first_time:
        known = ", ".join(meter.types for meter in meters)
        uncounted = f"e.type NOT IN ({known})" if known else "true"
        parts += [
            f"types AS ({_RECORDED.format(uncounted=uncounted)})",
            f"corrected AS ({_CORRECTIONS})",
        ]
    return f"WITH {', '.join(parts)} {_TELL}"


def has_operations(meters: Sequence[Published]) -> bool:
    """Whether attempts must be decided among themselves."""
    return any(meter.definition["operation"] for meter in meters)


def _is_unique(meter: Published) -> bool:
    return meter.definition["aggregate"] == "unique" and not keeps_marks(meter.definition)


def _ids(meters: Sequence[Published]) -> str:
    return ", ".join(str(meter.id) for meter in meters)


def aggregated(meters: Sequence[Published]) -> str:
    """Return the expression for the quantity of several judged events of one meter."""
    special = {
        name: _ids([meter for meter in meters if meter.definition["aggregate"] == name])
        for name in ("max", "min")
    }
    if len(meters) == 1:
        return f"{next((name for name, ids in special.items() if ids), 'sum')}(quantity)"
    cases = [f"WHEN meter_id IN ({ids}) THEN {name}(quantity)" for name, ids in special.items() if ids]
    return f"CASE {' '.join(cases)} ELSE sum(quantity) END" if cases else "sum(quantity)"


def _usage(meters: Sequence[Published]) -> str:
    """Add to usage what counts by itself, and failures.

    The cells of meters with operations are written later, in one go: were some written here, two meters could each
    hold a cell the other waits for.
    """
    return f"""
INSERT INTO usage AS u (customer_id, meter_id, slot, grp, events, quantity, not_billable)
{_cells(aggregated(meters), _of_operations(meters, "NOT IN"))}
ORDER BY customer_id, meter_id, slot, grp
{merged(meters)}"""


def _keyless(meters: Sequence[Published]) -> str:
    """Keep aside what meters with operations count of events without a key, and their failures."""
    return f"""
INSERT INTO keyless (customer_id, meter_id, slot, grp, events, quantity, not_billable)
{_cells("sum(quantity)", _of_operations(meters, "IN"))}"""


def _of_operations(meters: Sequence[Published], among: str) -> str:
    ids = _ids([meter for meter in meters if meter.definition["operation"]])
    return f"AND meter_id {among} ({ids})" if ids else ""


def _cells(quantity: str, only: str) -> str:
    return f"""
SELECT customer_id, meter_id, slot, grp, count(*) FILTER (WHERE word IS NULL), {quantity},
       count(*) FILTER (WHERE word = 'failure')
FROM judged
WHERE customer_id IS NOT NULL AND (word = 'failure' OR (word IS NULL AND operation IS NULL)) {only}
GROUP BY customer_id, meter_id, slot, grp"""


def merged(meters: Sequence[Published]) -> str:
    """Return what an upsert of usage does where there is some already."""
    special = {
        name: (_ids([meter for meter in meters if meter.definition["aggregate"] == aggregate]))
        for name, aggregate in (("greatest", "max"), ("least", "min"))
    }
    cases = [
        f"WHEN u.meter_id IN ({ids}) THEN {name}(u.quantity, excluded.quantity)"
        for name, ids in special.items()
        if ids
    ]
    summed = "coalesce(u.quantity + excluded.quantity, u.quantity, excluded.quantity)"
    return f"""ON CONFLICT (customer_id, meter_id, slot, grp) DO UPDATE SET
    events = u.events + excluded.events, not_billable = u.not_billable + excluded.not_billable,
    quantity = {f"CASE {' '.join(cases)} ELSE {summed} END" if cases else summed}"""


# Kept, though it could be told again: what waits for a cause to be mended, and failures, which customers look at.
_ASIDE = """
INSERT INTO fate (seq, meter_id, time, fate, reason, customer_id)
SELECT seq, meter_id, time, CASE word WHEN 'failure' THEN 'not_billable' ELSE 'quarantined' END, word, customer_id
FROM judged WHERE word <> 'filtered'
"""

_ATTEMPTED = """
INSERT INTO attempted (seq, meter_id, customer_id, operation, time, source, id, slot, grp, quantity)
SELECT seq, meter_id, customer_id, operation, time, source, id, slot, grp, quantity
FROM judged WHERE operation IS NOT NULL
"""

_UNIQUE = """
INSERT INTO unique_value (customer_id, meter_id, slot, grp, value)
SELECT DISTINCT customer_id, meter_id, slot, grp, value FROM judged
WHERE word IS NULL AND meter_id IN ({meters}) ORDER BY customer_id, meter_id, slot, grp, value
ON CONFLICT DO NOTHING
"""

_MARKS = """
INSERT INTO mark (meter_id, customer_id, time, received_at, seq, source, id, grp, quantity, value)
SELECT meter_id, customer_id, time, received_at, seq, source, id, grp, quantity, value
FROM judged WHERE word IS NULL AND meter_id IN ({meters})
"""

# Where a customer's events of an hour lie.
_TRAIL = """
INSERT INTO trail (customer_id, hour, seqs)
SELECT customer_id, abaque_hour(time), array_agg(seq ORDER BY seq)
FROM e WHERE customer_id IS NOT NULL AND NOT starts_with(type, 'abaque.') {unless}GROUP BY 1, 2
"""
_NOTED = """AND NOT EXISTS (
    SELECT FROM trail t WHERE t.customer_id = e.customer_id AND e.seq = ANY (t.seqs)
    AND t.hour = abaque_hour(e.time)) """

_RECORDED = """
INSERT INTO recorded_type AS r (type, events, first_time, last_time)
SELECT type, count(*), min(time), max(time) FROM e
WHERE {uncounted} AND NOT starts_with(type, 'abaque.') GROUP BY type ORDER BY type
ON CONFLICT (type) DO UPDATE SET events = r.events + excluded.events,
    first_time = least(r.first_time, excluded.first_time), last_time = greatest(r.last_time, excluded.last_time)
"""

_CORRECTIONS = """
INSERT INTO correction (seq, source, id, time, kind, target_source, target_id, state)
SELECT seq, source, id, time, substr(type, 8), data ->> 'source', data ->> 'id', 'new'
FROM e WHERE type IN ('abaque.void', 'abaque.amend')
"""

# Whose page has new figures. A payload has a size limit: above it, everybody looks.
_TELL = """
SELECT pg_notify('abaque_usage', CASE WHEN count(*) > 300 THEN '*' ELSE string_agg(customer_id::text, ',') END)
FROM (SELECT DISTINCT customer_id FROM e WHERE customer_id IS NOT NULL) touched HAVING count(*) > 0
"""

# The attempt that counts is the earliest success; a late earlier one takes the place of a later one. An event
# without an operation key is its own operation: it has no row there, since nothing can take its place.
OPERATIONS = """
WITH upserted AS (
    INSERT INTO operation AS o (customer_id, meter_id, operation, time, source, id, seq, slot, grp, quantity)
    SELECT DISTINCT ON (customer_id, meter_id, operation)
           customer_id, meter_id, operation, time, source, id, seq, slot, grp, quantity
    FROM attempted ORDER BY customer_id, meter_id, operation, time, source, id
    ON CONFLICT (customer_id, meter_id, operation) DO UPDATE
    SET time = excluded.time, source = excluded.source, id = excluded.id, seq = excluded.seq, slot = excluded.slot,
        grp = excluded.grp, quantity = excluded.quantity
    WHERE (excluded.time, excluded.source, excluded.id) < (o.time, o.source, o.id)
    RETURNING new.seq, new.meter_id, new.customer_id, new.operation, new.slot, new.grp, new.quantity,
              old.seq AS old_seq, old.time AS old_time, old.slot AS old_slot, old.grp AS old_grp,
              old.quantity AS old_quantity
)
INSERT INTO won SELECT * FROM upserted
"""

# Attempts that do not count: those of these events, and those whose place was taken.
ATTEMPTS = """
INSERT INTO fate (seq, meter_id, time, fate, reason, customer_id, operation)
SELECT a.seq, a.meter_id, a.time, 'not_billable', 'attempt', a.customer_id, a.operation FROM attempted a
WHERE NOT EXISTS (SELECT FROM won w WHERE w.seq = a.seq AND w.meter_id = a.meter_id)
UNION ALL
SELECT old_seq, meter_id, old_time, 'not_billable', 'attempt', customer_id, operation FROM won WHERE old_seq IS NOT NULL
"""


def operations_used(meters: Sequence[Published]) -> str:
    """Return the statement that moves usage to the attempts that count now, and adds what has no key."""
    return f"""
INSERT INTO usage AS u (customer_id, meter_id, slot, grp, events, quantity, not_billable)
SELECT customer_id, meter_id, slot, grp, sum(events), sum(quantity), sum(not_billable) FROM (
    SELECT customer_id, meter_id, slot, grp, 1 AS events, quantity, 0 AS not_billable FROM won
    UNION ALL
    SELECT customer_id, meter_id, old_slot, old_grp, -1, -old_quantity, 0 FROM won WHERE old_seq IS NOT NULL
    UNION ALL
    SELECT customer_id, meter_id, slot, grp, events, quantity, not_billable FROM keyless
) moved
GROUP BY customer_id, meter_id, slot, grp ORDER BY customer_id, meter_id, slot, grp
{merged(meters)}"""


# A target that corrections wait for has come.
READY = """
UPDATE correction c SET state = 'ready' FROM ({events}) e
WHERE c.state = 'waiting' AND c.target_source = e.source AND c.target_id = e.id
"""

# A new meter looks at what was metered before it was known, in the order of arrival.
OF_NEW_METERS = f"""
SELECT e.seq, e.time FROM event e JOIN intake i ON i.id = e.seq >> {PLACE_BITS}
WHERE e.seq > %(reached)s AND e.type = ANY (%(types)s)
  AND i.metered_at IS NOT NULL AND coalesce(i.meters, 0) < %(meter)s
ORDER BY e.seq LIMIT %(events)s
"""

#: Quarantined, and not set aside for good by a person.
OPEN = "fate = 'quarantined' AND NOT EXISTS (SELECT FROM dismissal d WHERE d.seq = f.seq)"

# A subject now has a customer; what lay in the future no longer does; a person asks for some to be judged again.
OF_SUBJECTS = f"""
SELECT f.seq, f.time, array_agg(f.meter_id) FROM fate f JOIN event e ON e.seq = f.seq AND e.time = f.time
WHERE {OPEN} AND f.reason = 'unknown_customer' AND e.subject = ANY (%(subjects)s) AND f.seq > %(reached)s
GROUP BY f.seq, f.time ORDER BY f.seq LIMIT %(events)s
"""
OF_SEQS = f"""
SELECT f.seq, f.time, array_agg(f.meter_id) FROM fate f
WHERE {OPEN} AND f.seq = ANY (%(seqs)s) AND f.seq > %(reached)s
GROUP BY f.seq, f.time ORDER BY f.seq LIMIT %(events)s
"""
OF_FUTURE = f"""
SELECT f.seq, f.time, array_agg(f.meter_id) FROM fate f
WHERE {OPEN} AND f.reason = 'future' AND f.time <= %(far)s
GROUP BY f.seq, f.time ORDER BY f.seq LIMIT %(events)s
"""
FORGET = """
DELETE FROM fate f USING unnest(%(seqs)s::bigint[]) AS n(seq)
WHERE f.seq = n.seq AND f.meter_id = %(meter)s
"""
