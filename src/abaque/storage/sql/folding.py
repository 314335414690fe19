"""Days of usage that are over become one row each per customer, meter and group."""

#: Listed once is enough; a steady trickle of events would else list a day a hundred thousand times.
COMPACT = """
DELETE FROM {table} t USING (
    SELECT ctid, row_number() OVER (PARTITION BY {key}) AS number FROM {table}
) twice WHERE t.ctid = twice.ctid AND twice.number > 1
"""

#: Days that are over and were not folded since they changed, taken off the list.
TAKE = """
WITH oldest AS (SELECT meter_id, day FROM unfolded WHERE day < %(until)s ORDER BY day, meter_id LIMIT %(days)s),
taken AS (DELETE FROM unfolded u USING oldest o WHERE u.meter_id = o.meter_id AND u.day = o.day)
SELECT DISTINCT meter_id, day FROM oldest
"""

FORGET = """
DELETE FROM usage_day d USING unnest(%(meters)s::bigint[], %(days)s::timestamptz[]) AS t(meter_id, day)
WHERE d.meter_id = t.meter_id AND d.day = t.day
"""

FOLD = """
INSERT INTO usage_day (meter_id, customer_id, day, grp, events, quantity, not_billable)
SELECT t.meter_id, u.customer_id, t.day, u.grp, sum(u.events),
       CASE m.aggregate WHEN 'max' THEN max(u.quantity) WHEN 'min' THEN min(u.quantity) ELSE sum(u.quantity) END,
       sum(u.not_billable)
FROM unnest(%(meters)s::bigint[], %(days)s::timestamptz[]) AS t(meter_id, day)
JOIN meter_version m ON m.id = t.meter_id
JOIN usage u ON u.meter_id = t.meter_id AND u.slot >= t.day AND u.slot < t.day + interval '1 day'
GROUP BY t.meter_id, u.customer_id, t.day, u.grp, m.aggregate
ORDER BY u.customer_id, t.meter_id, t.day, u.grp
"""
