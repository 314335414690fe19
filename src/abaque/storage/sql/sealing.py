"""What sealing reads: hours as they stand, and hours recomputed from raw events."""

# Hours of a meter that have ended and whose usage is not what was last sealed.
UNSEALED = """
WITH usages AS (
    SELECT date_bin('1 hour', slot, timestamptz '2000-01-01 00:00+00') AS hour, sum(events) AS events,
           coalesce(CASE WHEN %(aggregate)s = 'max' THEN max(quantity) ELSE sum(quantity) END, 0) AS quantity,
           string_agg(
               concat_ws('|', customer_id, extract(epoch FROM slot)::bigint, grp, events, trim_scale(quantity),
                         not_billable),
               E'\n' ORDER BY customer_id, slot, grp) AS said
    FROM usage WHERE meter_id = %(meter)s AND slot < %(until)s GROUP BY 1
),
members AS (
    SELECT date_bin('1 hour', slot, timestamptz '2000-01-01 00:00+00') AS hour,
           string_agg(
               jsonb_build_array(customer_id, extract(epoch FROM slot)::bigint, grp, value)::text,
               E'\n' ORDER BY customer_id, slot, grp, value COLLATE "C") AS said
    FROM unique_value WHERE meter_id = %(meter)s AND slot < %(until)s GROUP BY 1
),
standing AS (
    SELECT hour, events, quantity,
           sha256(convert_to(concat_ws(E'\n', usages.said, members.said), 'UTF8')) AS content
    FROM usages LEFT JOIN members USING (hour)
),
sealed AS (
    SELECT DISTINCT ON (hour) hour, revision, content,
           sum(count) OVER (PARTITION BY hour) AS count, sum(quantity) OVER (PARTITION BY hour) AS quantity
    FROM hour WHERE meter_id = %(meter)s ORDER BY hour, revision DESC
)
SELECT s.hour, coalesce(x.revision + 1, 0), s.events - coalesce(x.count, 0),
       s.quantity - coalesce(x.quantity, 0), s.content
FROM standing s LEFT JOIN sealed x USING (hour)
WHERE x.hour IS NULL OR x.content <> s.content
ORDER BY s.hour
"""

# Whether anything that could still change those hours waits to be metered.
WAITING = """
SELECT EXISTS (SELECT FROM intake WHERE metered_at IS NULL AND first_time < %(until)s)
    OR EXISTS (SELECT FROM recount WHERE done_at IS NULL)
"""

# Hours between two instants whose usage differs from a recomputation out of the raw events that were metered.
# An operation counts where its earliest success lies: that is looked for again among all judged attempts. What
# lies beyond `far`, the farthest future that is counted by now, does not count yet.
INCONSISTENT = """
WITH raw AS (
    SELECT a.customer_id, abaque_slot(e.time) AS slot, e.source, e.id, e.time, e.data,
           abaque_judge(m, e.data) AS word,
           coalesce(abaque_group(m.group_paths, e.data), '[]') AS grp,
           abaque_word(e.data #> m.operation_path) AS operation
    FROM event e JOIN meter m ON m.id = %(meter)s AND m.event_types @> ARRAY[e.type]
    JOIN intake i ON i.id = e.intake_id AND i.metered_at IS NOT NULL
    JOIN alias a ON a.subject = e.subject AND (a.valid_from IS NULL OR e.time >= a.valid_from)
                AND (a.valid_to IS NULL OR e.time < a.valid_to)
    WHERE e.time >= %(start)s AND e.time < %(end)s
      AND (e.time <= %(far)s OR NOT EXISTS (
          SELECT FROM fate f WHERE f.source = e.source AND f.id = e.id AND f.meter_id = m.id AND f.reason = 'future'))
),
counted AS (
    SELECT r.* FROM raw r, meter m
    WHERE m.id = %(meter)s AND r.word IS NULL AND (r.operation IS NULL OR NOT EXISTS (
        SELECT FROM fate f
        WHERE f.customer_id = r.customer_id AND f.meter_id = m.id AND f.operation = r.operation
          AND (f.fate = 'counted' OR f.reason = 'attempt')
          AND (f.time, f.source, f.id) < (r.time, r.source COLLATE "C", r.id COLLATE "C")
    ))
),
recomputed AS (
    SELECT c.customer_id, c.slot, c.grp, count(*) AS events,
           CASE WHEN m.aggregate = 'max' THEN max(abaque_number(c.data #> m.value_path))
                WHEN m.aggregate = 'sum' THEN sum(abaque_number(c.data #> m.value_path))
                ELSE count(*) END AS quantity
    FROM counted c, meter m WHERE m.id = %(meter)s GROUP BY c.customer_id, c.slot, c.grp, m.aggregate
),
failed AS (SELECT customer_id, slot, grp, count(*) AS not_billable FROM raw WHERE word = 'failure' GROUP BY 1, 2, 3),
kept AS (
    SELECT customer_id, slot, grp, events, quantity, not_billable FROM usage
    WHERE meter_id = %(meter)s AND slot >= %(start)s AND slot < %(end)s
),
members AS (
    SELECT DISTINCT c.customer_id, c.slot, c.grp, abaque_word(c.data #> m.value_path) AS value, true AS found
    FROM counted c JOIN meter m ON m.id = %(meter)s AND m.aggregate = 'unique'
),
kept_members AS (
    SELECT customer_id, slot, grp, value, true AS found FROM unique_value
    WHERE meter_id = %(meter)s AND slot >= %(start)s AND slot < %(end)s
),
wrong AS (
    SELECT slot FROM recomputed FULL JOIN failed USING (customer_id, slot, grp)
         FULL JOIN kept USING (customer_id, slot, grp)
    WHERE coalesce(recomputed.events, 0) <> coalesce(kept.events, 0)
       OR coalesce(failed.not_billable, 0) <> coalesce(kept.not_billable, 0)
       OR (coalesce(kept.events, 0) > 0 AND recomputed.quantity IS DISTINCT FROM kept.quantity)
    UNION ALL
    SELECT slot FROM members FULL JOIN kept_members USING (customer_id, slot, grp, value)
    WHERE members.found IS NULL OR kept_members.found IS NULL
)
SELECT DISTINCT date_bin('1 hour', slot, timestamptz '2000-01-01 00:00+00') FROM wrong
"""
