"""Moving a month of raw events out of the hot tables, and reading some of them from here and from the archive."""

from abaque.storage.sql.metering import PLACE_BITS

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

#: A month's events as they cross to the archive; those of a subject together.
EVENTS = f"""
SELECT e.seq, e.source, e.id, e.type, e.subject, e.time, e.time_given, e.received_at, e.amends, e.subscription,
       e.extensions::text, e.data::text, sha256(uuid_send(i.salt) || int8send(e.seq))
FROM event e JOIN intake i ON i.id = e.seq >> {PLACE_BITS}
WHERE e.time >= %(start)s AND e.time < %(end)s
ORDER BY e.subject COLLATE "C", e.seq
"""

#: What tells whether the events of a month are still those that were written.
COUNTED = """
SELECT count(*), coalesce(sum(seq), 0), count(amends) FROM event WHERE time >= %(start)s AND time < %(end)s
"""

#: What still may change a month, looked at again while no meter runs.
UNSETTLED = {
    "to_meter": """
        SELECT count(*) FROM intake WHERE metered_at IS NULL
        AND (first_time IS NULL OR (first_time < %(end)s AND last_time >= %(start)s))""",
    "to_recount": "SELECT count(*) FROM recount WHERE done_at IS NULL",
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

#: What makes a month's figures sure. Usage is fixed hour by hour, so hours are asked, and those without a seal.
UNSURE = {
    "lateness": "SELECT count(*) FROM meter WHERE %(now)s - lateness < %(end)s",
    "unsealed": """
        SELECT count(*) FROM (
            SELECT DISTINCT meter_id, date_bin('1 hour', slot, timestamptz '2000-01-01 00:00+00') AS hour
            FROM usage WHERE slot >= %(start)s AND slot < %(end)s
        ) used WHERE NOT EXISTS (SELECT FROM hour h WHERE h.meter_id = used.meter_id AND h.hour = used.hour)""",
    "inconsistent": """
        SELECT count(DISTINCT (meter_id, hour)) FROM hour
        WHERE hour >= %(start)s AND hour < %(end)s AND consistent_at IS NULL""",
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
        (SELECT coalesce(max(id), 0) FROM meter), %(now)s, %(by)s)
"""

#: Some events by their numbers, from here and from the archive. `newest`: the newest meter that may have counted an
#: archived one. Parameters: `abaque.storage.archived.numbered`.
BY_NUMBER = """
SELECT e.seq, e.source, e.id, e.type, e.subject, e.time, e.received_at, e.subscription, e.data, NULL::bigint AS newest
FROM unnest(%(seqs)s::bigint[], %(times)s::timestamptz[]) AS n(seq, time)
JOIN event e ON e.seq = n.seq AND e.time = n.time
UNION ALL
SELECT a.seq, a.source COLLATE "C", a.id COLLATE "C", a.type, a.subject, a.time, a.received_at, a.subscription,
       a.data::jsonb, a.newest
FROM unnest(
    %(archived_seqs)s::bigint[], %(archived_sources)s::text[], %(archived_ids)s::text[], %(archived_types)s::text[],
    %(archived_subjects)s::text[], %(archived_times)s::timestamptz[], %(archived_received)s::timestamptz[],
    %(archived_subscriptions)s::text[], %(archived_data)s::text[], %(archived_newest)s::bigint[]
) AS a(seq, source, id, type, subject, time, received_at, subscription, data, newest)
"""
