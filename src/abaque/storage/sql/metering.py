"""The meter's statements, in the order in which a chunk runs them.

They work on three temporary tables that live as long as the connection and empty at each commit:
`again` (pairs to judge again), `judged` (one row per event and meter) and `won` (operations whose counted
attempt is new). Keys are written in order, so that two meters never wait for each other in a circle.
"""

TEMPORARY = """
CREATE TEMP TABLE IF NOT EXISTS again (
    source text COLLATE "C", id text COLLATE "C", time timestamptz, meter_id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS judged (
    source text COLLATE "C", id text COLLATE "C", meter_id bigint, aggregate text, time timestamptz,
    customer_id bigint, fate text, reason text, slot timestamptz, grp text, quantity numeric, value text,
    operation text COLLATE "C"
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS won (
    customer_id bigint, meter_id bigint, source text COLLATE "C", id text COLLATE "C", slot timestamptz,
    grp text, quantity numeric, old_source text COLLATE "C", old_id text COLLATE "C", old_slot timestamptz,
    old_grp text, old_quantity numeric
) ON COMMIT DELETE ROWS
"""

CLAIM = """
SELECT id, first_time, last_time FROM (
    SELECT id, first_time, last_time, sum(accepted) OVER (ORDER BY id) - accepted AS before
    FROM (SELECT id, accepted, first_time, last_time FROM intake WHERE metered_at IS NULL
          ORDER BY id LIMIT 2000 FOR UPDATE SKIP LOCKED) waiting
) claimed WHERE before < %(events)s ORDER BY id
"""

DONE = "UPDATE intake SET metered_at = %(now)s WHERE id = ANY (%(intakes)s)"

# One event against one meter; `{events}` names where the events come from.
_JUDGE = """
INSERT INTO judged
SELECT e.source, e.id, coalesce(m.id, 0), m.aggregate, e.time, a.customer_id, v.fate, v.reason,
       abaque_slot(e.time), CASE WHEN m.group_paths <> '[]' THEN abaque_group(m.group_paths, e.data) ELSE '[]' END,
       CASE WHEN v.fate = 'counted' THEN
            CASE WHEN m.aggregate IN ('sum', 'max') THEN abaque_number(e.data #> m.value_path) ELSE 1 END END,
       CASE WHEN v.fate = 'counted' AND m.aggregate = 'unique' THEN e.data #>> m.value_path END,
       abaque_word(e.data #> m.operation_path)
FROM {events}
LEFT JOIN LATERAL (
    SELECT customer_id FROM alias
    WHERE alias.subject = e.subject AND (valid_from IS NULL OR e.time >= valid_from)
      AND (valid_to IS NULL OR e.time < valid_to) LIMIT 1
) a ON true
CROSS JOIN LATERAL (
    SELECT CASE WHEN m.id IS NOT NULL AND a.customer_id IS NOT NULL AND e.time <= %(far)s
                THEN abaque_judge(m, e.data) END AS word
    OFFSET 0  -- judged once: without it the planner writes the call out wherever `word` is read
) j
CROSS JOIN LATERAL (
    SELECT CASE WHEN m.id IS NULL THEN 'recorded'
                WHEN e.time > %(far)s OR a.customer_id IS NULL OR j.word IN ('missing_value', 'bad_value')
                    THEN 'quarantined'
                WHEN j.word IS NOT NULL THEN 'not_billable'
                ELSE 'counted' END AS fate,
           CASE WHEN m.id IS NULL THEN NULL
                WHEN a.customer_id IS NULL THEN 'unknown_customer'
                WHEN e.time > %(far)s THEN 'future'
                ELSE j.word END AS reason
    OFFSET 0
) v
"""
JUDGE_INTAKES = _JUDGE.format(events="event e LEFT JOIN meter m ON m.event_types @> ARRAY[e.type]") + (
    "WHERE e.intake_id = ANY (%(intakes)s) AND e.time BETWEEN %(first)s AND %(last)s"
)
JUDGE_AGAIN = _JUDGE.format(
    events="again t JOIN event e ON e.source = t.source AND e.id = t.id AND e.time = t.time"
    " LEFT JOIN meter m ON m.id = t.meter_id"
)

# The attempt that counts is the earliest success; a late earlier one takes the place of a later one. An event
# without an operation key is its own operation: it has no row there, since nothing can take its place.
OPERATIONS = """
WITH upserted AS (
    INSERT INTO operation AS o (customer_id, meter_id, operation, time, source, id, slot, grp, quantity)
    SELECT DISTINCT ON (customer_id, meter_id, operation)
           customer_id, meter_id, operation, time, source, id, slot, grp, quantity
    FROM judged WHERE fate = 'counted' AND operation IS NOT NULL
    ORDER BY customer_id, meter_id, operation, time, source, id
    ON CONFLICT (customer_id, meter_id, operation) DO UPDATE
    SET time = excluded.time, source = excluded.source, id = excluded.id, slot = excluded.slot,
        grp = excluded.grp, quantity = excluded.quantity
    WHERE (excluded.time, excluded.source, excluded.id) < (o.time, o.source, o.id)
    RETURNING new.customer_id, new.meter_id, new.source, new.id, new.slot, new.grp, new.quantity,
              old.source AS old_source, old.id AS old_id, old.slot AS old_slot, old.grp AS old_grp,
              old.quantity AS old_quantity
)
INSERT INTO won SELECT * FROM upserted
"""

OTHER_ATTEMPTS = """
UPDATE judged j SET fate = 'not_billable', reason = 'attempt', quantity = NULL
WHERE j.operation IS NOT NULL AND j.fate = 'counted'
  AND NOT EXISTS (SELECT FROM won w WHERE w.source = j.source AND w.id = j.id AND w.meter_id = j.meter_id)
"""

DISPLACED = """
UPDATE fate f SET fate = 'not_billable', reason = 'attempt', quantity = NULL
FROM won w WHERE w.old_source IS NOT NULL
 AND f.source = w.old_source AND f.id = w.old_id AND f.meter_id = w.meter_id
"""

FATES = """
INSERT INTO fate (source, id, meter_id, time, customer_id, fate, reason, slot, grp, quantity, value, operation)
SELECT source, id, meter_id, time, customer_id, fate, reason, slot, grp, quantity, value, operation
FROM judged ORDER BY source, id, meter_id
"""

USAGE = """
INSERT INTO usage AS u (customer_id, meter_id, slot, grp, events, quantity, not_billable)
SELECT customer_id, meter_id, slot, grp, sum(events),
       CASE WHEN min(aggregate) = 'max' THEN max(quantity) ELSE sum(quantity) END, sum(not_billable)
FROM (
    SELECT customer_id, meter_id, aggregate, slot, grp, (fate = 'counted')::int AS events, quantity,
           (fate = 'not_billable' AND reason = 'failure')::int AS not_billable
    FROM judged
    WHERE customer_id IS NOT NULL AND meter_id > 0 AND (fate = 'counted' OR reason = 'failure')
    UNION ALL
    SELECT customer_id, meter_id, 'count', old_slot, old_grp, -1, -old_quantity, 0
    FROM won WHERE old_source IS NOT NULL
) delta
GROUP BY customer_id, meter_id, slot, grp ORDER BY customer_id, meter_id, slot, grp
ON CONFLICT (customer_id, meter_id, slot, grp) DO UPDATE SET
    events = u.events + excluded.events,
    quantity = CASE WHEN (SELECT aggregate FROM meter WHERE id = excluded.meter_id) = 'max'
                    THEN greatest(u.quantity, excluded.quantity)
                    WHEN u.quantity IS NULL THEN excluded.quantity
                    ELSE u.quantity + coalesce(excluded.quantity, 0) END,
    not_billable = u.not_billable + excluded.not_billable
"""

UNIQUE = """
INSERT INTO unique_value (customer_id, meter_id, slot, grp, value)
SELECT DISTINCT customer_id, meter_id, slot, grp, value FROM judged
WHERE value IS NOT NULL ORDER BY customer_id, meter_id, slot, grp, value
ON CONFLICT DO NOTHING
"""

# Whose page has new figures. A payload has a size limit: above it, everybody looks.
TELL = """
SELECT pg_notify('abaque_usage', CASE WHEN count(*) > 300 THEN '*' ELSE string_agg(customer_id::text, ',') END)
FROM (SELECT DISTINCT customer_id FROM judged WHERE customer_id IS NOT NULL) touched HAVING count(*) > 0
"""

# A new meter, or a type that had none: every metered event of its types without a fate for it.
AGAIN_TYPES = """
INSERT INTO again
SELECT e.source, e.id, e.time, m.id
FROM event e JOIN meter m ON m.event_types @> ARRAY[e.type]
WHERE e.type = ANY (%(types)s)
  AND EXISTS (SELECT FROM intake i WHERE i.id = e.intake_id AND i.metered_at IS NOT NULL)
  AND NOT EXISTS (SELECT FROM fate f WHERE f.source = e.source AND f.id = e.id AND f.meter_id = m.id)
LIMIT %(events)s
"""
NO_LONGER_RECORDED = """
DELETE FROM fate f USING again t WHERE f.source = t.source AND f.id = t.id AND f.meter_id = 0
"""

# A subject now has a customer.
AGAIN_SUBJECTS = """
INSERT INTO again
SELECT f.source, f.id, f.time, f.meter_id
FROM fate f JOIN event e ON e.source = f.source AND e.id = f.id AND e.time = f.time
WHERE f.fate = 'quarantined' AND f.reason = 'unknown_customer' AND e.subject = ANY (%(subjects)s)
LIMIT %(events)s
"""

# What lay in the future no longer does.
AGAIN_FUTURE = """
INSERT INTO again
SELECT source, id, time, meter_id FROM fate
WHERE fate = 'quarantined' AND reason = 'future' AND time <= %(far)s LIMIT %(events)s
"""
FORGET_AGAIN = """
DELETE FROM fate f USING again t WHERE f.source = t.source AND f.id = t.id AND f.meter_id = t.meter_id
"""
