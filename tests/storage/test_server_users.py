"""Who may run the embedded database: root inside folders only root may enter, and any ordinary user."""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest

from abaque.storage.server import Folder, Server, ServerError, session
from abaque.storage.server import binaries as binaries_module
from abaque.storage.server.binaries import find_binaries, published
from abaque.storage.server.launch import Account

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root meets what this is about")

# What an ordinary user does: start twice, keep a row, say who runs PostgreSQL.
ORDINARY = """
    import os, subprocess, sys
    from pathlib import Path
    from abaque.storage.server import Folder, Server, ServerError
    from abaque.storage.server.binaries import find_binaries
    path = Path(sys.argv[1])
    try:
        make = "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS value; GRANT SELECT ON kept TO PUBLIC"
        for statement in (make, "SELECT value FROM kept"):
            server = Server(Folder(path))
            command = [find_binaries().program("psql"), server.start(), "-XAtqc", statement]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
            print(said, os.stat(f"/proc/{server.pid}").st_uid == os.geteuid())
            server.stop()
    except ServerError as error:
        print(error.code, error.message)
"""


@pytest.fixture(autouse=True)
def _no_foreign_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABAQUE_DATABASE_URL", raising=False)
    monkeypatch.delenv("ABAQUE_PG_BIN", raising=False)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own are not."""
    place = Path(tempfile.mkdtemp(prefix="abaque-test-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def nobody() -> int | None:
    """Whom to become: nobody when we are root, else ourselves."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


class Ordinary:
    """A user who may enter neither our clone nor our home: everything it runs is copied to where it may."""

    def __init__(self, place: Path) -> None:
        self.uid = nobody()
        self.home = place / "home"
        self.home.mkdir(mode=0o700)
        self._place = place / "programs"
        self._identity: dict[str, object] = {}
        if self.uid is not None:
            gid = pwd.getpwuid(self.uid).pw_gid
            self._identity = {"user": self.uid, "group": gid, "extra_groups": []}
            os.chown(self.home, self.uid, gid)
        for room in ("", "storage"):
            folder = self._place / "abaque" / room
            folder.mkdir(parents=True)
            (folder / "__init__.py").touch()
        shutil.copytree(Path(binaries_module.__file__).parent, self._place / "abaque" / "storage" / "server")
        self._python = self._find_python()

    def run(self, program: str, *arguments: object) -> list[str]:
        binaries = find_binaries()
        if self.uid is not None:
            binaries = published(binaries, Account(self.uid, pwd.getpwuid(self.uid).pw_gid))
        done = self._run(
            [self._python, "-c", textwrap.dedent(program), *map(str, arguments)], binaries.folder
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def _run(self, command: list[str], programs: Path) -> "subprocess.CompletedProcess[str]":
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(self._place), "ABAQUE_PG_BIN": str(programs)},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **self._identity,  # type: ignore[call-overload]  # user, group and extra_groups, or none of them
        )
        return done

    def _find_python(self) -> str:
        probe = "import sys; sys.exit(sys.version_info < (3, 11))"
        for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
            with contextlib.suppress(OSError):
                if self._run([python, "-c", probe], Path("/")).returncode == 0:
                    return python
        pytest.skip("no Python 3.11 that an ordinary user may run")


@pytest.fixture
def ordinary(open_place: Path, monkeypatch: pytest.MonkeyPatch) -> Ordinary:
    monkeypatch.setattr(binaries_module, "_PUBLIC", (open_place / "public",))
    return Ordinary(open_place)


def test_an_ordinary_user_needs_nothing_of_root(ordinary: Ordinary) -> None:
    assert ordinary.run(ORDINARY, ordinary.home / "data") == [" True", "7 True"]


@ROOT
def test_root_runs_the_database_of_an_ordinary_user_as_that_user(ordinary: Ordinary) -> None:
    data = ordinary.home / "data"
    ordinary.run(ORDINARY, data)
    with session(data) as dsn, psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)
    assert [entry for entry in data.rglob("*") if entry.stat().st_uid != ordinary.uid] == []
    assert ordinary.run(ORDINARY, data) == [" True", "7 True"], (
        "root must leave nothing that shuts the owner out"
    )


@ROOT
def test_root_starting_first_in_an_ordinary_users_folder_shuts_nobody_out(ordinary: Ordinary) -> None:
    data = ordinary.home / "data"
    data.mkdir(mode=0o700)
    assert ordinary.uid is not None
    os.chown(data, ordinary.uid, -1)
    with session_started(data):
        pass
    assert ordinary.run(ORDINARY, data) == [" True", "7 True"]


def test_a_folder_that_cannot_be_written_is_refused(ordinary: Ordinary) -> None:
    ordinary.home.chmod(0o500)
    (said,) = ordinary.run(ORDINARY, ordinary.home / "data")
    assert said.startswith("not_writable ")
    assert str(ordinary.home / "data") in said


@ROOT
def test_a_folder_of_root_is_refused_to_others_in_clear_words(open_place: Path, ordinary: Ordinary) -> None:
    with session_started(open_place / "data"):
        pass
    (said,) = ordinary.run(ORDINARY, open_place / "data")
    assert said.startswith("not_writable ")
    assert "Permission denied" in said


def session_started(path: Path) -> AbstractContextManager[str]:
    Folder(path).prepare()
    return session(path)


@ROOT
def test_root_inside_folders_only_root_may_enter(open_place: Path) -> None:
    private = open_place / "clone"
    private.mkdir(mode=0o700)
    data = private / "deeper" / "data"
    server = Server(Folder(data))
    dsn = server.start()
    try:
        assert server.pid is not None
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE kept (value int)")
            connection.execute("GRANT SELECT ON kept TO PUBLIC")
    finally:
        server.stop()
    with session(data) as again, psycopg.connect(again) as connection:
        connection.execute("SELECT value FROM kept")
    for folder in (private, private / "deeper", data):
        about = folder.stat()
        assert about.st_uid == 0
        assert stat.S_IMODE(about.st_mode) & 0o077 == (0o055 if folder.name == "deeper" else 0)
    assert (data / "pg").stat().st_uid != 0


@ROOT
def test_files_that_root_restored_are_given_back(tmp_path: Path) -> None:
    with session_started(tmp_path / "data"):
        pass
    shutil.copytree(tmp_path / "data", tmp_path / "restored")  # as cp -r does: all of it is root's now
    assert (tmp_path / "restored" / "pg").stat().st_uid == 0
    with session(tmp_path / "restored") as dsn, psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@ROOT
def test_programs_only_root_may_reach_are_copied_once_to_a_public_place(
    open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = open_place / "venv"
    private.mkdir(mode=0o700)
    original = find_binaries().folder.parent
    shutil.copytree(original.parent, private / original.parent.name, ignore=shutil.ignore_patterns("include"))
    libraries = original.parent.with_name(f"{original.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, private / libraries.name)
    public = open_place / "public"
    monkeypatch.setattr(binaries_module, "_PUBLIC", (public,))
    monkeypatch.setenv("ABAQUE_PG_BIN", str(private / original.parent.name / original.name / "bin"))

    with session_started(private / "data") as dsn, psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    (copy,) = public.iterdir()
    writable = [e for e in copy.rglob("*") if e.stat().st_mode & 0o022 or e.stat().st_uid != 0]
    assert writable == []
    made = copy.stat().st_mtime_ns
    with session(private / "data"):
        pass
    assert [entry.stat().st_mtime_ns for entry in public.iterdir()] == [made]
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@ROOT
def test_a_public_place_that_others_could_have_prepared_is_not_trusted(
    open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = open_place / "bin"
    private.mkdir(mode=0o700)
    for name in ("postgres", "initdb"):
        (private / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n")
        (private / name).chmod(0o755)
    open_place.chmod(0o700)
    theirs = Path(tempfile.mkdtemp(prefix="abaque-test-"))
    theirs.chmod(0o755)
    os.chown(theirs, pwd.getpwnam("nobody").pw_uid, -1)
    monkeypatch.setattr(binaries_module, "_PUBLIC", (theirs,))
    monkeypatch.setenv("ABAQUE_PG_BIN", str(private))
    user = pwd.getpwnam("nobody")
    try:
        with pytest.raises(ServerError) as caught:
            published(find_binaries(), Account(user.pw_uid, user.pw_gid))
        assert caught.value.code == "no_binaries"
        assert "only root can write" in caught.value.message
        assert list(theirs.iterdir()) == []
    finally:
        theirs.rmdir()
