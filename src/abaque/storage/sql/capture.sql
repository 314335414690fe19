-- One request at the door, whole: key, identity, verdicts, events, intake. $1… are named parameters:
--   body: text of a JSON array · elements: how many it must hold, or null · now: null for the folder's clock · far: how far
--   ahead of it is too far
--   key_hash: sha256 of the caller's key, or null for our own importer · seed: of the content hash · pseudonym_key
--   inspected: whether Python already looked at keys · every: whether each event is to be listed, or only those not
--   plainly accepted · meters: those for which this statement was written
-- Fields are read as jsonb, never as timestamptz or numeric, which would coerce "yesterday" or "NaN". What is wide is
-- copied once only, into `judged`.
-- The statement has two forms. The hopeful one fails as a whole where an identity stands already, or a time does not
-- exist; it costs a fifth less, and most bodies are new and sound. The careful one then looks at each event.
WITH caller AS MATERIALIZED (
    SELECT key.*, nextval(pg_get_serial_sequence('intake', 'id')) AS intake,
           coalesce(%(now)s::timestamptz, abaque_now()) AS now
    FROM (
        SELECT id, sources FROM api_key
        WHERE hash = %(key_hash)s AND revoked_at IS NULL AND 'events:write' = ANY (scopes)
        UNION ALL SELECT NULL, NULL WHERE %(key_hash)s::bytea IS NULL
    ) key
    -- Division by zero: this statement is not the one that is wanted.
    WHERE 1 / (%(meters)s::text IS NOT DISTINCT FROM (SELECT string_agg(id::text, ',' ORDER BY id) FROM meter))::integer = 1
),
judged AS MATERIALIZED (
    SELECT (c.intake << 20) + t.index - 1 AS seq, f.id_text AS id, f.source_text AS source, f.type_text AS type,
           f.subject_text AS subject, r.reason, f.time_text IS NOT NULL AS time_given,
           CASE WHEN r.reason IS NULL THEN coalesce(f.time_text::timestamptz, c.now) END AS time,
           f.subscription #>> '{}' AS subscription,
           CASE WHEN r.reason IS NULL THEN nullif(
               t.event - ARRAY['specversion', 'id', 'source', 'type', 'subject', 'time', 'data', 'subscription'], '{}') END AS extensions,
           CASE WHEN jsonb_typeof(f.data) = 'object' THEN f.data ELSE '{}' END AS data,
           CASE WHEN %(id_is_content)s THEN 0 ELSE jsonb_hash_extended(t.event, %(seed)s::bigint) END AS content_hash
    FROM caller c, jsonb_array_elements(
        CASE WHEN %(inspected)s OR %(body)s IS JSON ARRAY WITH UNIQUE KEYS THEN %(body)s::jsonb END
    ) WITH ORDINALITY AS t(event, index),
    LATERAL (
        SELECT t.event -> 'id' AS id, t.event -> 'source' AS source, t.event -> 'type' AS type, t.event -> 'subject' AS subject,
               t.event -> 'time' AS time, t.event -> 'data' AS data, t.event -> 'specversion' AS specversion,
               t.event -> 'subscription' AS subscription,
               t.event ->> 'id' AS id_text, t.event ->> 'source' AS source_text, t.event ->> 'type' AS type_text,
               t.event ->> 'subject' AS subject_text, t.event ->> 'time' AS time_text
        OFFSET 0  -- each looked for once
    ) f,
    LATERAL (
        SELECT CASE
            WHEN jsonb_typeof(t.event) <> 'object' THEN 'not_an_object'
            WHEN pg_column_size(t.event) > 40000 AND octet_length(t.event::text) > 262144 THEN 'event_too_large'
            WHEN f.id IS NULL THEN 'missing_id'
            WHEN jsonb_typeof(f.id) <> 'string' OR f.id_text = '' THEN 'bad_id'
            WHEN octet_length(f.id_text) > 255 THEN 'id_too_long'
            WHEN f.source IS NULL THEN 'missing_source'
            WHEN jsonb_typeof(f.source) <> 'string' OR f.source_text = '' THEN 'bad_source'
            WHEN octet_length(f.source_text) > 255 THEN 'source_too_long'
            WHEN f.type IS NULL THEN 'missing_type'
            WHEN jsonb_typeof(f.type) <> 'string' OR octet_length(f.type_text) NOT BETWEEN 1 AND 255 THEN 'bad_type'
            WHEN f.subject IS NULL AND f.type_text NOT IN ('abaque.void', 'abaque.amend') THEN 'missing_subject'
            WHEN jsonb_typeof(f.subject) <> 'string' OR octet_length(f.subject_text) NOT BETWEEN 1 AND 255 THEN 'bad_subject'
            WHEN f.specversion IS NOT NULL AND f.specversion <> '"1.0"' THEN 'bad_specversion'
            WHEN t.event ? 'data_base64' THEN 'binary_data'
            WHEN jsonb_typeof(f.subscription) <> 'string' THEN 'bad_subscription'
            WHEN jsonb_typeof(f.data) NOT IN ('object', 'null') THEN 'data_not_an_object'
            WHEN f.time_text IS NOT NULL AND NOT (jsonb_typeof(f.time) = 'string' AND {is_time}) THEN 'bad_time'
            WHEN starts_with(f.type_text, 'abaque.') AND abaque_bad_correction(f.type_text, f.data) IS NOT NULL
                THEN abaque_bad_correction(f.type_text, f.data)
            WHEN c.sources IS NOT NULL AND NOT f.source_text = ANY (c.sources) THEN 'source_not_allowed'
        END AS reason
        OFFSET 0
    ) r
),
fresh AS (
    INSERT INTO identity (source, id, seq, time, content_hash)
    SELECT source, id, seq, time, content_hash
    FROM judged WHERE reason IS NULL
    ORDER BY source COLLATE "C", id COLLATE "C", seq
    {where_it_stands}
),
told AS {told},
stored AS (
    INSERT INTO event (seq, source, id, type, subject, time, time_given, received_at, subscription, extensions, data)
    SELECT seq, source, id, type, coalesce(subject, ''), time, time_given, (SELECT now FROM caller), subscription, extensions,
           CASE WHEN EXISTS (SELECT FROM personal_attribute WHERE treatment <> 'keep')
                THEN abaque_personal_event(type, data, %(pseudonym_key)s) ELSE data END
    FROM told WHERE accepted
),
sums AS MATERIALIZED (
    SELECT count(*) AS sent, count(reason) AS rejected, count(*) FILTER (WHERE accepted) AS accepted,
           min(time) FILTER (WHERE accepted) AS first_time, max(time) FILTER (WHERE accepted) AS last_time
    FROM told
),
taken AS (
    INSERT INTO intake (id, received_at, key_id, accepted, rejected, first_time, last_time)
    SELECT c.intake, c.now, c.id, s.accepted, s.rejected, s.first_time, s.last_time
    FROM caller c, sums s WHERE s.sent > 0 AND 1 / coalesce(s.sent = %(elements)s::bigint, true)::integer = 1
),
-- Whose the subjects are; most belong to somebody once and for all.
known AS MATERIALIZED (
    SELECT subject, valid_from, valid_to FROM alias
    WHERE subject = ANY (ARRAY(SELECT DISTINCT subject FROM judged WHERE reason IS NULL))
)
SELECT -1 AS index, s.sent, s.accepted > 0 AS accepted, s.accepted AS taken, NULL AS id, NULL AS source, NULL AS reason,
       NULL AS type, NULL AS warning, NULL AS content_hash, c.intake, c.now
FROM caller c, sums s
UNION ALL
SELECT j.seq & 1048575, NULL, j.accepted, NULL, j.id, j.source, j.reason, j.type, w.warning, j.content_hash, NULL, NULL
FROM told j
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN NOT j.accepted OR starts_with(j.type, 'abaque.') THEN NULL
        WHEN j.time > (SELECT now FROM caller) + %(far)s::interval THEN 'future'
        {warnings}
    END AS warning
) w
WHERE NOT j.accepted OR w.warning IS NOT NULL OR %(every)s
