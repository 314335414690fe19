"""Erasing: what an event said goes, what it counted for stays. To be run as the owner of the tables."""

from collections.abc import Sequence

from abaque.storage.sql.archiving import BY_NUMBER, HANDED_OVER, text_of
from abaque.storage.sql.metering import CUSTOMER, PLACE_BITS, Published, judged

#: The events of some subjects; corrections that still wait for their targets are not yet told apart from them.
OF_SUBJECTS = """
SELECT seq, time FROM event WHERE subject = ANY (%(subjects)s) AND type <> 'abaque.erased' ORDER BY seq
"""

WAITING = f"""
SELECT EXISTS (SELECT FROM unnest(%(seqs)s::bigint[]) AS n(seq) JOIN intake i ON i.id = n.seq >> {PLACE_BITS}
               WHERE i.metered_at IS NULL)
    OR EXISTS (SELECT FROM correction c WHERE c.state NOT IN ('applied', 'refused', 'late')
               AND (c.seq = ANY (%(seqs)s) OR EXISTS (
                    SELECT FROM identity y WHERE y.source = c.target_source AND y.id = c.target_id
                    AND y.seq = ANY (%(seqs)s))))
    OR EXISTS (SELECT FROM recount WHERE done_at IS NULL)
"""

#: Their leaves are kept, with the action that erases them. An archived one's is in its file.
KEEP_LEAVES = f"""
INSERT INTO erased (seq, time, type, leaf, action)
SELECT e.seq, e.time, e.type,
       coalesce(e.leaf, sha256(coalesce(abaque_salt(i.salt, e.seq), s.salt) || convert_to({text_of("e")}, 'UTF8'))),
       %(action)s
FROM ({BY_NUMBER}) e JOIN intake i ON i.id = e.seq >> {PLACE_BITS}
LEFT JOIN event_salt s ON i.salt IS NULL AND s.seq = e.seq
"""


#: The events of an archived month that was recalled, but for those that an action erased.
OF_RECALLED = """
SELECT r.*, %(stand)s::bigint[] AS meters FROM recalled r WHERE r.type <> 'abaque.erased'
"""


def keep_shares(meters: Sequence[Published], events: str = BY_NUMBER) -> str:
    """Return the statement that keeps what each meter that counts them made of them; `stand`: those that stand."""
    return f"""
WITH e AS MATERIALIZED (
    SELECT e.seq, e.type, e.time, e.data, abaque_slot(e.time) AS slot, false AS future,
           {CUSTOMER} AS customer_id, coalesce(e.meters, %(stand)s::bigint[]) AS counting
    FROM ({events}) e
),
judged AS MATERIALIZED ({judged(meters)})
INSERT INTO erased_share (seq, meter_id, time, customer_id, fate, reason, grp, quantity, value, operation)
SELECT j.seq, j.meter_id, j.time, j.customer_id,
       CASE WHEN f.fate IS NOT NULL THEN f.fate WHEN j.word IS NULL THEN 'counted'
            WHEN j.word IN ('failure', 'filtered') THEN 'not_billable' ELSE 'quarantined' END,
       coalesce(f.reason, j.word), abaque_kept(j.grp, %(key)s),
       CASE WHEN f.fate IS NULL AND j.word IS NULL THEN j.quantity END, abaque_kept(j.value, %(key)s),
       abaque_kept(j.operation, %(key)s)
FROM judged j JOIN e ON e.seq = j.seq AND j.meter_id = ANY (e.counting)
LEFT JOIN fate f ON f.seq = j.seq AND f.meter_id = j.meter_id
"""


#: Whose salts go: those of the events asked for.
ASKED_FOR = "unnest(%(seqs)s::bigint[]) AS gone(seq)"


def drop_salts(gone: str) -> Sequence[str]:
    """Return the statements that take away the salts of the events that `gone` numbers.

    The others of their intakes keep their salts, each for itself; the one from which all were made goes.
    """
    intakes = f"SELECT DISTINCT seq >> {PLACE_BITS} FROM {gone}"
    return (
        f"""
INSERT INTO event_salt (seq, salt)
SELECT e.seq, abaque_salt(i.salt, e.seq) FROM intake i
JOIN event e ON e.seq >= i.id << {PLACE_BITS} AND e.seq < (i.id + 1) << {PLACE_BITS}
WHERE i.salt IS NOT NULL AND i.id IN ({intakes}) AND e.seq NOT IN (SELECT seq FROM {gone})
""",
        f"DELETE FROM event_salt WHERE seq IN (SELECT seq FROM {gone})",
        f"UPDATE intake SET salt = NULL WHERE salt IS NOT NULL AND id IN ({intakes})",
    )


# An operation that also others attempted stays in words, and so does a value that others also have.
_VEIL = {
    "operation": """
UPDATE operation o SET operation = abaque_kept(o.operation, %(key)s) WHERE o.seq = ANY (%(seqs)s)
AND NOT EXISTS (SELECT FROM fate f WHERE f.customer_id = o.customer_id AND f.meter_id = o.meter_id
                AND f.operation = o.operation AND NOT f.seq = ANY (%(seqs)s))
""",
    "mark": """
UPDATE mark m SET value = abaque_kept(m.value, %(key)s) FROM unnest(%(seqs)s::bigint[], %(times)s::timestamptz[])
AS n(seq, time) WHERE m.seq = n.seq AND m.time = n.time AND m.value IS NOT NULL
""",
    "erased": """
UPDATE event e SET type = 'abaque.erased', subject = '', subscription = NULL, extensions = NULL, data = '{}'
FROM unnest(%(seqs)s::bigint[], %(times)s::timestamptz[]) AS n(seq, time) WHERE e.seq = n.seq AND e.time = n.time
""",
    "fate": "DELETE FROM fate WHERE seq = ANY (%(seqs)s)",
}
FORGET = tuple(_VEIL.values())


#: Who else was there when members of theirs were counted, with the hours: what they share stays in words.
OTHERS = """
SELECT DISTINCT unnest(t.seqs), t.hour FROM erased_share x
JOIN trail t ON t.customer_id = x.customer_id AND t.hour = abaque_hour(x.time)
WHERE x.meter_id = ANY (%(unique)s) AND x.seq = ANY (%(seqs)s) AND x.fate = 'counted' AND x.value IS NOT NULL
"""


def forget_members(meter: Published) -> str:
    """Return the statement that veils the distinct values that only erased events had."""
    return f"""
WITH share AS (
    SELECT DISTINCT customer_id, abaque_slot(time) AS slot, value FROM erased_share
    WHERE meter_id = {meter.id} AND seq = ANY (%(seqs)s) AND fate = 'counted' AND value IS NOT NULL
),
mine AS (
    SELECT u.customer_id, u.value FROM unique_value u
    LEFT JOIN share s ON s.customer_id = u.customer_id AND s.slot = u.slot
                     AND s.value = abaque_kept(u.value, %(key)s)
    WHERE u.meter_id = {meter.id} AND u.customer_id IN (SELECT customer_id FROM share)
    GROUP BY 1, 2 HAVING bool_and(s.slot IS NOT NULL)
),
e AS MATERIALIZED (
    SELECT e.seq, e.type, e.time, e.data, h.customer_id, h.slot, false AS future
    FROM (SELECT DISTINCT customer_id, slot FROM share) h
    JOIN trail t ON t.customer_id = h.customer_id
        AND t.hour = abaque_hour(h.slot) CROSS JOIN unnest(t.seqs) AS v(seq)
    JOIN (SELECT seq, type, time, data FROM event UNION ALL SELECT seq, type, time, data FROM ({HANDED_OVER}) a) e
        ON e.seq = v.seq AND e.time >= h.slot AND e.time < h.slot + interval '15 minutes'
    WHERE NOT EXISTS (SELECT FROM struck x WHERE x.seq = e.seq)
),
judged AS ({judged([meter])})
UPDATE unique_value u SET value = abaque_kept(u.value, %(key)s) FROM mine
WHERE u.meter_id = {meter.id} AND u.customer_id = mine.customer_id AND u.value = mine.value
  AND NOT EXISTS (SELECT FROM judged j WHERE j.word IS NULL AND j.customer_id = mine.customer_id
                  AND j.value = mine.value)
"""


#: What was sent under a taken identity, of them or by them.
FORGET_CONFLICTS = """
DELETE FROM conflict k WHERE k.event ->> 'subject' = ANY (%(subjects)s)
   OR EXISTS (SELECT FROM identity y WHERE y.source = k.source AND y.id = k.id AND y.seq = ANY (%(seqs)s))
"""
