-- Events as a JSON array, whatever it holds: each is judged.
-- Fields are read as jsonb, never as timestamptz or numeric, which would coerce "yesterday" or "NaN".
SELECT (c.intake << 20) + t.index - 1 AS seq, f.id_text AS id, f.source_text AS source, f.type_text AS type,
       f.subject_text AS subject, r.reason, f.time_text IS NOT NULL AS time_given,
       CASE WHEN r.reason IS NULL THEN coalesce(f.time_text::timestamptz, c.now) END AS time,
       f.subscription #>> '{}' AS subscription,
       CASE WHEN r.reason IS NULL THEN nullif(
           t.event - ARRAY['specversion', 'id', 'source', 'type', 'subject', 'time', 'data', 'subscription'], '{}') END AS extensions,
       CASE WHEN jsonb_typeof(f.data) = 'object' THEN f.data ELSE '{}' END AS data,
       CASE WHEN %(id_is_content)s THEN 0 WHEN r.reason IS NULL THEN abaque_content_hash(
           f.type_text, f.subject_text, f.time_text::timestamptz, f.subscription #>> '{}', f.data, %(seed)s::bigint) END AS content_hash
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
        WHEN f.time_text IS NOT NULL AND NOT (jsonb_typeof(f.time) = 'string' AND abaque_is_time(f.time_text)) THEN 'bad_time'
        WHEN starts_with(f.type_text, 'abaque.') AND abaque_bad_correction(f.type_text, f.data) IS NOT NULL
            THEN abaque_bad_correction(f.type_text, f.data)
        WHEN c.sources IS NOT NULL AND NOT f.source_text = ANY (c.sources) THEN 'source_not_allowed'
    END AS reason
    OFFSET 0
) r
