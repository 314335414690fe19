"""The supervisor with real processes: order, restarts, signals, its own death."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from abaque.app.supervisor import Child, Mode, supervise
from abaque.storage.server import Folder, Server, dsn_of, session

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")

# A child that notes its start and its end, and otherwise does as it is told.
NOTE = """
    import os, signal, sys, time
    name, book, how = sys.argv[1:4]
    def note(what):
        with open(book, "a") as stream:
            stream.write(f"{name} {what}\\n")
    def leave(*_):
        note("stopped")
        sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
    url, owner = (os.environ.get(f"ABAQUE_{name}DATABASE_URL", "none") for name in ("", "OWNER_"))
    note(f"started {os.getpid()} {url} {owner}")
    if how == "stay":
        time.sleep(60)
    if how == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note("deaf")
        time.sleep(60)
    if how == "listen":  # as a web server that does not hear the wish to end, nor does its worker
        import multiprocessing, socket
        from abaque.storage.server import die_with_parent
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        head = os.getpid()
        def serve():
            die_with_parent()
            with socket.create_server(("127.0.0.1", int(os.environ["PORT"]))) as listening:
                while True:
                    with listening.accept()[0] as asked:
                        asked.sendall(str(head).encode())
        multiprocessing.get_context("fork").Process(target=serve).start()
        time.sleep(60)
    while how.startswith("after ") and f"{how[6:]} started" not in open(book).read():
        time.sleep(0.02)
    sys.exit(7 if how.startswith("after ") else int(how))
"""
SUPERVISOR = """
    import sys
    from pathlib import Path
    from abaque.app.supervisor import Child, supervise
    from abaque.storage.server import Folder
    path, note, book, *names = sys.argv[1:]
    children = [
        Child(name=name, command=(sys.executable, "-c", note, name, book, how))
        for name, how in ((name, {"deaf": "deaf", "door": "listen"}.get(name, "stay")) for name in names)
    ]
    sys.exit(supervise(Folder(Path(path)), children))
"""


class Book:
    """What the children noted."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def child(self, name: str, how: str, mode: Mode = Mode.SERVICE) -> Child:
        command = (sys.executable, "-c", textwrap.dedent(NOTE), name, str(self.file), how)
        return Child(name=name, command=command, mode=mode)

    @property
    def lines(self) -> list[list[str]]:
        return [line.split() for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def starts(self, name: str) -> list[tuple[int, str]]:
        return [(int(line[2]), line[3]) for line in self.lines if line[:2] == [name, "started"]]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "book")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    folder = Folder(tmp_path_factory.mktemp("supervised") / "data")
    yield folder
    with session(folder.path):
        pass  # tidies up what the kills left behind


@pytest.fixture(autouse=True)
def _no_foreign_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABAQUE_DATABASE_URL", raising=False)


@pytest.fixture
def other(folder: Folder, book: Book) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a supervisor in a process of its own, with services of these names."""
    started: list[subprocess.Popen[str]] = []

    def start(*names: str) -> subprocess.Popen[str]:
        arguments = [str(folder.path), textwrap.dedent(NOTE), str(book.file), *names]
        command = [sys.executable, "-c", textwrap.dedent(SUPERVISOR), *arguments]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        until(lambda: all(book.starts(name) for name in names))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(true: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_first_children_run_to_their_end_before_the_others(folder: Folder, book: Book) -> None:
    children = [
        book.child("migrate", "0", Mode.FIRST),
        book.child("web", "stay"),
        book.child("story", "after web", Mode.LAST),
    ]
    assert supervise(folder, children) == 7
    names = [line[:2] for line in book.lines]
    assert names[0] == ["migrate", "started"]
    assert sorted(names[1:3]) == [["story", "started"], ["web", "started"]]
    assert book.starts("web")[0][1].startswith("postgresql://abaque_application:")
    assert [line[4] for line in book.lines if line[1] == "started"] == ["none"] * 3
    assert not alive(book.starts("web")[0][0])


def test_only_who_may_is_told_how_the_owner_signs_in(
    folder: Folder, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    children = [
        replace(book.child("migrate", "0", Mode.FIRST), owner=True),
        book.child("web", "0", Mode.LAST),
    ]
    assert supervise(folder, children) == 0
    first, other = (line for line in book.lines if line[1] == "started")
    assert first[3] == other[3]
    assert first[3].startswith("postgresql://abaque_application:")
    assert first[4].startswith("postgresql://abaque:")
    assert other[4] == "none"

    server = Server(folder)
    server.start()
    try:
        monkeypatch.setenv("ABAQUE_DATABASE_URL", server.application_dsn)
        monkeypatch.setenv("ABAQUE_OWNER_DATABASE_URL", server.dsn)
        assert supervise(Folder(folder.path.with_name("elsewhere")), children) == 0
        _, _, first, other = (line for line in book.lines if line[1] == "started")
        assert first[3:] == [server.application_dsn, server.dsn]
        assert other[3:] == [server.application_dsn, "none"]
    finally:
        server.stop()


def test_nothing_starts_after_a_first_child_that_failed(folder: Folder, book: Book) -> None:
    said: list[str] = []
    children = [book.child("migrate", "3", Mode.FIRST), book.child("web", "stay")]
    assert supervise(folder, children, say=said.append) == 1
    assert [line[0] for line in book.lines] == ["migrate"]
    assert "migrate failed with exit code 3" in said[0]


def test_a_child_that_never_works_is_given_up_with_a_reason(folder: Folder, book: Book) -> None:
    said: list[str] = []
    assert supervise(folder, [book.child("web", "2")], say=said.append) == 1
    assert len(book.starts("web")) == 5
    assert "web ended 5 times in a row" in said[-1]
    assert "exit code 2" in said[-1]


def test_a_program_that_does_not_exist_is_given_up_too(folder: Folder) -> None:
    said: list[str] = []
    assert supervise(folder, [Child(name="web", command=("/no/such/program",))], say=said.append) == 1
    assert "exit code 127" in said[-1]


def test_sigterm_stops_in_reverse_order_and_succeeds(
    folder: Folder, book: Book, other: Callable[..., subprocess.Popen[str]]
) -> None:
    supervisor = other("web", "worker")
    dsn = dsn_of(folder.path)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(15) == 0
    assert [line[0] for line in book.lines if line[1] == "stopped"] == ["worker", "web"]
    assert not Path(dsn.split("host=")[1]).exists()


def test_a_second_signal_does_not_wait_for_a_deaf_child(
    book: Book, other: Callable[..., subprocess.Popen[str]]
) -> None:
    supervisor = other("deaf")
    until(lambda: ["deaf", "deaf"] in book.lines)
    supervisor.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        supervisor.wait(0.5)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(5) == 130
    assert not alive(book.starts("deaf")[0][0])


def test_killed_children_and_a_killed_postgresql_come_back(
    folder: Folder, book: Book, other: Callable[..., subprocess.Popen[str]]
) -> None:
    supervisor = other("web")
    dsn = dsn_of(folder.path)
    with psycopg.connect(json.loads((folder.path / "running").read_text())["dsn"]) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        owner.execute("GRANT SELECT ON kept TO PUBLIC")
    for times in range(2, 8):  # more often than a child that fails by itself may
        os.kill(book.starts("web")[-1][0], signal.SIGKILL)
        until(lambda: len(book.starts("web")) == times)  # noqa: B023 - asked at once
    for _ in range(3):
        head = int((folder.pg / "postmaster.pid").read_text().split()[0])
        os.kill(head, signal.SIGKILL)
        until(lambda: not alive(head))  # noqa: B023 - asked at once
        until(lambda: reachable(dsn))
    assert {start[1] for start in book.starts("web")} == {dsn}
    assert supervisor.poll() is None
    assert rss_megabytes(supervisor.pid) < 40


def reachable(dsn: str, query: str = "SELECT 1 + count(*) FROM kept") -> bool:
    try:
        with psycopg.connect(dsn) as connection:
            return connection.execute(query).fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def rss_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


@LINUX
def test_everything_dies_with_a_killed_supervisor(
    folder: Folder, book: Book, other: Callable[..., subprocess.Popen[str]]
) -> None:
    supervisor = other("web", "deaf")
    until(lambda: ["deaf", "deaf"] in book.lines)
    head = int((folder.pg / "postmaster.pid").read_text().split()[0])
    supervisor.kill()
    supervisor.wait()
    children = [book.starts(name)[0][0] for name in ("web", "deaf")]
    until(lambda: not any(alive(pid) for pid in [head, *children]))


@LINUX
def test_a_supervisor_killed_alone_leaves_nothing_that_blocks_the_next_start(
    folder: Folder, book: Book, other: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("PORT", str(port))
    for times in range(1, 4):  # folder, files and port are free for whoever starts at once
        supervisor = other("door")
        until(lambda: len(book.starts("door")) == times)  # noqa: B023 - asked at once
        until(lambda: book.starts("door")[-1][0] == whose(port))
        assert reachable(dsn_of(folder.path), "SELECT 1")
        supervisor.kill()
        supervisor.wait()


def whose(port: int) -> int:
    """Ask who listens there. 0: nobody."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return int(connection.recv(20) or 0)
    except OSError:
        return 0


@LINUX
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_dies_with_its_server_killed_before_or_after_it_asked_for_that(when: str) -> None:
    # The server itself makes its worker by `multiprocessing`, as granian does.
    server = """
        import multiprocessing, os, sys, time
        from abaque.storage.server import die_with_parent
        def worker():
            if sys.argv[1] == "before":
                print(os.getpid(), flush=True)
                while os.getppid() == multiprocessing.parent_process().pid:
                    time.sleep(0.01)
            die_with_parent()
            if sys.argv[1] == "after":
                print(os.getpid(), flush=True)
            time.sleep(60)
        process = multiprocessing.get_context("fork").Process(target=worker)
        process.start()
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(server), when]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    until(lambda: not alive(pid))


def test_the_supervisor_needs_neither_django_nor_the_driver() -> None:
    program = (
        "import sys, abaque.app.supervisor; print(*[m for m in ('django', 'psycopg') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == ""
