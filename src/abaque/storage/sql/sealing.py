"""What sealing reads: hours as they stand, and hours recomputed from raw events."""

from abaque.storage.sql.judging import keeps_marks
from abaque.storage.sql.metering import PLACE_BITS, Published, aggregated, judged

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
    OR EXISTS (SELECT FROM correction WHERE state IN ('new', 'ready'))
"""


def inconsistent(meter: Published) -> str:
    """Return the query for hours between two instants whose usage differs from what the raw events give.

    Whose an event is is looked up again, and whether it still stands; an operation counts where its earliest
    success lies. What lies beyond `far`, the farthest future that is counted by now, does not count yet. What is
    archived, and all before it, is left out: it was found consistent before it went.
    """
    state = ""
    if keeps_marks(meter.definition):
        state = _MARKS_WRONG.format(meter=meter.id)
    elif meter.definition["aggregate"] == "unique":
        state = _MEMBERS_WRONG.format(meter=meter.id)
    return f"""
WITH e AS MATERIALIZED (
    SELECT e.seq, e.source, e.id, e.type, e.time, e.data, a.customer_id, abaque_slot(e.time) AS slot,
           e.time > %(far)s AND EXISTS (SELECT FROM fate f WHERE f.seq = e.seq AND f.reason = 'future') AS future
    FROM event e JOIN intake i ON i.id = e.seq >> {PLACE_BITS} AND i.metered_at IS NOT NULL
    JOIN alias a ON a.subject = e.subject AND (a.valid_from IS NULL OR e.time >= a.valid_from)
                AND (a.valid_to IS NULL OR e.time < a.valid_to)
    WHERE e.time >= %(start)s AND e.time < %(end)s AND e.type IN ({meter.types})
      AND NOT EXISTS (SELECT FROM struck x WHERE x.seq = e.seq)
),
judged AS MATERIALIZED ({judged([meter])}),
counted AS MATERIALIZED (
    SELECT j.* FROM judged j JOIN e USING (seq)
    WHERE j.word IS NULL AND (j.operation IS NULL OR NOT EXISTS (
        SELECT FROM operation o WHERE o.customer_id = j.customer_id AND o.meter_id = j.meter_id
        AND o.operation = j.operation AND (o.time, o.source, o.id) < (j.time, e.source, e.id)
    )) AND (j.operation IS NULL OR NOT EXISTS (
        SELECT FROM fate f WHERE f.customer_id = j.customer_id AND f.meter_id = j.meter_id
        AND f.operation = j.operation AND f.time < j.time
    ))
),
recomputed AS (
    SELECT customer_id, slot, grp, count(*) AS events, {aggregated([meter])} AS quantity FROM counted
    GROUP BY customer_id, slot, grp, meter_id
),
failed AS (SELECT customer_id, slot, grp, count(*) AS not_billable FROM judged WHERE word = 'failure' GROUP BY 1, 2, 3),
kept AS (
    SELECT customer_id, slot, grp, events, quantity, not_billable FROM usage
    WHERE meter_id = {meter.id} AND slot >= %(start)s AND slot < %(end)s
),
wrong AS (
    SELECT slot FROM recomputed FULL JOIN failed USING (customer_id, slot, grp)
         FULL JOIN kept USING (customer_id, slot, grp)
    WHERE coalesce(recomputed.events, 0) <> coalesce(kept.events, 0)
       OR coalesce(failed.not_billable, 0) <> coalesce(kept.not_billable, 0)
       OR (coalesce(kept.events, 0) > 0 AND recomputed.quantity IS DISTINCT FROM kept.quantity)
{state}
)
SELECT DISTINCT date_bin('1 hour', slot, timestamptz '2000-01-01 00:00+00') FROM wrong
WHERE slot >= coalesce((SELECT max(ends_at) FROM archived_month), '-infinity')
"""


_MEMBERS_WRONG = """\
    UNION ALL
    SELECT slot FROM (SELECT DISTINCT customer_id, slot, grp, value, true AS found FROM counted) members
    FULL JOIN (SELECT customer_id, slot, grp, value, true AS kept FROM unique_value
               WHERE meter_id = {meter} AND slot >= %(start)s AND slot < %(end)s) there
    USING (customer_id, slot, grp, value)
    WHERE found IS NULL OR kept IS NULL"""
_MARKS_WRONG = """\
    UNION ALL
    SELECT abaque_slot(time) FROM (SELECT seq, time, quantity, value, true AS found FROM counted) marks
    FULL JOIN (SELECT seq, time, quantity, coalesce(value, '') AS value, true AS kept FROM mark
               WHERE meter_id = {meter} AND time >= %(start)s AND time < %(end)s) there USING (seq, time)
    WHERE found IS NULL OR kept IS NULL OR marks.quantity <> there.quantity
       OR coalesce(marks.value, '') <> there.value"""
