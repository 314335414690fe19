-- The hot tables: written set-wise, never through the ORM, without foreign keys between them
-- (identity is distributed by its own key, intake by its id, the rest by customer: DESIGN, scale-out).

-- One row per request at the door: the unit the meter claims.
CREATE TABLE intake (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL,
    key_id      bigint,
    accepted    integer NOT NULL,
    duplicate   integer NOT NULL DEFAULT 0,
    conflict    integer NOT NULL DEFAULT 0,
    rejected    integer NOT NULL,
    first_time  timestamptz,  -- the span of its events, so that only their months are looked at
    last_time   timestamptz,
    metered_at  timestamptz
);
CREATE INDEX intake_waiting ON intake (id) WHERE metered_at IS NULL;
CREATE INDEX intake_received ON intake (received_at);

-- Identity is (source, id), for ever; the keyed hash tells a repeat from a changed repeat.
CREATE TABLE identity (
    source       text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    time         timestamptz NOT NULL,
    content_hash bigint NOT NULL,
    PRIMARY KEY (source, id)
);

CREATE TABLE event (
    intake_id    bigint NOT NULL,
    source       text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    type         text NOT NULL,
    subject      text NOT NULL,
    time         timestamptz NOT NULL,
    time_given   boolean NOT NULL,
    received_at  timestamptz NOT NULL,
    subscription text,
    extensions   jsonb,  -- what else CloudEvents lets a sender say, such as traceparent; kept, never counted
    data         jsonb NOT NULL
) PARTITION BY RANGE (time);
CREATE INDEX event_intake ON event (intake_id);
CREATE INDEX event_identity ON event (source, id);
CREATE TABLE event_other PARTITION OF event DEFAULT;

-- Month partitions are made ahead of need. Rows of that month which already lie in the default
-- partition stay there: then no partition is made, and nothing is lost.
CREATE FUNCTION abaque_make_partitions(first_month date, months integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    month date;
    made  integer := 0;
BEGIN
    FOR month IN SELECT generate_series(first_month, first_month + make_interval(months => months - 1), '1 month')::date
    LOOP
        CONTINUE WHEN to_regclass(format('event_%s', to_char(month, 'YYYY_MM'))) IS NOT NULL;
        CONTINUE WHEN EXISTS (SELECT FROM event_other WHERE time >= month AND time < month + interval '1 month');
        EXECUTE format(
            'CREATE TABLE event_%s PARTITION OF event FOR VALUES FROM (%L) TO (%L)',
            to_char(month, 'YYYY_MM'), month::timestamp AT TIME ZONE 'UTC',
            (month + interval '1 month') AT TIME ZONE 'UTC'
        );
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- What was sent under an identity that already stood for other content: kept, shown, never counted.
CREATE TABLE conflict (
    source      text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    intake_id   bigint NOT NULL,
    received_at timestamptz NOT NULL,
    event       jsonb NOT NULL
);
CREATE INDEX conflict_identity ON conflict (source, id);

-- What became of one accepted event for one meter (meter 0: no meter counts its type).
CREATE TABLE fate (
    source      text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    meter_id    bigint NOT NULL,
    time        timestamptz NOT NULL,
    customer_id bigint,
    fate        text NOT NULL CHECK (fate IN ('counted', 'not_billable', 'quarantined', 'recorded', 'voided', 'replaced', 'applied')),
    reason      text,
    slot        timestamptz NOT NULL,
    grp         text NOT NULL DEFAULT '[]',
    quantity    numeric,
    value       text,
    operation   text COLLATE "C",
    PRIMARY KEY (source, id, meter_id)
);
CREATE INDEX fate_of_customer ON fate (customer_id, meter_id, slot);
CREATE INDEX fate_operation ON fate (customer_id, meter_id, operation, time) WHERE operation IS NOT NULL;
CREATE INDEX fate_waiting_for_cause ON fate (fate, reason, time) WHERE fate IN ('quarantined', 'recorded');

-- Usage per quarter hour UTC. `quantity` is the sum, or the maximum for max; unique has its own state.
CREATE TABLE usage (
    meter_id     bigint NOT NULL,
    customer_id  bigint NOT NULL,
    slot         timestamptz NOT NULL CHECK (extract(epoch FROM slot)::bigint % 900 = 0),
    grp          text NOT NULL,
    events       bigint NOT NULL,  -- an upsert may take one away, so that no check can forbid it; self-check does
    quantity     numeric,  -- null where nothing was counted yet
    not_billable bigint NOT NULL,
    PRIMARY KEY (customer_id, meter_id, slot, grp),
    CHECK (quantity IS NOT NULL OR events = 0)
);
CREATE INDEX usage_by_slot ON usage (meter_id, slot);

CREATE TABLE unique_value (
    meter_id    bigint NOT NULL,
    customer_id bigint NOT NULL,
    slot        timestamptz NOT NULL,
    grp         text NOT NULL,
    value       text NOT NULL,
    PRIMARY KEY (customer_id, meter_id, slot, grp, value)
);

-- One row per operation that succeeded: the attempt that counts is the earliest success.
CREATE TABLE operation (
    meter_id    bigint NOT NULL,
    customer_id bigint NOT NULL,
    operation   text COLLATE "C" NOT NULL,
    time        timestamptz NOT NULL,
    source      text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    slot        timestamptz NOT NULL,
    grp         text NOT NULL,
    quantity    numeric NOT NULL,
    PRIMARY KEY (customer_id, meter_id, operation)
);

-- A JSON number or decimal string of at most 18 integer and 12 fractional digits, else null.
CREATE FUNCTION abaque_number(value jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN jsonb_typeof(value) IN ('number', 'string')
         AND value #>> '{}' ~ '^-?[0-9]{1,18}(\.[0-9]{1,12})?$'
        THEN (value #>> '{}')::numeric
    END
$$;

-- Whether every condition holds: [{"path": […], "values": […]}].
CREATE FUNCTION abaque_passes(conditions jsonb, data jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT NOT EXISTS (
        SELECT FROM jsonb_array_elements(conditions) AS c
        WHERE NOT coalesce(c -> 'values' @> jsonb_build_array(data #> ARRAY(SELECT jsonb_array_elements_text(c -> 'path'))), false)
    )
$$;

-- A string, number or boolean as text; null for what is absent, an object or an array.
CREATE FUNCTION abaque_word(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) IN ('string', 'number', 'boolean') THEN value #>> '{}' END
$$;

-- The group of an event: the values of the meter's grouping attributes, as a JSON array of strings.
CREATE FUNCTION abaque_group(paths jsonb, data jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg(abaque_word(data #> ARRAY(SELECT jsonb_array_elements_text(p.path))) ORDER BY p.n), '[]')::text
    FROM jsonb_array_elements(paths) WITH ORDINALITY AS p(path, n)
$$;

-- What one event is to one meter, by itself. Same rules, same order as abaque.core.metering.judge.
CREATE FUNCTION abaque_judge(m meter, data jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN m.outcome_path IS NOT NULL
         AND NOT coalesce(data #>> m.outcome_path = ANY (m.success), true) THEN 'failure'
        WHEN m."where" <> '[]' AND NOT abaque_passes(m."where", data) THEN 'filtered'
        WHEN m.value_path IS NULL THEN NULL
        WHEN coalesce(jsonb_typeof(data #> m.value_path), 'null') = 'null' THEN 'missing_value'
        WHEN m.aggregate = 'unique' AND jsonb_typeof(data #> m.value_path) NOT IN ('string', 'number', 'boolean')
            THEN 'bad_value'
        WHEN m.aggregate <> 'unique' AND abaque_number(data #> m.value_path) IS NULL THEN 'bad_value'
    END
$$;

CREATE FUNCTION abaque_slot(instant timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT date_bin('15 minutes', instant, timestamptz '2000-01-01 00:00:00+00') $$;

-- Personal attributes leave the door dropped or as keyed pseudonyms (HMAC-SHA-256, first 128 bits).
CREATE FUNCTION abaque_pseudonym(value text, key bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 'p_' || left(encode(sha256(sha256(key || '\x01'::bytea) || sha256(key || convert_to(value, 'UTF8'))), 'hex'), 32)
$$;

CREATE FUNCTION abaque_personal(data jsonb, key bytea) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(d.name, CASE
               WHEN p.treatment = 'pseudonymise' AND d.value <> 'null'
               THEN to_jsonb(abaque_pseudonym(d.value #>> '{}', key)) ELSE d.value END), '{}')
    FROM jsonb_each(data) AS d(name, value) LEFT JOIN personal_attribute p ON p.attribute = d.name
    WHERE p.treatment IS DISTINCT FROM 'drop'
$$;
