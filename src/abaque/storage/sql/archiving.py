"""Moving a month of raw events out of the hot tables, and reading some of them from here and from the archive."""

from abaque.storage.sql.metering import PLACE_BITS
from abaque.storage.sql.sealing import LEAF

#: The columns of `event`, in their order.
COLUMNS = (
    "seq", "source", "id", "type", "subject", "time", "time_given", "received_at", "amends", "subscription",
    "extensions", "data",
)  # fmt: skip

#: Months before an instant that hold events here and are not archived, by their first instants, UTC.
MONTHS = """
SELECT month FROM (
    SELECT to_timestamp(substr(c.relname, 7) || '+00', 'YYYY_MMTZH') AS month
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'event'::regclass AND c.relname ~ '^event_[0-9]{4}_[0-9]{2}$'
    UNION
    SELECT date_trunc('month', time, 'UTC') FROM event_other
) there
WHERE month < %(before)s AND NOT EXISTS (SELECT FROM archived_month a WHERE a.starts_at = month)
ORDER BY month
"""

#: A month's events as they cross to the archive; those of a subject together. Of an erased one goes what is left.
EVENTS = f"""
SELECT {", ".join(f"e.{name}" for name in COLUMNS[:-2])}, e.extensions::text, e.data::text,
       CASE WHEN x.seq IS NULL THEN coalesce(abaque_salt(i.salt, e.seq), s.salt) END, coalesce(x.leaf, {LEAF}, '')
FROM event e JOIN intake i ON i.id = e.seq >> {PLACE_BITS}
LEFT JOIN event_salt s ON i.salt IS NULL AND s.seq = e.seq
LEFT JOIN erased x ON x.seq = e.seq
WHERE e.time >= %(start)s AND e.time < %(end)s
ORDER BY e.subject COLLATE "C", e.seq
"""

#: What tells whether the events of a month are still those that were written.
COUNTED = """
SELECT count(*), coalesce(sum(seq), 0), count(amends) FROM event WHERE time >= %(start)s AND time < %(end)s
"""

#: What still may change a month, or waits to be sealed; looked at again while nobody meters or seals.
UNSETTLED = {
    "to_meter": """
        SELECT count(*) FROM intake WHERE metered_at IS NULL
        AND (first_time IS NULL OR (first_time < %(end)s AND last_time >= %(start)s))""",
    "unsealed": """
        SELECT count(DISTINCT (coalesce(meter_id, 0), hour)) FROM touched
        WHERE hour >= %(start)s AND hour < %(end)s
          AND (meter_id IS NULL OR meter_id = 0 OR meter_id IN (SELECT id FROM meter))""",
    "backfills": """
        SELECT count(*) FROM backfill
        WHERE state IN ('open', 'reverting') AND starts_at < %(end)s AND ends_at > %(start)s""",
    "to_recount": "SELECT count(*) FROM recount WHERE done_at IS NULL",
    "candidates": "SELECT count(*) FROM meter_version WHERE standing = 'candidate'",
    "to_correct": "SELECT count(*) FROM correction WHERE state IN ('new', 'ready')",
}

#: What would be left behind for good: kept aside for a cause nobody has mended.
ASIDE = {
    "quarantined": """
        SELECT count(DISTINCT seq) FROM fate
        WHERE fate = 'quarantined' AND reason <> 'too_late' AND time >= %(start)s AND time < %(end)s""",
    "correction_waits": """
        SELECT count(*) FROM correction WHERE state = 'waiting' AND time >= %(start)s AND time < %(end)s""",
}

#: What makes a month's figures sure: nothing comes late any more, and what is sealed was recomputed.
UNSURE = {
    "lateness": "SELECT count(*) FROM meter WHERE %(now)s - lateness < %(end)s",
    "inconsistent": """
        SELECT count(DISTINCT (meter_id, hour)) FROM hour
        WHERE meter_id IS NOT NULL AND hour >= %(start)s AND hour < %(end)s AND consistent_at IS NULL""",
    "unverified": """
        SELECT count(DISTINCT (meter_id, hour)) FROM hour h JOIN meter m ON m.id = h.meter_id AND m.level = 'verified'
        WHERE hour >= %(start)s AND hour < %(end)s AND verified_at IS NULL""",
}

#: Usage of a plan's meter that no issued (or closed) invoice covers.
UNISSUED = {
    "unissued": """
        SELECT count(DISTINCT s.id) FROM subscription s
        JOIN plan_version v ON v.id = s.plan_version_id
        JOIN usage u ON u.customer_id = s.customer_id AND u.events > 0
            AND u.slot >= greatest(s.starts_at, %(start)s) AND u.slot < least(s.ends_at, %(end)s)
        JOIN meter m ON m.id = u.meter_id
            AND jsonb_path_exists(v.definition, '$.**.meter ? (@ == $code)', jsonb_build_object('code', m.code))
        WHERE NOT EXISTS (
            SELECT FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id AND i.state <> 'draft'
            WHERE l.subscription_id = s.id AND l.meter = m.code AND l.span_start <= u.slot AND l.span_end > u.slot)""",
    "drafts": """
        SELECT count(DISTINCT i.id) FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id
        WHERE i.state = 'draft' AND l.meter <> '' AND l.span_start < %(end)s AND l.span_end > %(start)s""",
}

REMEMBER = """
INSERT INTO archived_month (starts_at, ends_at, path, rows, replacements, sha256, meters, archived_at, archived_by)
VALUES (%(start)s, %(end)s, %(path)s, %(rows)s, %(replacements)s, %(sha256)s,
        ARRAY(SELECT id FROM meter ORDER BY id), %(now)s, %(by)s)
"""

#: Another file takes the place of a month's, whose next revision it is.
PUT_IN_FORCE = """
UPDATE archived_month SET path = %(path)s, sha256 = %(sha256)s, revision = %(revision)s
WHERE starts_at = %(start)s AND revision = %(revision)s - 1 AND rows = %(rows)s
"""

REDUCED = "UPDATE archived_month SET reduced = %(action)s WHERE starts_at = %(start)s"

_KINDS = {
    "seq": "bigint", "source": 'text COLLATE "C"', "id": 'text COLLATE "C"', "time": "timestamptz",
    "time_given": "boolean", "received_at": "timestamptz", "amends": "bigint", "extensions": "jsonb", "data": "jsonb",
}  # fmt: skip

#: Events that the archive handed over. `meters`: those that stood when their month was archived.
HANDED_OVER = f"""
SELECT a.* FROM json_to_recordset(%(archived)s::json) AS a(
    {", ".join(f"{name} {_KINDS.get(name, 'text')}" for name in COLUMNS)}, salt bytea, leaf bytea, meters bigint[])
"""

#: Some events by their numbers, from here and from the archive. Parameters: `abaque.storage.archived.numbered`.
BY_NUMBER = f"""
SELECT {", ".join(f"e.{name}" for name in COLUMNS)}, NULL::bytea AS salt, NULL::bytea AS leaf, NULL::bigint[] AS meters
FROM unnest(%(seqs)s::bigint[], %(times)s::timestamptz[]) AS n(seq, time)
JOIN event e ON e.seq = n.seq AND e.time = n.time
UNION ALL
{HANDED_OVER}"""

#: Where an archived month is laid out while it is looked through.
RECALLED = """
DROP TABLE IF EXISTS pg_temp.recalled;
CREATE TEMP TABLE recalled (LIKE event, salt bytea, leaf bytea)
"""
RECALL = f"COPY recalled ({', '.join(COLUMNS)}, salt, leaf) FROM STDIN"


def text_of(event: str) -> str:
    """Return the expression for the text of an event, from rows of any origin with the columns of `event`."""
    return f"abaque_text(({', '.join(f'{event}.{name}' for name in COLUMNS)})::event)"
