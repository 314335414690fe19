"""The embedded database on real PostgreSQL: starts, survives, finds its way, refuses with clear words."""

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from abaque.storage.server import Folder, Server, ServerError, check_database, dsn_of, reach, session
from abaque.storage.server import server as server_module
from abaque.storage.server.cluster import make_sockets, remove_sockets

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")

# What another process does: start the folder's server, say its number and DSN, wait to be killed.
OWNER = """
    import sys, time, threading
    from pathlib import Path
    from abaque.storage.server import Folder, Server
    server = Server(Folder(Path(sys.argv[1])), purpose="the owner")
    starter = threading.Thread(target=server.start) if "orphan" in sys.argv else None
    starter.start() if starter else server.start()
    starter and starter.join()
    print(server.pid, server.dsn, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _no_foreign_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABAQUE_DATABASE_URL", raising=False)
    monkeypatch.delenv("ABAQUE_PG_BIN", raising=False)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose database exists and holds one committed row."""
    path = tmp_path_factory.mktemp("used") / "data"
    with session_of(path) as server:
        put(server.dsn, 1)
    yield path
    with session_of(path):
        pass  # tidies up what the kills left behind


class session_of:  # noqa: N801 - reads as the context manager it is
    def __init__(self, path: Path) -> None:
        self.server = Server(Folder(path))

    def __enter__(self) -> Server:
        self.server.start()
        return self.server

    def __exit__(self, *_: object) -> None:
        self.server.stop()


@pytest.fixture
def owner(used: Path) -> Iterator["Owner"]:
    owner = Owner(used)
    yield owner
    owner.kill()


class Owner:
    """Another process that runs a folder's server."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.process: subprocess.Popen[str] | None = None

    def start(self, *options: str) -> tuple[int, str]:
        command = [sys.executable, "-c", textwrap.dedent(OWNER), str(self.path), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        pid, dsn = self.process.stdout.readline().split()
        return int(pid), dsn

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


def put(dsn: str, value: int) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("GRANT SELECT ON kept TO PUBLIC")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])


def kept(dsn: str) -> list[int]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("SELECT value FROM kept ORDER BY value")]


def ask(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
        return row and row[0]


def refused(code: str, path: Path) -> str:
    with pytest.raises(ServerError) as caught:
        Server(Folder(path)).start()
    assert caught.value.code == code
    return str(caught.value.message)


def gone(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():  # dead, and not yet buried by init
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


def edit(file: Path, **changes: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


# Starting


def test_the_first_start_makes_a_database_as_promised(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "new" / "data")
    with session_of(folder.path) as server:
        dsn = server.dsn
        assert str(ask(dsn, "SHOW server_version")).startswith("18")
        for setting, value in {
            "data_checksums": "on",
            "wal_level": "replica",
            "synchronous_commit": "on",
            "fsync": "on",
            "jit": "off",
            "TimeZone": "UTC",
            "listen_addresses": "",
            "server_encoding": "UTF8",
        }.items():
            assert ask(dsn, f"SHOW {setting}") == value
        assert ask(
            dsn, "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'abaque'"
        ) == ("bC.UTF-8")
        assert ask(dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    for private in ("secrets", "running", "abaque.json"):
        assert stat.S_IMODE((folder.path / private).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_a_second_start_keeps_data_and_secrets(used: Path) -> None:
    before = Folder(used).secrets
    with session_of(used) as server:
        assert 1 in kept(server.dsn)
        assert Folder(used).secrets == before
        assert len(before.signing) == len(before.hashing) == 32
        assert before.signing != before.hashing
        assert before.database not in repr(before)


def test_without_the_password_nobody_comes_in_not_even_the_superuser(used: Path) -> None:
    with session_of(used) as server:
        password = Folder(used).secrets.database
        for dsn in (
            server.dsn.replace(password, "wrong"),
            server.dsn.replace("//abaque:", "//postgres:"),
            server.dsn.replace(f":{password}", ""),
        ):
            assert dsn != server.dsn
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(dsn)


def test_the_socket_is_private_and_short_and_goes_with_the_server(used: Path) -> None:
    with session_of(used) as server:
        sockets = Path(server.dsn.split("host=")[1])
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert len(bytes(sockets / ".s.PGSQL.5432")) <= 103
    assert not sockets.exists()


def test_an_interrupted_first_start_is_begun_anew(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.prepare(test=True)
    (folder.path / "pg.new").mkdir()
    (folder.path / "pg.new" / "PG_VERSION").write_text("18\n")
    with session_of(folder.path) as server:
        put(server.dsn, 1)
    assert folder.about.test
    assert not (folder.path / "pg.new").exists()


# Surviving


def test_a_killed_postgresql_starts_again_under_the_same_dsn(used: Path) -> None:
    with session_of(used) as server:
        dsn, pid = server.dsn, server.pid
        put(dsn, 2)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert gone_for(server)
        assert server.start() == dsn
        assert server.pid != pid
        assert 2 in kept(dsn)


def gone_for(server: Server) -> bool:
    end = time.monotonic() + 5
    while server.running and time.monotonic() < end:
        time.sleep(0.01)
    return not server.running


@LINUX
def test_postgresql_dies_with_a_killed_owner_and_rows_stay(owner: Owner) -> None:
    pid, dsn = owner.start()
    put(dsn, 3)
    owner.kill()
    with session_of(owner.path) as server:
        assert gone(pid, 0.1)
        assert 3 in kept(server.dsn)
    assert not Path(dsn.split("host=")[1]).exists()


@LINUX
def test_after_kill_of_everything_at_once_rows_stay(owner: Owner) -> None:
    pid, dsn = owner.start()
    put(dsn, 4)
    os.kill(pid, signal.SIGKILL)
    owner.kill()
    with session_of(owner.path) as server:
        assert 4 in kept(server.dsn)


@LINUX
def test_an_orphan_is_stopped_before_a_second_server_touches_its_files(owner: Owner) -> None:
    pid, dsn = owner.start("orphan")
    put(dsn, 5)
    owner.kill()
    assert not gone(pid, 0.3), "it should have outlived its owner for this test"
    with session_of(owner.path) as server:
        assert gone(pid, 0.1)
        assert 5 in kept(server.dsn)


@LINUX
def test_a_stale_lock_file_that_names_a_living_stranger_does_not_stop_us(used: Path) -> None:
    # Its number belongs to another program now, as after a restart of a container. This process itself would
    # not do: PostgreSQL tells its own parent from a rival.
    with subprocess.Popen(
        ["sleep", "60"], user=Folder(used).pg.stat().st_uid if root() else None
    ) as stranger:
        lock = Folder(used).pg / "postmaster.pid"
        lock.write_text(f"{stranger.pid}\n{used}\n0\n5432\n\n\n0 0\nready\n")
        os.chown(lock, used.joinpath("pg").stat().st_uid, -1)
        with session_of(used) as server:
            assert 1 in kept(server.dsn)
        stranger.kill()


def test_files_in_use_by_a_locked_descriptor_are_never_served_twice(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("abaque.storage.server.cluster._STAGES", ((signal.SIGINT, 0.1),))
    fd = os.open(Folder(used).pg, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        assert "does not stop" in refused("in_use", used)
    finally:
        os.close(fd)


def test_the_log_has_a_bound(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "LOG_BYTES_MAX", 1000)
    log = Folder(used).log
    with session_of(used) as server:
        log.write_text("x" * 2000)
        server.trim_log()
        assert log.stat().st_size == 0
        assert log.with_name("postgresql.log.1").stat().st_size == 2000
        server.trim_log()
        assert log.with_name("postgresql.log.1").stat().st_size == 2000
    assert "shut down" in log.read_text()


# Finding it from another process


def test_another_process_finds_the_running_server(owner: Owner) -> None:
    with pytest.raises(ServerError) as caught:
        dsn_of(owner.path)
    assert caught.value.code == "not_running"
    assert "abaque up" in caught.value.message
    _, dsn = owner.start()
    password = Folder(owner.path).secrets.application
    named = f"postgresql://abaque_application:{password}@/abaque?{dsn.partition('?')[2]}"
    assert dsn_of(owner.path) == named
    with session(owner.path) as joined:
        assert joined == named
    assert 1 in kept(named), "a session that joined must not stop the server"
    message = refused("in_use", owner.path)
    assert owner.process is not None
    assert f"process {owner.process.pid} (the owner)" in message


def test_a_session_starts_a_server_for_its_length_only(used: Path) -> None:
    with session(used) as dsn:
        assert 1 in kept(dsn)
        with session(used) as same:
            assert same == dsn
    with pytest.raises(ServerError, match="Nothing runs"):
        dsn_of(used)


def test_a_session_that_started_the_server_waits_for_the_one_that_joined(used: Path) -> None:
    first_left, second_may_leave = threading.Event(), threading.Event()
    joined = threading.Event()
    seen: list[list[int]] = []

    def second() -> None:
        with session(used) as dsn:
            joined.set()
            second_may_leave.wait(10)
            seen.append(kept(dsn))

    def let_go() -> None:
        assert not first_left.wait(0.2), "the starter must wait for whoever joined"
        second_may_leave.set()

    threads = [threading.Thread(target=second), threading.Thread(target=let_go)]
    with session(used):
        threads[0].start()
        assert joined.wait(10)
        threads[1].start()
    first_left.set()
    for thread in threads:
        thread.join(10)
    assert 1 in seen[0]
    with pytest.raises(ServerError, match="Nothing runs"):
        dsn_of(used)


def test_a_command_in_a_folder_that_is_none_says_so(tmp_path: Path) -> None:
    with pytest.raises(ServerError) as caught, session(tmp_path):
        pass
    assert caught.value.code == "not_abaque"
    assert list(tmp_path.iterdir()) == [], "asking leaves no trace"


# Refusing


def test_a_folder_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    Folder(tmp_path).prepare()
    edit(tmp_path / "abaque.json", format=99)
    before = (tmp_path / "abaque.json").read_bytes()
    assert "newer version" in refused("newer", tmp_path)
    assert (tmp_path / "abaque.json").read_bytes() == before


def test_a_folder_with_other_things_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")
    assert "thesis.odt" in refused("not_abaque", tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.odt"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    refused("not_a_folder", tmp_path / "data")


@pytest.mark.parametrize("name", ["secrets", "abaque.json"])
def test_a_damaged_folder_is_refused(tmp_path: Path, name: str) -> None:
    Folder(tmp_path).prepare()
    (tmp_path / name).write_text("{")
    assert name in refused("damaged", tmp_path)


def test_a_test_folder_stays_one(tmp_path: Path) -> None:
    assert Folder(tmp_path).prepare(test=True).test
    assert Folder(tmp_path).prepare().test
    with pytest.raises(ServerError) as caught:
        Folder(tmp_path).prepare(test=False)
    assert caught.value.code == "other_kind"


def test_a_lost_database_is_not_taken_for_a_first_start(tmp_path: Path) -> None:
    Folder(tmp_path).prepare()
    edit(tmp_path / "abaque.json", initialised=True)
    assert "backup" in refused("cluster_missing", tmp_path)
    assert not (tmp_path / "pg").exists()


def test_a_database_of_another_postgresql_is_refused(tmp_path: Path) -> None:
    Folder(tmp_path).prepare()
    edit(tmp_path / "abaque.json", initialised=True)
    (tmp_path / "pg").mkdir(mode=0o700)
    (tmp_path / "pg" / "PG_VERSION").write_text("17\n")
    assert "made with PostgreSQL 17" in refused("cluster_version", tmp_path)


def test_a_postgresql_that_cannot_start_says_why(tmp_path: Path) -> None:
    with session_of(tmp_path):
        pass
    with (tmp_path / "pg" / "postgresql.conf").open("a") as conf:
        conf.write("shared_buffers = many\n")
    assert "shared_buffers" in refused("start_failed", tmp_path)
    with pytest.raises(ServerError, match="Nothing runs"):
        dsn_of(tmp_path)


def test_too_old_programs_and_missing_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABAQUE_PG_BIN", str(tmp_path))
    refused("no_binaries", tmp_path / "data")
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.9'\n")
        (tmp_path / name).chmod(0o755)
    assert "15.9" in refused("database_old", tmp_path / "data")


def test_a_foreign_database_is_checked_before_use(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for url, code in {"postgresql://x:y@127.0.0.1:1/z": "unreachable", "mysql//": "bad_url"}.items():
        monkeypatch.setenv("ABAQUE_DATABASE_URL", url)
        with pytest.raises(ServerError) as caught, session(used):
            pass
        assert caught.value.code == code
    monkeypatch.delenv("ABAQUE_DATABASE_URL")
    with session_of(used) as server:
        check_database(server.dsn)
        monkeypatch.setenv("ABAQUE_DATABASE_URL", server.dsn)
        with session(used / "anything") as dsn:
            assert dsn == server.dsn
        monkeypatch.setattr(reach, "SERVER_VERSION_MIN", 190000)
        with pytest.raises(ServerError) as caught:
            check_database(server.dsn)
        assert caught.value.code == "database_old"


def test_socket_folders_of_others_are_not_removed(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    remove_sockets(tmp_path / "precious")
    remove_sockets(Path())
    assert (tmp_path / "precious").exists()
    ours = make_sockets(None)
    remove_sockets(ours)
    assert not ours.exists()


def root() -> bool:
    return os.geteuid() == 0
