"""The application's role: it adds facts and can unmake none, and nothing it is not granted by decision."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
import pytest
from psycopg import sql

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "ABAQUE_TEST_APPLICATION" not in os.environ, reason="the tests run on a database of one's own"
    ),
]

ADDED = {"SELECT", "INSERT"}
CHANGED = ADDED | {"UPDATE"}
MADE_ANEW = CHANGED | {"DELETE"}
READ = {"SELECT"}

# Every table, and what was decided for it; in brackets the only columns that may be changed.
DECIDED: dict[str, tuple[set[str], set[str]]] = {
    **{
        name: (ADDED, set())
        for name in (
            "event", "identity", "conflict", "action", "plan_version", "entry", "posting", "document", "trail",
            "node",
        )
    },
    "dismissal": (ADDED | {"DELETE"}, set()),
    "intake": (ADDED, {"duplicate", "conflict", "metered_at", "meters"}),
    "hour": (ADDED, {"consistent_at", "verified_at"}),
    "control_total": (ADDED, {"replaced_at"}),
    "correction": (ADDED, {"state", "stands_seq", "stands_time"}),
    "api_key": (ADDED, {"revoked_at"}),
    "invitation": (ADDED, {"used_at"}),
    "clock": (READ, {"offset"}),
    **{
        name: (MADE_ANEW, set())
        for name in ("arrival", "fate", "recorded_type", "struck", "usage", "unique_value", "operation", "mark")
    },
    **{
        name: (CHANGED, set())
        for name in (
            "alert", "alias", "backfill", "comparison", "customer", "finding", "hold", "issuer", "meter_version",
            "personal_attribute", "plan", "push", "recount", "run", "series", "staff", "subscription",
        )
    },
    **{name: (READ, set()) for name in ("erased", "erased_share", "event_salt")},
    **{name: (ADDED | {"DELETE"}, set()) for name in ("touched", "unfolded", "usage_day")},
    **{name: (MADE_ANEW, set()) for name in ("invoice", "invoice_line", "django_session")},
    **{
        name: (MADE_ANEW, set())
        for name in (
            "account_emailaddress", "account_emailconfirmation", "mfa_authenticator", "procrastinate_jobs",
            "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers",
        )
    },
    **{
        name: (READ, set())
        for name in (
            "archived_month", "retention", "django_migrations", "django_content_type", "auth_permission", "auth_group",
            "auth_group_permissions", "staff_groups", "staff_user_permissions",
        )
    },
}  # fmt: skip


@pytest.fixture
def application(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A connection as a platform's processes have it."""
    from django.db import connection

    from abaque.storage.grants import grant

    del transactional_db
    role = os.environ["ABAQUE_TEST_APPLICATION"]
    grant(role)  # anew: the tests' own session may set the clock as well
    known = connection.settings_dict
    with psycopg.connect(
        host=known["HOST"],
        port=known["PORT"],
        dbname=known["NAME"],
        user=known["USER"],
        password=known["PASSWORD"],
        autocommit=True,
    ) as opened:
        opened.execute(sql.SQL("SET SESSION ROLE {}").format(sql.Identifier(role)))
        yield opened
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT INSERT, UPDATE ON clock TO {role}")


def test_every_table_has_a_decision_and_the_role_has_just_that(application: psycopg.Connection) -> None:
    tables = application.execute(
        "SELECT oid, relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition"
    ).fetchall()
    assert {name for _, name in tables} == set(DECIDED), "decide, in storage/sql/grants.sql and here"
    for oid, name in tables:
        rights, columns = DECIDED[name]
        having = {
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
            if one(application, "SELECT has_table_privilege(%s, %s)", oid, right)
        }
        assert having == rights, name
        if "UPDATE" not in rights:
            changeable = application.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped"
                " AND has_column_privilege(attrelid, attnum, 'UPDATE')",
                [oid],
            )
            assert {column for (column,) in changeable} == columns, name
    assert one(application, "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0


@pytest.mark.parametrize("table", ["event", "event_other", "event_2031_01", "identity", "conflict"])
def test_what_was_captured_cannot_be_changed(application: psycopg.Connection, table: str) -> None:
    application.execute("SELECT abaque_make_partitions(%s, 1)", [date(2031, 1, 1)])  # also those made later
    for statement in (
        f"UPDATE {table} SET id = 'other'",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TABLE {table}",
    ):
        refused(application, statement)


def test_events_are_added_and_read_through_the_table_they_are_parts_of(
    application: psycopg.Connection,
) -> None:
    application.execute("SELECT abaque_make_partitions(%s, 1)", [date(2031, 1, 1)])
    application.execute(
        "INSERT INTO event (seq, source, id, type, subject, time, time_given, received_at, data)"
        " VALUES (1, '/test', 'one', 'x', 'y', %(t)s, true, %(t)s, '{}')",
        {"t": datetime(2031, 1, 5, tzinfo=UTC)},
    )
    assert one(application, "SELECT tableoid::regclass::text FROM event") == "event_2031_01"
    refused(application, "SELECT * FROM event_2031_01")


def test_it_analyzes_by_a_function_of_the_owner_s(application: psycopg.Connection) -> None:
    """What changed within a transaction is no news yet, so that here nothing is stale: the right is looked at."""
    application.execute("SELECT abaque_refresh_statistics(%s)", [["event", "fate"]])
    as_owner = "SELECT prosecdef, proowner <> current_user::regrole FROM pg_proc WHERE proname = %s"
    found = application.execute(as_owner, ["abaque_refresh_statistics"]).fetchall()
    assert found == [(True, True)]


@pytest.mark.parametrize(
    "table", ["action", "plan_version", "entry", "posting", "document", "hour", "invoice", "invoice_line"]
)
def test_guards_cannot_be_taken_away(application: psycopg.Connection, table: str) -> None:
    for statement in (
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"TRUNCATE {table} CASCADE",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION abaque_refuse_change()",
        f"ALTER TABLE {table} OWNER TO CURRENT_USER",
        f"DROP TABLE {table} CASCADE",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION abaque_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "ALTER FUNCTION abaque_make_partitions(date, integer) SECURITY INVOKER",
        "ALTER FUNCTION abaque_refresh_statistics(text[]) SECURITY INVOKER",
    ):
        refused(application, statement)


def test_an_unbalanced_entry_is_found_whatever_stands_beside_the_house_s_tables(
    application: psycopg.Connection,
) -> None:
    """A temporary table of the same name hides ours from the session, not from what guards ours."""
    house = one(application, "SELECT current_schema()")
    application.execute("INSERT INTO entry (kind, booked_on, at) VALUES ('test', now(), now())")
    application.execute("CREATE TEMP TABLE posting (LIKE posting)")
    with pytest.raises(psycopg.errors.CheckViolation, match="does not sum to zero"):
        application.execute(
            f"INSERT INTO {house}.posting (entry_id, account, amount, currency)"
            " SELECT id, 'sales', 1, 'EUR' FROM entry"
        )


def test_whether_a_role_keeps_facts_is_known(application: psycopg.Connection) -> None:
    from abaque.storage.grants import keeps_facts

    assert application.info.user != os.environ["ABAQUE_TEST_APPLICATION"]
    assert not keeps_facts()
    assert not keeps_facts("postgres")
    assert keeps_facts(os.environ["ABAQUE_TEST_APPLICATION"])


@pytest.mark.parametrize(
    ("application_url", "owner_url", "role"),
    [
        ("postgresql://app:1@db/abaque", "postgresql://own:2@db/abaque", "app"),
        ("postgresql://own:2@db/abaque", "postgresql://own:2@db/abaque", None),
        ("postgresql://own:2@db/abaque", None, None),
    ],
)
def test_only_the_first_step_signs_in_as_the_owner(
    monkeypatch: pytest.MonkeyPatch, application_url: str, owner_url: str | None, role: str | None
) -> None:
    from abaque.app.prepare import become_owner

    monkeypatch.setenv("ABAQUE_DATABASE_URL", application_url)
    monkeypatch.delenv("ABAQUE_OWNER_DATABASE_URL", raising=False)
    if owner_url is not None:
        monkeypatch.setenv("ABAQUE_OWNER_DATABASE_URL", owner_url)
    assert become_owner() == role
    assert os.environ["ABAQUE_DATABASE_URL"] == (owner_url or application_url)
    assert "ABAQUE_OWNER_DATABASE_URL" not in os.environ


@pytest.mark.django_db
def test_tests_in_one_transaction_are_the_application_s() -> None:
    from abaque.storage import hot

    assert hot.rows("SELECT current_user::text") == [(os.environ["ABAQUE_TEST_APPLICATION"],)]


def refused(connection: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def one(connection: psycopg.Connection, statement: str, *parameters: object) -> object:
    row = connection.execute(statement, parameters or None).fetchone()
    assert row is not None
    return row[0]
