"""What corrections do: strike events, put others in their place, and recompute the usage they touched."""

from abaque.storage.sql.metering import CUSTOMER, Published, aggregated, judged

#: Corrections to look at, with what is known of their targets.
WAITING = """
SELECT c.seq, c.source, c.id, c.time, c.kind, c.target_source, c.target_id,
       y.seq AS target_seq, y.time AS target_time, 'abaque.' || t.kind AS target_type
FROM correction c
LEFT JOIN identity y ON y.source = c.target_source AND y.id = c.target_id
    AND EXISTS (SELECT FROM intake i WHERE i.id = y.seq >> 20 AND i.metered_at IS NOT NULL)
LEFT JOIN correction t ON t.seq = y.seq
WHERE c.state IN ('new', 'ready') ORDER BY c.seq LIMIT 2000 FOR UPDATE OF c
"""

#: Those of them that would change what is archived: their own time, or that of what they touch, lies before its end.
LATE = """
WITH RECURSIVE node AS (
    SELECT seq, source, id FROM correction
    WHERE state IN ('new', 'ready') AND EXISTS (SELECT FROM archived_month)
    UNION
    SELECT n.seq, v.source, v.id FROM node n CROSS JOIN LATERAL (
        SELECT c.target_source, c.target_id FROM correction c WHERE c.source = n.source AND c.id = n.id
        UNION ALL
        SELECT c.source, c.id FROM correction c
        WHERE c.target_source = n.source AND c.target_id = n.id AND c.state = 'applied'
    ) v(source, id)
),
moment AS (
    SELECT n.seq, coalesce(c.stands_time, y.time) AS time
    FROM node n LEFT JOIN correction c ON c.source = n.source AND c.id = n.id
    LEFT JOIN identity y ON y.source = n.source AND y.id = n.id AND (c.seq IS NULL OR c.seq = n.seq)
    UNION ALL
    SELECT c.seq, (e.data -> 'replacement' ->> 'time')::timestamptz
    FROM correction c JOIN event e ON e.seq = c.seq AND e.time = c.time
    WHERE c.state IN ('new', 'ready') AND EXISTS (SELECT FROM archived_month)
)
SELECT DISTINCT seq FROM moment WHERE time < (SELECT max(ends_at) FROM archived_month)
"""

#: What waited for an amendment may go on.
READY_ALSO = """
UPDATE correction c SET state = 'ready' FROM unnest(%s::text[], %s::text[]) AS v(source, id)
WHERE c.state = 'waiting' AND c.target_source = v.source COLLATE "C" AND c.target_id = v.id COLLATE "C"
"""

#: Corrections of a tree: from some identities up to what they amend, and down to all that corrects that.
TREE = """
WITH RECURSIVE up AS (
    SELECT v.source COLLATE "C" AS source, v.id COLLATE "C" AS id
    FROM unnest(%(sources)s::text[], %(ids)s::text[]) AS v(source, id)
    UNION
    SELECT c.target_source, c.target_id FROM up JOIN correction c
        ON c.source = up.source AND c.id = up.id AND c.kind = 'amend' AND c.state = 'applied'
),
down AS (
    SELECT c.* FROM up JOIN correction c
        ON c.target_source = up.source AND c.target_id = up.id AND c.state = 'applied'
    UNION
    SELECT c.* FROM down d JOIN correction c
        ON c.target_source = d.source AND c.target_id = d.id AND c.state = 'applied'
)
SELECT source, id, time, kind, target_source, target_id, stands_seq, stands_time FROM down
"""

#: What an amendment puts in its target's place: what the replacement gives, the target's own for the rest.
REPLACEMENTS = """
WITH given AS (
    SELECT c.seq AS amends, c.source, c.id, %(intake)s::bigint << 20 | (row_number() OVER (ORDER BY c.seq) - 1) AS seq,
           a.data -> 'replacement' AS r, a.received_at, t.type, t.subject, t.time, t.subscription, t.extensions, t.data
    FROM unnest(%(amends)s::bigint[], %(targets)s::bigint[], %(target_times)s::timestamptz[]) AS v(amend, target, time)
    JOIN correction c ON c.seq = v.amend
    JOIN event a ON a.seq = c.seq AND a.time = c.time
    JOIN event t ON t.seq = v.target AND t.time = v.time
),
made AS (
    INSERT INTO event (seq, source, id, type, subject, time, time_given, received_at, amends, subscription, extensions,
                       data)
    SELECT seq, source, id, coalesce(r ->> 'type', type), coalesce(r ->> 'subject', subject),
           coalesce((r ->> 'time')::timestamptz, time), true, received_at, amends,
           coalesce(r ->> 'subscription', subscription), extensions, coalesce(r -> 'data', data)
    FROM given RETURNING seq, time, amends
)
UPDATE correction c SET state = 'applied', stands_seq = made.seq, stands_time = made.time
FROM made WHERE c.seq = made.amends
RETURNING c.source, c.id, made.seq, made.time
"""

#: The numbers of events that correct nothing.
NUMBERS = """
SELECT y.source, y.id, y.seq, y.time FROM unnest(%(sources)s::text[], %(ids)s::text[]) AS v(source, id)
JOIN identity y ON y.source = v.source COLLATE "C" AND y.id = v.id COLLATE "C"
WHERE NOT EXISTS (SELECT FROM correction c WHERE c.seq = y.seq)
"""

STRIKE = """
INSERT INTO struck (seq, time, fate, by_source, by_id)
SELECT * FROM unnest(%(seqs)s::bigint[], %(times)s::timestamptz[], %(fates)s::text[], %(sources)s::text[],
                     %(ids)s::text[])
ON CONFLICT (seq) DO UPDATE SET fate = excluded.fate, by_source = excluded.by_source, by_id = excluded.by_id
"""

# What a struck event leaves behind: its place aside, its marks, and the operations it counted for.
CLEAR = """
WITH aside AS (DELETE FROM fate WHERE seq = ANY (%(seqs)s)),
     marks AS (DELETE FROM mark m USING unnest(%(seqs)s::bigint[], %(times)s::timestamptz[]) AS n(seq, time)
               WHERE m.seq = n.seq AND m.time = n.time)
DELETE FROM operation WHERE seq = ANY (%(seqs)s)
RETURNING customer_id, meter_id, operation, slot, grp
"""

# The earliest of the other attempts takes the place of one that was struck.
SUCCESSORS = """
SELECT DISTINCT ON (f.customer_id, f.meter_id, f.operation) f.seq, f.time, f.meter_id
FROM fate f JOIN event e ON e.seq = f.seq AND e.time = f.time
JOIN unnest(%(customers)s::bigint[], %(meters)s::bigint[], %(operations)s::text[])
  AS o(customer_id, meter_id, operation)
  ON f.customer_id = o.customer_id AND f.meter_id = o.meter_id AND f.operation = o.operation COLLATE "C"
WHERE f.reason = 'attempt'
ORDER BY f.customer_id, f.meter_id, f.operation, f.time, e.source, e.id
"""


def touched(meters: list[Published]) -> str:
    """Return the query for the cells of usage in which some events lie, whether they stand or not."""
    return f"""
WITH e AS MATERIALIZED ({_EVENTS}), judged AS ({judged(meters)})
SELECT DISTINCT customer_id, meter_id, slot, grp FROM judged
WHERE customer_id IS NOT NULL AND (word IS NULL OR word = 'failure')
UNION
SELECT u.customer_id, u.meter_id, u.slot, u.grp FROM erased_share x JOIN usage u
    ON u.customer_id = x.customer_id AND u.meter_id = x.meter_id AND u.slot = abaque_slot(x.time)
   AND abaque_kept(u.grp, %(key)s) = x.grp
WHERE x.seq = ANY (%(seqs)s)"""


_EVENTS = f"""
    SELECT e.seq, e.type, e.time, e.data, abaque_slot(e.time) AS slot, e.time > %(far)s AS future,
           {CUSTOMER} AS customer_id
    FROM unnest(%(seqs)s::bigint[], %(times)s::timestamptz[]) AS n(seq, time)
    JOIN event e ON e.seq = n.seq AND e.time = n.time
"""

# A customer's events of some hours, by the trail that metering left.
_OF_CELLS = """
    SELECT e.seq, e.type, e.time, e.data, h.customer_id, abaque_slot(e.time) AS slot, e.time > %(far)s AS future
    FROM (SELECT DISTINCT customer_id, abaque_hour(slot) AS hour FROM cell) h
    JOIN trail t ON t.customer_id = h.customer_id AND t.hour = h.hour CROSS JOIN unnest(t.seqs) AS s(seq)
    JOIN event e ON e.seq = s.seq AND e.time >= h.hour AND e.time < h.hour + interval '1 hour'
    WHERE NOT EXISTS (SELECT FROM struck x WHERE x.seq = e.seq)
"""


def recompute(meter: Published, *, unique: bool) -> str:
    """Return the statement that makes cells of a meter's usage anew from the raw events that stand."""
    members = (
        """,
forgotten AS (
    DELETE FROM unique_value u USING cell
    WHERE u.meter_id = %(meter)s AND u.customer_id = cell.customer_id AND u.slot = cell.slot AND u.grp = cell.grp
      AND NOT EXISTS (SELECT FROM counted c WHERE c.customer_id = u.customer_id AND c.slot = u.slot AND c.grp = u.grp
                      AND c.value IN (u.value, abaque_kept(u.value, %(key)s)))
)"""
        if unique
        else ""
    )
    return f"""
WITH cell AS MATERIALIZED (
    SELECT * FROM unnest(%(customers)s::bigint[], %(slots)s::timestamptz[], %(groups)s::text[])
        AS c(customer_id, slot, grp)
),
e AS MATERIALIZED ({_OF_CELLS}),
judged AS ({judged([meter])}),
counted AS MATERIALIZED (
    SELECT j.seq, j.meter_id, j.customer_id, j.slot, j.grp, j.word, j.quantity, j.value FROM judged j
    WHERE (word IS NULL OR word = 'failure')
    AND NOT EXISTS (SELECT FROM fate f WHERE f.seq = j.seq AND f.meter_id = j.meter_id AND f.reason <> 'failure')
    UNION ALL
    SELECT x.seq, x.meter_id, x.customer_id, cell.slot, cell.grp, x.reason, x.quantity, x.value
    FROM cell JOIN erased_share x ON x.meter_id = %(meter)s AND x.customer_id = cell.customer_id
        AND x.time >= cell.slot AND x.time < cell.slot + interval '15 minutes'
        AND abaque_kept(cell.grp, %(key)s) = x.grp
    WHERE (x.fate = 'counted' OR x.reason = 'failure')
      AND NOT EXISTS (SELECT FROM struck k WHERE k.seq = x.seq)
){members}
INSERT INTO usage AS u (customer_id, meter_id, slot, grp, events, quantity, not_billable)
SELECT cell.customer_id, %(meter)s, cell.slot, cell.grp, count(*) FILTER (WHERE j.seq IS NOT NULL AND word IS NULL),
       {aggregated([meter])}, count(*) FILTER (WHERE word = 'failure')
FROM cell LEFT JOIN counted j USING (customer_id, slot, grp)
GROUP BY cell.customer_id, cell.slot, cell.grp, j.meter_id ORDER BY 1, 3, 4
ON CONFLICT (customer_id, meter_id, slot, grp) DO UPDATE SET
    events = excluded.events, quantity = excluded.quantity, not_billable = excluded.not_billable"""
