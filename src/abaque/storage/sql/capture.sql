-- One request at the door, whole: key, identity, verdicts, events, intake. What the parameters are:
--   elements: how many events there must be, or null · now: null for the folder's clock · far: how far ahead of it is
--   too far
--   key_hash: sha256 of the caller's key, or null for our own importer · seed: of the content hash · pseudonym_key
--   every: whether each event is to be listed, or only those not plainly accepted · meters: those for which this
--   statement was written
--   body: text of a JSON array · inspected: whether Python already looked at its keys · id_is_content (careful form)
--   ids … data: columns joined by the unit separator; what is empty was not said (hopeful form)
-- The statement has two forms. The hopeful one fails as a whole where an identity stands already, or a time does not
-- exist; it costs half, and most bodies are new and sound. The careful one then looks at each event.
-- What is wide is copied once only, into `judged`.
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
{judged}
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
