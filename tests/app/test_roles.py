"""A running platform signs in as a role that cannot unmake what is recorded; only its first step is the owner's."""

import json
import urllib.request
from typing import Any

import psycopg
import pytest
from tests.app.conftest import Shell

DATA = "data"


@pytest.fixture(scope="module")
def running(shell: Shell) -> dict[str, Any]:
    """What the folder of a running platform says of itself."""
    shell.up(f"abaque up --test --data {DATA}")
    said: dict[str, Any] = json.loads((shell.place / DATA / "running").read_text())
    return said


def test_the_platform_s_own_sessions_are_the_application_s(running: dict[str, Any]) -> None:
    with psycopg.connect(running["dsn"]) as owner:
        users = owner.execute(
            "SELECT DISTINCT usename::text FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchall()
    assert users == [("abaque_application",)]


def test_it_is_ready_and_keeps_facts(shell: Shell, running: dict[str, Any]) -> None:
    assert running
    with urllib.request.urlopen(f"http://127.0.0.1:{shell.port}/readyz") as answer:
        assert json.load(answer) == {"database": "ok", "keeps_facts": True}
    assert "may change and delete" not in (shell.place / "up.log").read_text()


@pytest.mark.parametrize("table", ["event", "identity", "posting", "entry", "document", "action", "hour"])
def test_what_is_recorded_cannot_be_unmade(running: dict[str, Any], table: str) -> None:
    for statement in (
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
    ):
        refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
        with psycopg.connect(running["application_dsn"]) as application, refused:
            application.execute(statement)


def test_a_command_says_what_to_do_where_the_rights_were_never_given(
    shell: Shell, running: dict[str, Any]
) -> None:
    """As beside a platform that an earlier version started last. This comes last: nothing works afterwards."""
    with psycopg.connect(running["dsn"], autocommit=True) as owner:
        owner.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM abaque_application")
    said = shell.run(f"abaque self-check --data {DATA}", status=1)
    assert "was last started by an earlier version: start it once with abaque up" in said
