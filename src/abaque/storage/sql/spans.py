"""Usage of many spans in one statement each: what rating and checks read."""

METERS = "SELECT id, definition::text FROM meter_version WHERE id = ANY (%s)"

_SPANS = """
FROM unnest(%(i)s::int[], %(meter)s::bigint[], %(customer)s::bigint[], %(start)s::timestamptz[], %(end)s::timestamptz[],
            %(group)s::text[]) AS v(i, meter_id, customer_id, starts_at, ends_at, grp)
JOIN meter_version m ON m.id = v.meter_id
LEFT JOIN LATERAL (
    SELECT sum(events) AS events, sum(not_billable) AS not_billable,
           CASE m.aggregate WHEN 'max' THEN max(quantity) WHEN 'min' THEN min(quantity)
                ELSE sum(quantity) END AS quantity
    FROM abaque_used(v.customer_id, v.meter_id, v.starts_at, v.ends_at) used
    WHERE v.grp IS NULL OR used.grp = v.grp
) u ON true
"""

#: For an average `quantity` is the sum that is to be divided by `events`.
ADDITIVE = f"""
SELECT v.i, coalesce(u.events, 0), u.quantity, coalesce(u.not_billable, 0)
{_SPANS} WHERE m.aggregate <> 'unique'
UNION ALL
SELECT v.i, coalesce(u.events, 0), q.quantity, coalesce(u.not_billable, 0)
{_SPANS}
LEFT JOIN LATERAL (
    SELECT count(DISTINCT value) AS quantity FROM unique_value n
    WHERE n.customer_id = v.customer_id AND n.meter_id = v.meter_id AND n.slot >= v.starts_at AND n.slot < v.ends_at
      AND (v.grp IS NULL OR n.grp = v.grp)
) q ON true
WHERE m.aggregate = 'unique'
"""

#: The marks of each span, with the customer's zone; one row without a mark where there is none.
MARKS = """
SELECT v.i, c.zone, k.time, k.received_at, k.source, k.id, k.grp, k.quantity, k.value
FROM unnest(%(i)s::int[], %(meter)s::bigint[], %(customer)s::bigint[], %(since)s::timestamptz[], %(end)s::timestamptz[],
            %(group)s::text[]) AS v(i, meter_id, customer_id, since, ends_at, grp)
JOIN customer c ON c.id = v.customer_id
LEFT JOIN mark k ON k.customer_id = v.customer_id AND k.meter_id = v.meter_id AND k.time < v.ends_at
    AND (v.since IS NULL OR k.time >= v.since) AND (v.grp IS NULL OR k.grp = v.grp)
"""

#: The days, UTC, on which customers used something: as they were folded, and of those not folded by their slots.
ACTIVE_DAYS = """
SELECT customer_id, array_agg(DISTINCT day) FROM (
    SELECT d.customer_id, d.day FROM usage_day d WHERE d.customer_id = ANY (%(customers)s)
    AND NOT EXISTS (SELECT FROM unfolded x WHERE x.meter_id = d.meter_id AND x.day = d.day)
    UNION ALL
    SELECT u.customer_id, x.day FROM (SELECT DISTINCT meter_id, day FROM unfolded) x
    JOIN usage u ON u.customer_id = ANY (%(customers)s) AND u.meter_id = x.meter_id
        AND u.slot >= x.day AND u.slot < x.day + interval '1 day'
) used GROUP BY 1
"""
