"""The embedded database's two roles: made with the folder, or at the next start of one made before."""

import json
import os
import stat
from pathlib import Path

import psycopg
import pytest
from tests.storage.test_server import ask, edit, kept, put, session_of

from abaque.storage.server import Folder, cluster
from abaque.storage.server.binaries import find_binaries, published


@pytest.fixture(autouse=True)
def _no_foreign_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABAQUE_DATABASE_URL", raising=False)
    monkeypatch.delenv("ABAQUE_PG_BIN", raising=False)


def as_superuser(folder: Folder, statement: str) -> None:
    account = cluster.account_for(folder)
    binaries = find_binaries()
    fd = os.open(folder.pg, os.O_RDONLY)
    try:
        programs = binaries if account is None else published(binaries, account)
        data = cluster.data_argument(folder, fd, account)
        cluster._as_superuser(programs, data, fd, account, [statement])
    finally:
        os.close(fd)


def test_the_application_signs_in_and_owns_nothing(tmp_path: Path) -> None:
    with session_of(tmp_path / "data") as server:
        dsn = server.application_dsn
        assert ask(dsn, "SELECT current_user::text") == "abaque_application"
        rights = "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
        assert ask(dsn, f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") is False
        assert ask(dsn, "SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole") == 0
        assert ask(dsn, "SELECT has_database_privilege('abaque', 'CREATE')") is False
        for statement in (
            "CREATE TABLE mine ()",
            "CREATE SCHEMA mine",
            "SET ROLE abaque",
            "SET session_replication_role = replica",
            "ALTER ROLE abaque_application CREATEROLE",
            "COPY (SELECT 1) TO PROGRAM 'cat'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ask(dsn, statement)


def test_a_folder_made_before_there_were_two_roles_gets_the_second_at_its_next_start(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    with session_of(folder.path) as server:
        put(server.dsn, 1)
    as_superuser(folder, "DROP ROLE abaque_application")
    edit(folder.path / "abaque.json", names={"database": "abaque", "role": "abaque"})
    without = json.loads((folder.path / "secrets").read_text())
    del without["application"]
    (folder.path / "secrets").write_text(json.dumps(without))
    for _ in range(2):
        with session_of(folder.path) as server:
            assert ask(server.application_dsn, "SELECT current_user::text") == "abaque_application"
            assert 1 in kept(server.dsn)
    kept_secrets = json.loads((folder.path / "secrets").read_text())
    assert {name: kept_secrets[name] for name in without} == without
    assert stat.S_IMODE((folder.path / "secrets").stat().st_mode) == 0o600


def test_a_start_killed_while_the_second_role_was_made_is_taken_up(tmp_path: Path) -> None:
    """The role stands, and the folder does not say so yet."""
    folder = Folder(tmp_path / "data")
    with session_of(folder.path):
        pass
    edit(folder.path / "abaque.json", names={"database": "abaque", "role": "abaque"})
    with session_of(folder.path) as server:
        assert ask(server.application_dsn, "SELECT 1") == 1
