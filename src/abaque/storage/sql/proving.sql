-- What makes sealed hours provable, and what is left of an event that was erased.

-- The text of an event that its leaf is made of: JSON as PostgreSQL prints jsonb, the time in microseconds of the
-- Unix epoch. What an erased event's row holds is no text any more.
CREATE FUNCTION abaque_text(e event) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object(
        'source', e.source, 'id', e.id, 'type', e.type, 'subject', e.subject,
        'time', (extract(epoch FROM e.time) * 1000000)::bigint, 'time_given', e.time_given,
        'subscription', e.subscription, 'extensions', e.extensions, 'data', e.data)::text
$$;

-- Each event has a salt of its own, made from its intake's: nothing is stored per event until one is erased.
CREATE FUNCTION abaque_salt(intake uuid, seq bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sha256(uuid_send(intake) || int8send(seq)) $$;

-- The salts of the other events of an intake one event of which was erased.
CREATE TABLE event_salt (
    seq  bigint PRIMARY KEY,
    salt bytea NOT NULL
);

-- What is left of an erased event; its row stays, with the type `abaque.erased` and without what it said.
CREATE TABLE erased (
    seq       bigint PRIMARY KEY,
    time      timestamptz NOT NULL,
    type      text NOT NULL,
    leaf      bytea NOT NULL,
    action    bytea NOT NULL  -- the input hash of the action: a text missing without one was taken away
);
CREATE INDEX erased_time ON erased (time);

-- What it stood for, for each meter of its type. The group, the value and the operation are keyed hashes.
CREATE TABLE erased_share (
    seq         bigint NOT NULL,
    meter_id    bigint NOT NULL,
    time        timestamptz NOT NULL,
    customer_id bigint,
    fate        text NOT NULL,
    reason      text,  -- null where it counts
    grp         text NOT NULL,
    quantity    numeric,
    value       text,
    operation   text COLLATE "C",
    PRIMARY KEY (seq, meter_id)
);
CREATE INDEX erased_share_meter ON erased_share (meter_id, time);

-- The nodes of sealed hours: what one customer's events of a quarter hour add to a meter. Nobody is customer 0, and
-- what no meter counts is meter 0. The arrays go together, in the order of the events' numbers; `prints` holds the
-- first four bytes of each leaf, so that a changed event can be named.
CREATE TABLE node (
    meter_id    bigint NOT NULL,
    hour        timestamptz NOT NULL,
    revision    integer NOT NULL,
    slot        timestamptz NOT NULL,
    customer_id bigint NOT NULL,
    count       bigint NOT NULL,
    quantity    numeric NOT NULL,
    seqs        bigint[] NOT NULL,
    counts      smallint[] NOT NULL,
    quantities  numeric[] NOT NULL,
    prints      bytea NOT NULL,
    hash        bytea NOT NULL,
    PRIMARY KEY (meter_id, hour, revision, slot, customer_id)
);
CREATE INDEX node_of_customer ON node (customer_id, meter_id, slot);

-- Hours in which something changed, so that sealing looks at nothing else. Rows are added by whoever changes
-- something and taken by the next sealing; no meter means all of them, and 0 what no meter counts.
CREATE TABLE touched (
    meter_id bigint,
    hour     timestamptz NOT NULL
);
CREATE INDEX touched_hour ON touched (hour);

CREATE FUNCTION abaque_touch_by_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO touched SELECT DISTINCT meter_id, abaque_hour(slot) FROM changed;
    INSERT INTO unfolded SELECT DISTINCT meter_id, abaque_day(slot) FROM changed;
    RETURN NULL;
END $$;
CREATE TRIGGER usage_added AFTER INSERT ON usage REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION abaque_touch_by_usage();
CREATE TRIGGER usage_changed AFTER UPDATE ON usage REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION abaque_touch_by_usage();
CREATE TRIGGER usage_gone AFTER DELETE ON usage REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION abaque_touch_by_usage();

CREATE FUNCTION abaque_touch_by_struck() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO touched SELECT DISTINCT NULL::bigint, abaque_hour(time) FROM changed;
    RETURN NULL;
END $$;
CREATE TRIGGER struck_added AFTER INSERT ON struck REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION abaque_touch_by_struck();
CREATE TRIGGER struck_gone AFTER DELETE ON struck REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION abaque_touch_by_struck();

-- The hours of what was metered: those between its first and last event, or, where these lie far apart, its events'.
CREATE FUNCTION abaque_touch_by_intake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO touched
    SELECT DISTINCT NULL::bigint, h FROM changed i CROSS JOIN LATERAL generate_series(
        abaque_hour(i.first_time), i.last_time, interval '1 hour') AS h
    WHERE i.metered_at IS NOT NULL AND i.last_time < i.first_time + interval '2 days';
    IF EXISTS (SELECT FROM changed WHERE metered_at IS NOT NULL AND last_time >= first_time + interval '2 days') THEN
        INSERT INTO touched
        SELECT DISTINCT NULL::bigint, abaque_hour(e.time)
        FROM changed i JOIN event e ON e.seq >= i.id << 20 AND e.seq < (i.id + 1) << 20
            AND e.time >= i.first_time AND e.time <= i.last_time
        WHERE i.metered_at IS NOT NULL AND i.last_time >= i.first_time + interval '2 days';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER intake_metered AFTER UPDATE ON intake REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION abaque_touch_by_intake();

-- What an amendment puts in place has no intake of the door's.
CREATE FUNCTION abaque_touch_by_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO touched VALUES (NULL, abaque_hour(NEW.stands_time));
    RETURN NULL;
END $$;
CREATE TRIGGER correction_stands AFTER UPDATE ON correction FOR EACH ROW
    WHEN (NEW.stands_time IS NOT NULL AND OLD.stands_time IS NULL) EXECUTE FUNCTION abaque_touch_by_correction();

-- What a new meter looks at, whether it counts or not.
CREATE FUNCTION abaque_touch_by_recount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO touched SELECT DISTINCT m.id, abaque_hour(e.time)
    FROM meter_version m JOIN event e ON e.type = ANY (m.event_types) WHERE m.id = ANY (NEW.meters);
    RETURN NULL;
END $$;
CREATE TRIGGER recount_done AFTER UPDATE ON recount FOR EACH ROW
    WHEN (OLD.done_at IS NULL AND NEW.done_at IS NOT NULL AND NEW.meters IS NOT NULL)
    EXECUTE FUNCTION abaque_touch_by_recount();

-- What an erased event keeps of a group, a value or an operation: enough to tell two apart, not to read them.
CREATE FUNCTION abaque_kept(value text, key bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN value ~ '^xp_[0-9a-f]{32}$' THEN value ELSE 'x' || abaque_pseudonym(value, key) END
$$;
