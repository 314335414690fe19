-- What the application's role may do: everything the platform does every day, and nothing that would unmake a
-- fact. Applied by `prepare` after each migration, as the owner, who alone migrates, makes partitions and erases.
-- A table that is not named here cannot be read or written by the application: each new one needs a decision.

GRANT USAGE ON SCHEMA {schema} TO {application};
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {application};
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {application};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {application};

-- Facts are added, never changed. Partitions of `event` are reached through it and need no grant of their own.
GRANT SELECT, INSERT ON
    event, identity, conflict, action, plan_version, entry, posting, document, trail, node
TO {application};
GRANT SELECT, INSERT, UPDATE (duplicate, conflict, metered_at, meters) ON intake TO {application};
GRANT SELECT, INSERT, UPDATE (consistent_at, verified_at) ON hour TO {application};
GRANT SELECT, INSERT, UPDATE (replaced_at) ON control_total TO {application};
GRANT SELECT, INSERT, UPDATE (state, stands_seq, stands_time) ON correction TO {application};

-- Only the owner erases.
GRANT SELECT ON erased, erased_share, event_salt TO {application};
-- Hours and days in which something changed, until the next sealing or folding has seen them; and what it folded.
GRANT SELECT, INSERT, DELETE ON touched, unfolded, usage_day TO {application};
-- A decision that can be taken back; the trail of both is in `action`.
GRANT SELECT, INSERT, DELETE ON dismissal TO {application};

-- What follows from facts can be worked out again.
GRANT SELECT, INSERT, UPDATE, DELETE ON
    arrival, fate, recorded_type, struck, usage, unique_value, operation, mark
TO {application};

-- Which months are archived, and what is kept how long, is the owner's to say, who alone takes away.
GRANT SELECT ON archived_month, retention TO {application};

-- The nouns of the house: they change, and stay.
GRANT SELECT, INSERT, UPDATE ON
    alert, alias, backfill, comparison, customer, finding, hold, issuer, meter_version, personal_attribute, plan, push, recount, run,
    series, staff, subscription
TO {application};
GRANT SELECT ON meter TO {application};
GRANT SELECT, INSERT, UPDATE (revoked_at) ON api_key TO {application};
GRANT SELECT, INSERT, UPDATE (used_at) ON invitation TO {application};
-- A test folder stays one: only its clock moves.
GRANT SELECT, UPDATE ("offset") ON clock TO {application};

-- A draft is made anew; what is issued is guarded by its triggers, which only the owner could take away.
GRANT SELECT, INSERT, UPDATE, DELETE ON invoice, invoice_line TO {application};

-- Sessions and second factors come and go; jobs too.
GRANT SELECT, INSERT, UPDATE, DELETE ON
    django_session, account_emailaddress, account_emailconfirmation, mfa_authenticator,
    procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers
TO {application};
GRANT SELECT ON
    django_migrations, django_content_type, auth_permission, auth_group, auth_group_permissions,
    staff_groups, staff_user_permissions
TO {application};

-- The worker makes months ahead, and analyzes after a flood of events, through functions of the owner's. Functions
-- that guard or act for the owner find the house's own tables, whatever temporary ones a session has made beside them.
ALTER FUNCTION abaque_make_partitions(date, integer) SECURITY DEFINER SET search_path = {schema}, pg_temp;
REVOKE ALL ON FUNCTION abaque_make_partitions(date, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION abaque_make_partitions(date, integer) TO {application};
ALTER FUNCTION abaque_refresh_statistics(text[]) SECURITY DEFINER SET search_path = {schema}, pg_temp;
REVOKE ALL ON FUNCTION abaque_refresh_statistics(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION abaque_refresh_statistics(text[]) TO {application};
ALTER FUNCTION abaque_entry_balances() SET search_path = {schema}, pg_temp;
ALTER FUNCTION abaque_line_of_issued() SET search_path = {schema}, pg_temp;
ALTER FUNCTION abaque_credits_within() SET search_path = {schema}, pg_temp;
