-- One request at the door, whole: key, identity, verdicts, events, intake. $1… are named parameters:
--   body: text of a JSON array · now: the folder's clock · key_hash: sha256 of the caller's key, or null for our own importer
--   seed: of the content hash · pseudonym_key · inspected: whether Python already looked at numbers and keys · far: now + 1 hour
-- Fields are read as jsonb, never as timestamptz or numeric, which would coerce "yesterday" or "NaN".
WITH caller AS MATERIALIZED (
    SELECT id, sources FROM api_key
    WHERE hash = %(key_hash)s AND revoked_at IS NULL AND 'events:write' = ANY (scopes)
    UNION ALL SELECT NULL, NULL WHERE %(key_hash)s::bytea IS NULL
),
element AS MATERIALIZED (
    SELECT t.index, t.event, t.event::text AS content, t.id, t.source, t.type, t.subject, t.time, t.data,
           t.specversion, t.subscription
    FROM caller, JSON_TABLE(
        CASE WHEN %(inspected)s OR %(body)s IS JSON ARRAY WITH UNIQUE KEYS THEN %(body)s::jsonb END, 'strict $[*]'
        COLUMNS (
            index FOR ORDINALITY,
            event jsonb PATH '$',
            id jsonb PATH 'strict $.id' NULL ON EMPTY NULL ON ERROR,
            source jsonb PATH 'strict $.source' NULL ON EMPTY NULL ON ERROR,
            type jsonb PATH 'strict $.type' NULL ON EMPTY NULL ON ERROR,
            subject jsonb PATH 'strict $.subject' NULL ON EMPTY NULL ON ERROR,
            time jsonb PATH 'strict $.time' NULL ON EMPTY NULL ON ERROR,
            data jsonb PATH 'strict $.data' NULL ON EMPTY NULL ON ERROR,
            specversion jsonb PATH 'strict $.specversion' NULL ON EMPTY NULL ON ERROR,
            subscription jsonb PATH 'strict $.subscription' NULL ON EMPTY NULL ON ERROR
        )
    ) AS t
),
judged AS MATERIALIZED (
    SELECT index, event, content, id #>> '{}' AS id, source #>> '{}' AS source, type #>> '{}' AS type,
           subject #>> '{}' AS subject, time #>> '{}' AS time, subscription #>> '{}' AS subscription,
           CASE WHEN jsonb_typeof(data) = 'object' THEN data ELSE '{}' END AS data,
           CASE
               WHEN jsonb_typeof(event) <> 'object' THEN 'not_an_object'
               WHEN octet_length(content) > 262144 THEN 'event_too_large'
               WHEN NOT %(inspected)s AND content ~ '[0-9]{41}|[0-9.]{42}' THEN 'inspect'
               WHEN id IS NULL THEN 'missing_id'
               WHEN jsonb_typeof(id) <> 'string' OR id = '""' THEN 'bad_id'
               WHEN octet_length(id #>> '{}') > 255 THEN 'id_too_long'
               WHEN source IS NULL THEN 'missing_source'
               WHEN jsonb_typeof(source) <> 'string' OR source = '""' THEN 'bad_source'
               WHEN octet_length(source #>> '{}') > 255 THEN 'source_too_long'
               WHEN type IS NULL THEN 'missing_type'
               WHEN jsonb_typeof(type) <> 'string' OR type = '""' OR octet_length(type #>> '{}') > 255 THEN 'bad_type'
               WHEN type #>> '{}' LIKE 'abaque.%%' THEN 'reserved_type'
               WHEN subject IS NULL THEN 'missing_subject'
               WHEN jsonb_typeof(subject) <> 'string' OR subject = '""' OR octet_length(subject #>> '{}') > 255 THEN 'bad_subject'
               WHEN specversion IS NOT NULL AND specversion <> '"1.0"' THEN 'bad_specversion'
               WHEN event ? 'data_base64' THEN 'binary_data'
               WHEN coalesce(jsonb_typeof(subscription), 'string') <> 'string' THEN 'bad_subscription'
               WHEN coalesce(jsonb_typeof(data), 'null') NOT IN ('object', 'null') THEN 'data_not_an_object'
               WHEN coalesce(jsonb_typeof(time), 'null') = 'null' THEN NULL
               WHEN jsonb_typeof(time) <> 'string'
                 OR NOT time #>> '{}' ~ '^20[0-9]{2}-[01][0-9]-[0-3][0-9][Tt][0-2][0-9]:[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]{1,9})?([Zz]|[+-][0-2][0-9]:[0-5][0-9])$'
                 OR time #>> '{}' ~ '[Tt]2[4-9]'
                 OR NOT pg_input_is_valid(time #>> '{}', 'timestamptz') THEN 'bad_time'
           END AS reason,
           hashtextextended(CASE WHEN %(id_is_content)s THEN coalesce(id #>> '{}', '') ELSE content END, %(seed)s) AS content_hash
    FROM element
),
permitted AS MATERIALIZED (
    SELECT j.index, j.event, j.id, j.source, j.type, j.subject, j.subscription, j.data, j.content_hash, j.time IS NOT NULL AS time_given,
           coalesce(j.reason, CASE WHEN caller.sources IS NOT NULL AND NOT j.source = ANY (caller.sources)
                                   THEN 'source_not_allowed' END) AS reason,
           CASE WHEN j.reason IS NULL THEN coalesce(j.time::timestamptz, %(now)s) END AS time
    FROM judged j, caller
),
good AS MATERIALIZED (
    SELECT DISTINCT ON (source COLLATE "C", id COLLATE "C") * FROM permitted
    WHERE reason IS NULL AND NOT EXISTS (SELECT FROM permitted WHERE reason = 'inspect')  -- then nothing is written yet
    ORDER BY source COLLATE "C", id COLLATE "C", index
),
fresh AS (
    INSERT INTO identity (source, id, time, content_hash)
    SELECT source, id, time, content_hash FROM good ORDER BY source COLLATE "C", id COLLATE "C"
    ON CONFLICT DO NOTHING RETURNING source, id
),
kept AS MATERIALIZED (SELECT good.* FROM good JOIN fresh USING (source, id)),
taken AS (
    INSERT INTO intake (received_at, key_id, accepted, rejected, first_time, last_time)
    SELECT %(now)s, (SELECT id FROM caller), (SELECT count(*) FROM kept), (SELECT count(*) FROM permitted WHERE reason IS NOT NULL),
           (SELECT min(time) FROM kept), (SELECT max(time) FROM kept)
    WHERE EXISTS (SELECT FROM permitted) AND NOT EXISTS (SELECT FROM permitted WHERE reason = 'inspect')
    RETURNING id
),
stored AS (
    INSERT INTO event (intake_id, source, id, type, subject, time, time_given, received_at, subscription, extensions, data)
    SELECT (SELECT id FROM taken), source, id, type, subject, time, time_given, %(now)s, subscription,
           nullif(event - ARRAY['specversion', 'id', 'source', 'type', 'subject', 'time', 'data', 'subscription'], '{}'),
           CASE WHEN EXISTS (SELECT FROM personal_attribute WHERE treatment <> 'keep') THEN abaque_personal(data, %(pseudonym_key)s) ELSE data END
    FROM kept
)
SELECT p.index, p.id, p.source, p.reason, k.index IS NOT NULL AS accepted, p.content_hash,
       CASE
           WHEN k.index IS NULL THEN NULL
           WHEN p.time > %(far)s THEN 'future'
           WHEN NOT EXISTS (SELECT FROM meter m WHERE m.event_types @> ARRAY[p.type]) THEN 'recorded'
           WHEN NOT EXISTS (SELECT FROM alias a WHERE a.subject = p.subject) THEN 'unknown_customer'
           ELSE (SELECT w.reason FROM meter m, LATERAL (SELECT abaque_judge(m, p.data) AS reason) w
                 WHERE m.event_types @> ARRAY[p.type] AND w.reason IN ('missing_value', 'bad_value') LIMIT 1)
       END AS warning,
       p.type, (SELECT id FROM taken) AS intake_id,
       CASE WHEN k.index IS NULL AND p.reason IS NULL THEN p.event::text END AS event
FROM permitted p LEFT JOIN kept k ON k.index = p.index
ORDER BY p.index
