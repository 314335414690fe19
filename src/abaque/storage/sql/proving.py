"""What proving reads: the nodes of sealed hours, made again from the events as they are stored now."""

from abaque.storage.sql.archiving import HANDED_OVER, text_of
from abaque.storage.sql.metering import PLACE_BITS
from abaque.storage.sql.sealing import LEAF, node_hash

# One row per leaf that an event's number leads to: of its text, here or recalled from the archive, or what was kept
# when an action erased it.
_LEAVES = f"""
    SELECT {LEAF} AS leaf, '' AS gone
    FROM event e JOIN intake i ON i.id = e.seq >> {PLACE_BITS}
    LEFT JOIN event_salt s ON i.salt IS NULL AND s.seq = e.seq
    WHERE e.seq = u.seq AND e.time >= n.slot AND e.time < n.slot + interval '15 minutes'
      AND e.type <> 'abaque.erased'
    UNION ALL
    SELECT sha256(r.salt || convert_to({text_of("r")}, 'UTF8')), ''
    FROM recalled r WHERE r.seq = u.seq AND r.time >= n.slot AND r.time < n.slot + interval '15 minutes'
      AND r.salt IS NOT NULL
    UNION ALL
    SELECT r.leaf, 'reduced' FROM recalled r
    JOIN archived_month m ON r.time >= m.starts_at AND r.time < m.ends_at
    JOIN (SELECT DISTINCT verb, input_hash FROM action) a ON a.verb = 'reduce_month' AND a.input_hash = m.reduced
    WHERE r.seq = u.seq AND r.type = 'abaque.reduced'
    UNION ALL
    SELECT x.leaf, 'erased' FROM erased x JOIN (SELECT DISTINCT verb, input_hash FROM action) a
        ON a.verb = 'erase_person' AND a.input_hash = x.action
    WHERE x.seq = u.seq
"""

#: Nodes of some hours as they were sealed and as they come out now, with the events that are missing or differ.
NODES_AGAIN = f"""
SELECT h.id, n.slot, coalesce(c.external_id, ''), n.hash, n.count, n.quantity,
       {
    node_hash(
        code="coalesce(m.code, '')",
        slot="n.slot",
        count="n.count",
        quantity="trim_scale(n.quantity)",
        said="t.said",
    )
},
       n.count = t.count AND n.quantity = t.quantity, t.events, t.erased, t.reduced, t.wrong
FROM hour h LEFT JOIN meter_version m ON m.id = h.meter_id
JOIN node n ON n.meter_id = coalesce(h.meter_id, 0) AND n.hour = h.hour AND n.revision = h.revision
LEFT JOIN customer c ON c.id = n.customer_id
CROSS JOIN LATERAL (
    SELECT sum(u.count) AS count, sum(u.quantity) AS quantity, count(*) AS events,
           count(*) FILTER (WHERE l.gone = 'erased') AS erased, count(*) FILTER (WHERE l.gone = 'reduced') AS reduced,
           string_agg(
               coalesce(l.leaf, ''::bytea) || convert_to(concat(u.count, '|', trim_scale(u.quantity), E'\\n'), 'UTF8'),
               ''::bytea ORDER BY u.place) AS said,
           array_agg(u.seq ORDER BY u.place)
               FILTER (WHERE l.leaf IS NULL OR substr(l.leaf, 1, 4) <> substr(n.prints, 4 * u.place::int - 3, 4))
               AS wrong
    FROM unnest(n.seqs, n.counts, n.quantities) WITH ORDINALITY AS u(seq, count, quantity, place)
    LEFT JOIN LATERAL ({_LEAVES}) l ON true
) t
WHERE h.id = ANY (%(hours)s) ORDER BY h.id, n.slot, n.customer_id
"""

#: Nodes of hours that are not in the chain.
STRAY = """
SELECT DISTINCT coalesce(m.code, ''), n.hour, n.revision FROM node n LEFT JOIN meter_version m ON m.id = n.meter_id
WHERE NOT EXISTS (SELECT FROM hour h WHERE coalesce(h.meter_id, 0) = n.meter_id AND h.hour = n.hour
                  AND h.revision = n.revision)
ORDER BY 2, 1, 3
"""

#: What identifies events, also where their rows are gone.
NAMES = """
SELECT v.seq, coalesce(y.source, e.source, r.source, ''), coalesce(y.id, e.id, r.id, ''),
       coalesce(e.seq, r.seq) IS NOT NULL
FROM unnest(%(seqs)s::bigint[]) AS v(seq)
LEFT JOIN event e ON e.seq = v.seq LEFT JOIN recalled r ON r.seq = v.seq LEFT JOIN identity y ON y.seq = v.seq
"""

#: The nodes of one customer, meter and span, in the order of sealing.
NODES_OF_LINE = """
SELECT h.id, n.hour, n.revision, n.slot, n.count, n.quantity, n.seqs, n.counts, n.quantities, n.hash
FROM node n JOIN hour h ON h.meter_id = n.meter_id AND h.hour = n.hour AND h.revision = n.revision
WHERE n.customer_id = %(customer)s AND n.meter_id = %(meter)s AND n.slot >= %(start)s AND n.slot < %(end)s
ORDER BY h.id, n.slot
"""

#: The hashes of all nodes of some hours: whose they are is not said.
HASHES_OF_HOURS = """
SELECT h.id, n.hash FROM hour h
JOIN node n ON n.meter_id = h.meter_id AND n.hour = h.hour AND n.revision = h.revision
WHERE h.id = ANY (%(hours)s) ORDER BY h.id, n.slot, n.customer_id
"""

#: What the leaves of events are made of; of an erased one the leaf itself, and what is left of its value.
TEXTS = f"""
WITH told AS (
    SELECT u.seq, e.source, e.id, e.time, e.data,
           CASE WHEN x.seq IS NULL THEN coalesce(abaque_salt(i.salt, e.seq), s.salt) END AS salt,
           {text_of("e")} AS text, x.leaf
    FROM unnest(%(seqs)s::bigint[], %(times)s::timestamptz[]) AS u(seq, slot)
    JOIN event e ON e.seq = u.seq AND e.time >= u.slot AND e.time < u.slot + interval '15 minutes'
    JOIN intake i ON i.id = u.seq >> {PLACE_BITS}
    LEFT JOIN event_salt s ON i.salt IS NULL AND s.seq = u.seq
    LEFT JOIN erased x ON x.seq = u.seq
    UNION ALL
    SELECT a.seq, a.source, a.id, a.time, a.data, a.salt, {text_of("a")}, a.leaf FROM ({HANDED_OVER}) a
)
SELECT t.seq, t.source, t.id, t.time, t.salt, CASE WHEN t.salt IS NOT NULL THEN t.text END, t.leaf,
       coalesce(p.value, ''), t.data::text
FROM told t LEFT JOIN erased_share p ON p.seq = t.seq AND p.meter_id = %(meter)s
"""
