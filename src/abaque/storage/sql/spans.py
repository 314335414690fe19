"""Usage of many spans in one statement each: what rating and checks read."""

ADDITIVE = """
SELECT v.i, coalesce(u.events, 0), u.quantity, coalesce(u.not_billable, 0)
FROM unnest(%(i)s::int[], %(meter)s::bigint[], %(customer)s::bigint[], %(start)s::timestamptz[], %(end)s::timestamptz[])
     AS v(i, meter_id, customer_id, starts_at, ends_at)
JOIN meter_version m ON m.id = v.meter_id
LEFT JOIN LATERAL (
    SELECT sum(events) AS events, CASE WHEN m.aggregate = 'max' THEN max(quantity) ELSE sum(quantity) END AS quantity,
           sum(not_billable) AS not_billable
    FROM usage WHERE customer_id = v.customer_id AND meter_id = v.meter_id AND slot >= v.starts_at AND slot < v.ends_at
) u ON true
WHERE m.aggregate <> 'unique'
UNION ALL
SELECT v.i, coalesce(u.events, 0), q.quantity, coalesce(u.not_billable, 0)
FROM unnest(%(i)s::int[], %(meter)s::bigint[], %(customer)s::bigint[], %(start)s::timestamptz[], %(end)s::timestamptz[])
     AS v(i, meter_id, customer_id, starts_at, ends_at)
JOIN meter_version m ON m.id = v.meter_id
LEFT JOIN LATERAL (
    SELECT sum(events) AS events, sum(not_billable) AS not_billable
    FROM usage WHERE customer_id = v.customer_id AND meter_id = v.meter_id AND slot >= v.starts_at AND slot < v.ends_at
) u ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS quantity FROM (
        SELECT DISTINCT value FROM unique_value
        WHERE customer_id = v.customer_id AND meter_id = v.meter_id AND slot >= v.starts_at AND slot < v.ends_at
    ) values
) q ON true
WHERE m.aggregate = 'unique'
"""
