-- Events as columns, taken apart and judged before they came here. What only the database knows makes the statement fail.
SELECT (c.intake << 20) + e.index - 1 AS seq, e.id, e.source, e.type, e.subject, NULL AS reason,
       e.time IS NOT NULL AS time_given, coalesce(e.time, c.now) AS time, e.subscription, e.extensions, e.data,
       abaque_content_hash(e.type, e.subject, e.time, e.subscription, e.data, %(seed)s::bigint) AS content_hash
FROM caller c, LATERAL (
    SELECT index, id, source, type, subject, nullif(time, '')::timestamptz AS time, nullif(subscription, '') AS subscription,
           nullif(extensions, '')::jsonb AS extensions, coalesce(nullif(data, ''), '{}')::jsonb AS data
    FROM unnest(
        string_to_array(%(ids)s, E'\x1f'), string_to_array(%(sources)s, E'\x1f'), string_to_array(%(types)s, E'\x1f'),
        string_to_array(%(subjects)s, E'\x1f'), string_to_array(%(times)s, E'\x1f'),
        string_to_array(%(subscriptions)s, E'\x1f'), string_to_array(%(extensions)s, E'\x1f'),
        string_to_array(%(data)s, E'\x1f')
    ) WITH ORDINALITY AS sent(id, source, type, subject, time, subscription, extensions, data, index)
    OFFSET 0  -- each cast once
) e
WHERE 1 / (c.sources IS NULL OR e.source = ANY (c.sources))::integer = 1
