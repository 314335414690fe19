-- One request at the door, whole: key, identity, verdicts, events, intake. $1… are named parameters:
--   body: text of a JSON array · now: the folder's clock · key_hash: sha256 of the caller's key, or null for our own importer
--   seed: of the content hash · pseudonym_key · inspected: whether Python already looked at keys · far: now + 1 hour
--   every: whether each event is to be listed, or only those not plainly accepted
-- Fields are read as jsonb, never as timestamptz or numeric, which would coerce "yesterday" or "NaN".
WITH caller AS MATERIALIZED (
    SELECT key.*, nextval(pg_get_serial_sequence('intake', 'id')) AS intake
    FROM (
        SELECT id, sources FROM api_key
        WHERE hash = %(key_hash)s AND revoked_at IS NULL AND 'events:write' = ANY (scopes)
        UNION ALL SELECT NULL, NULL WHERE %(key_hash)s::bytea IS NULL
    ) key
),
judged AS MATERIALIZED (
    SELECT t.index, (c.intake << 20) + t.index - 1 AS seq, x.id, x.source, x.type, x.subject, r.reason, x.time IS NOT NULL AS time_given,
           CASE WHEN r.reason IS NULL THEN coalesce(x.time::timestamptz, %(now)s) END AS time, t.subscription #>> '{}' AS subscription,
           CASE WHEN r.reason IS NULL THEN nullif(
               t.event - ARRAY['specversion', 'id', 'source', 'type', 'subject', 'time', 'data', 'subscription'], '{}') END AS extensions,
           CASE WHEN jsonb_typeof(t.data) = 'object' THEN t.data ELSE '{}' END AS data,
           CASE WHEN %(id_is_content)s THEN 0 ELSE jsonb_hash_extended(t.event, %(seed)s) END AS content_hash
    FROM caller c, JSON_TABLE(
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
    ) AS t,
    LATERAL (
        SELECT t.id #>> '{}' AS id, t.source #>> '{}' AS source, t.type #>> '{}' AS type, t.subject #>> '{}' AS subject,
               t.time #>> '{}' AS time
        OFFSET 0  -- each taken out once
    ) x,
    LATERAL (
        SELECT CASE
            WHEN jsonb_typeof(t.event) <> 'object' THEN 'not_an_object'
            WHEN pg_column_size(t.event) > 40000 AND octet_length(t.event::text) > 262144 THEN 'event_too_large'
            WHEN t.id IS NULL THEN 'missing_id'
            WHEN jsonb_typeof(t.id) <> 'string' OR x.id = '' THEN 'bad_id'
            WHEN octet_length(x.id) > 255 THEN 'id_too_long'
            WHEN t.source IS NULL THEN 'missing_source'
            WHEN jsonb_typeof(t.source) <> 'string' OR x.source = '' THEN 'bad_source'
            WHEN octet_length(x.source) > 255 THEN 'source_too_long'
            WHEN t.type IS NULL THEN 'missing_type'
            WHEN jsonb_typeof(t.type) <> 'string' OR octet_length(x.type) NOT BETWEEN 1 AND 255 THEN 'bad_type'
            WHEN t.subject IS NULL AND x.type NOT IN ('abaque.void', 'abaque.amend') THEN 'missing_subject'
            WHEN jsonb_typeof(t.subject) <> 'string' OR octet_length(x.subject) NOT BETWEEN 1 AND 255 THEN 'bad_subject'
            WHEN t.specversion IS NOT NULL AND t.specversion <> '"1.0"' THEN 'bad_specversion'
            WHEN t.event ? 'data_base64' THEN 'binary_data'
            WHEN jsonb_typeof(t.subscription) <> 'string' THEN 'bad_subscription'
            WHEN jsonb_typeof(t.data) NOT IN ('object', 'null') THEN 'data_not_an_object'
            WHEN x.time IS NOT NULL AND NOT (jsonb_typeof(t.time) = 'string' AND abaque_is_time(x.time)) THEN 'bad_time'
            WHEN starts_with(x.type, 'abaque.') AND abaque_bad_correction(x.type, t.data) IS NOT NULL
                THEN abaque_bad_correction(x.type, t.data)
            WHEN c.sources IS NOT NULL AND NOT x.source = ANY (c.sources) THEN 'source_not_allowed'
        END AS reason
        OFFSET 0
    ) r
),
fresh AS (
    INSERT INTO identity (source, id, seq, time, content_hash)
    SELECT source, id, seq, time, content_hash
    FROM judged WHERE reason IS NULL
    ORDER BY source COLLATE "C", id COLLATE "C", index
    ON CONFLICT DO NOTHING RETURNING seq
),
stored AS (
    INSERT INTO event (seq, source, id, type, subject, time, time_given, received_at, subscription, extensions, data)
    SELECT seq, source, id, type, coalesce(subject, ''), time, time_given, %(now)s, subscription, extensions,
           CASE WHEN EXISTS (SELECT FROM personal_attribute WHERE treatment <> 'keep') THEN abaque_personal(data, %(pseudonym_key)s)
                ELSE data END
    FROM judged JOIN fresh USING (seq)
),
told AS MATERIALIZED (
    SELECT j.*, f.seq IS NOT NULL AS accepted FROM judged j LEFT JOIN fresh f USING (seq)
),
sums AS MATERIALIZED (
    SELECT count(*) AS sent, count(*) FILTER (WHERE accepted) AS accepted, count(reason) AS rejected,
           min(time) FILTER (WHERE accepted) AS first_time, max(time) FILTER (WHERE accepted) AS last_time,
           coalesce(bool_or(accepted AND starts_with(type, 'abaque.')), false) AS corrections
    FROM told
),
known AS (
    SELECT subject, valid_from, valid_to FROM alias
    WHERE subject = ANY (ARRAY(SELECT DISTINCT subject FROM judged WHERE reason IS NULL))
),
taken AS (
    INSERT INTO intake (id, received_at, key_id, accepted, rejected, corrections, first_time, last_time)
    SELECT c.intake, %(now)s, c.id, s.accepted, s.rejected, s.corrections, s.first_time, s.last_time
    FROM caller c, sums s WHERE s.sent > 0
)
SELECT 0 AS index, s.sent, s.accepted > 0 AS accepted, s.accepted AS taken, NULL AS id, NULL AS source, NULL AS reason, NULL AS type,
       NULL AS warning, NULL AS content_hash, c.intake
FROM caller c, sums s
UNION ALL
SELECT j.index, NULL, j.accepted, NULL, j.id, j.source, j.reason, j.type, w.warning, j.content_hash, NULL
FROM told j LEFT JOIN known k ON k.subject = j.subject AND (k.valid_from IS NULL OR j.time >= k.valid_from)
                             AND (k.valid_to IS NULL OR j.time < k.valid_to)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN NOT j.accepted OR starts_with(j.type, 'abaque.') THEN NULL
        WHEN j.time > %(far)s THEN 'future'
        {warnings}
    END AS warning
) w
WHERE NOT j.accepted OR w.warning IS NOT NULL OR %(every)s
