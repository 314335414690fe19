"""What back-fills read: their intakes and events, and what they were not opened for."""

from abaque.storage.sql.metering import PLACE_BITS

_OF_BACKFILL = f"""
    FROM intake i JOIN event e ON e.seq >= i.id << {PLACE_BITS} AND e.seq < (i.id + 1) << {PLACE_BITS}
        AND e.time >= i.first_time AND e.time <= i.last_time
    JOIN backfill b ON b.id = i.backfill_id WHERE b.id = %(backfill)s
"""

#: Events of another span, source or type than was said, and voids.
STRAYS = f"""
SELECT count(*) FILTER (WHERE NOT starts_with(e.type, 'abaque.') AND (
           e.time < b.starts_at OR e.time >= b.ends_at
           OR (b.sources <> '{{}}' AND NOT e.source = ANY (b.sources))
           OR (b.types <> '{{}}' AND NOT e.type = ANY (b.types)))),
       count(*) FILTER (WHERE e.type = 'abaque.void')
{_OF_BACKFILL}"""

#: Whether a back-fill has events before a time.
BEFORE = "SELECT EXISTS (SELECT FROM intake WHERE backfill_id = %(backfill)s AND first_time < %(until)s)"

#: A back-fill's next intakes, of so many events.
INTAKES = """
SELECT id, first_time, last_time, waits FROM (
    SELECT id, first_time, last_time, metered_at IS NULL AS waits,
           sum(accepted) OVER (ORDER BY id) - accepted AS before
    FROM (SELECT * FROM intake WHERE backfill_id = %(backfill)s AND id > %(reached)s ORDER BY id LIMIT 2000) i
) next WHERE before < %(events)s ORDER BY id
"""

#: What can be voided of some intakes.
EVENTS = f"""
SELECT e.seq, e.source, e.id
FROM intake i JOIN event e ON e.seq >= i.id << {PLACE_BITS} AND e.seq < (i.id + 1) << {PLACE_BITS}
    AND e.time >= i.first_time AND e.time <= i.last_time
WHERE i.id = ANY (%(intakes)s) AND e.type <> 'abaque.void' AND e.amends IS NULL ORDER BY e.seq
"""

UNMETERED = """
SELECT id, first_time, last_time FROM intake WHERE backfill_id = %(backfill)s AND metered_at IS NULL ORDER BY id
"""

#: Whom a back-fill's events are about, and those they correct.
CUSTOMERS = f"""
WITH sent AS MATERIALIZED (SELECT e.type, e.subject, e.data {_OF_BACKFILL}),
subjects AS (
    SELECT subject FROM sent
    UNION SELECT data -> 'replacement' ->> 'subject' FROM sent WHERE type = 'abaque.amend'
    UNION SELECT t.subject FROM sent
          JOIN identity y ON y.source = sent.data ->> 'source' AND y.id = sent.data ->> 'id'
          JOIN event t ON t.seq = y.seq AND t.time = y.time
          WHERE sent.type IN ('abaque.void', 'abaque.amend')
)
SELECT DISTINCT a.customer_id FROM subjects s JOIN alias a USING (subject) ORDER BY 1
"""

#: Why events of a back-fill that was just metered wait for a cause to be mended.
ASIDE = f"""
SELECT f.reason, count(DISTINCT f.seq) FROM intake i
JOIN fate f ON f.seq >= i.id << {PLACE_BITS} AND f.seq < (i.id + 1) << {PLACE_BITS} AND f.fate = 'quarantined'
WHERE i.backfill_id = %(backfill)s GROUP BY 1 ORDER BY 1
"""
