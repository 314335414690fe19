"""The door while the database is in trouble: 503 with Retry-After, nothing stored, and all well again afterwards."""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.api.door.speaking import HASHING_KEY, Answer, Client, batch, event

from abaque.storage.server import Folder, Server

SMALL = "192m"
KEY = "a key of the tests"
CONNECTIONS_MAX = 60


@dataclass
class Place:
    """A PostgreSQL of its own on a small disk, and the platform's tables in it."""

    disk: Path
    server: Server
    sent: int = 0
    _clients: list[Client] = field(default_factory=list)

    def client(self, options: str = "") -> Client:
        made = Client(make_conninfo(self.server.application_dsn, options=options), KEY)
        made.door._pool.timeout = 2
        self._clients.append(made)
        return made

    def fresh(self, events: int = 3) -> str:
        """A body nobody sent yet."""
        self.sent += events
        return batch(*(event(f"t{self.sent - n}", data={"pages": 1, "x": "x" * 200}) for n in range(events)))

    def ask(self, statement: str) -> Any:
        with psycopg.connect(self.server.dsn, autocommit=True) as owner:
            found = owner.execute(statement)
            return found.fetchall() if found.description else None

    def counts(self) -> tuple[int, ...]:
        row: tuple[int, ...] = self.ask(
            "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM identity), (SELECT sum(accepted) FROM intake)"
        )[0]
        return row

    def until_taken(self, client: Client, body: str) -> Answer:
        """Send as a product does: again, until it is told that it is stored."""
        end = time.monotonic() + 30
        while (answer := client.post(body)).status != 200:
            expect_trouble(answer)
            assert time.monotonic() < end
            time.sleep(0.2)
        return answer

    def close(self) -> None:
        for client in self._clients:
            client.door._pool.close()
        self._clients.clear()


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A disk of 192 MiB; where none can be made, a folder, and the disk cannot be filled."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", place], capture_output=True, check=False
    )
    try:
        yield place
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", place], check=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with small_disk(tmp_path_factory.mktemp("trouble") / "disk") as disk:
        folder = Folder(disk / "data")
        folder.prepare(test=True)
        server = Server(folder, purpose="the tests of trouble")
        server.start()
        try:
            subprocess.run(
                [sys.executable, "-m", "abaque.app.prepare", "--test"],
                env={
                    **os.environ,
                    "ABAQUE_DATABASE_URL": server.application_dsn,
                    "ABAQUE_OWNER_DATABASE_URL": server.dsn,
                    "ABAQUE_SIGNING_KEY": "for tests only",
                    "ABAQUE_HASHING_KEY": HASHING_KEY.hex(),
                    "ABAQUE_DATA": str(folder.path),
                    "ABAQUE_PUBLIC_URL": "http://127.0.0.1",
                    "ABAQUE_QUIET": "1",
                    "DJANGO_SETTINGS_MODULE": "abaque.app.settings",
                },
                check=True,
            )
            place = Place(disk, server)
            digest = hashlib.sha256(KEY.encode()).hexdigest()
            place.ask(
                "INSERT INTO api_key (name, prefix, hash, scopes, created_at)"
                f" VALUES ('t', 't', '\\x{digest}', '{{events:write}}', now())"
            )
            yield place
        finally:
            server.stop()


@pytest.fixture
def place(running: Place) -> Iterator[Place]:
    running.server.start()
    yield running
    running.close()


def wait_for(place: Place) -> None:
    """Wait until the database answers; where not even its log found room it has stopped, and is started again."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        place.server.start()
        with contextlib.suppress(psycopg.OperationalError):
            place.counts()
            return
        time.sleep(0.2)


def expect_trouble(answer: Answer) -> None:
    assert answer.status in {429, 503}, answer.body
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["content-type"] == "application/problem+json"
    assert "accepted" not in answer.body


def expect_well_again(place: Place, client: Client, refused: str) -> None:
    """What was refused was not stored: sent again, all of it is new."""
    answer = place.until_taken(client, refused)
    assert answer.counts == (len(json.loads(refused)), 0, 0, 0)


# Real trouble.


def test_a_stopped_database_and_one_that_came_back(place: Place) -> None:
    client = place.client()
    assert client.post(place.fresh()).status == 200
    body = place.fresh()
    place.server.stop()
    for _ in range(3):
        expect_trouble(client.post(body))
    expect_trouble(client.post(json.dumps(event("single")), "application/cloudevents+json"))
    place.server.start()
    again = place.client()  # its socket is another; under the supervisor it stays the same
    expect_well_again(place, again, body)


def test_a_database_killed_and_started_again_by_its_keeper(place: Place) -> None:
    client = place.client()
    assert client.post(place.fresh()).status == 200
    body = place.fresh()
    assert place.server.pid is not None
    os.kill(place.server.pid, 9)
    taken = []  # a backend outlives its postmaster by a moment: what it still acknowledges is stored
    while (answer := client.post(body)).status == 200:
        taken.append(body)
        body = place.fresh()
    expect_trouble(answer)
    while place.server.running:
        time.sleep(0.02)
    place.server.start()
    expect_well_again(place, client, body)
    for earlier in taken:
        assert client.post(earlier).counts == (0, len(json.loads(earlier)), 0, 0)


@contextmanager
def locked(place: Place) -> Iterator[None]:
    with psycopg.connect(place.server.dsn) as owner:
        owner.execute("LOCK TABLE identity IN ACCESS EXCLUSIVE MODE")
        yield
        owner.rollback()


@contextmanager
def read_only(place: Place) -> Iterator[None]:
    place.ask("ALTER DATABASE abaque SET default_transaction_read_only = on")
    disconnect(place)
    try:
        yield
    finally:
        with psycopg.connect(place.server.dsn, autocommit=True) as owner:
            owner.execute("SET default_transaction_read_only = off")
            owner.execute("ALTER DATABASE abaque RESET default_transaction_read_only")
        disconnect(place)


@contextmanager
def all_connections_taken(place: Place) -> Iterator[None]:
    disconnect(place)
    with contextlib.ExitStack() as taken:
        with contextlib.suppress(psycopg.OperationalError):
            for _ in range(CONNECTIONS_MAX):
                taken.enter_context(psycopg.connect(place.server.dsn))
        with pytest.raises(psycopg.OperationalError, match=r"connection slots|too many clients"):
            psycopg.connect(place.server.dsn)
        yield


@contextmanager
def no_rights(place: Place) -> Iterator[None]:
    """As in the middle of a restore, which drops tables and makes them again."""
    place.ask("REVOKE INSERT ON identity FROM abaque_application")
    yield
    place.ask("GRANT INSERT ON identity TO abaque_application")


def disconnect(place: Place) -> None:
    place.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'abaque_application'")


@pytest.mark.parametrize(
    ("trouble", "options", "retry_after"),
    [
        (locked, "-c lock_timeout=200ms", 2),
        (locked, "-c statement_timeout=200ms", 2),
        (read_only, "", 30),
        (all_connections_taken, "", 2),
        (no_rights, "", 30),
    ],
)
def test_trouble_is_answered_and_passes(
    place: Place, trouble: Callable[[Place], AbstractContextManager[None]], options: str, retry_after: int
) -> None:
    client = place.client(options)
    assert client.post(place.fresh()).status == 200
    before = place.counts()
    body, single = place.fresh(), json.dumps(event(f"single-{place.sent}"))
    with trouble(place):
        for content, kind in ((body, "application/cloudevents-batch+json"), (single, "application/json")) * 2:
            answer = client.post(content, kind)
            expect_trouble(answer)
        assert answer.headers["retry-after"] == str(retry_after)
    assert place.counts() == before
    expect_well_again(place, client, body)


def test_a_full_disk_loses_nothing_that_was_acknowledged_and_acknowledges_nothing_it_loses(
    place: Place,
) -> None:
    if not os.path.ismount(place.disk):
        pytest.skip("only root can make a small disk")
    client = place.client()
    acknowledged = place.counts()[0]
    ballast = place.disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as full:
        while full.write(b"x" * (1 << 20)):
            pass
    assert shutil.disk_usage(place.disk).free < 1 << 20
    refused = None
    for _ in range(200):
        body = place.fresh(500)
        answer = client.post(body)
        if answer.status != 200:
            expect_trouble(answer)
            refused = body
            break
        acknowledged += answer.counts[0]
    assert refused is not None, "the disk was never full"
    expect_trouble(client.post(place.fresh()))
    ballast.unlink()
    wait_for(place)
    assert place.counts() == (acknowledged, acknowledged, acknowledged)
    expect_well_again(place, client, refused)


# What cannot be provoked at will: PostgreSQL is made to say so.


@pytest.mark.parametrize(
    "state",
    [
        "53000", "53100", "53200", "53300", "53400", "57000", "57014", "57P01", "57P02", "57P03", "57P04",
        "58000", "58030", "25006", "25P03", "40001", "40P01", "55P03", "55006", "54000", "08006", "XX000",
        "XX001", "XX002", "42501", "42P01", "3D000", "28P01", "0A000",
    ],
)  # fmt: skip
def test_every_way_to_fail_is_answered_with_try_again(place: Place, state: str) -> None:
    client = place.client()
    place.ask(
        "CREATE OR REPLACE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{state}'; END $$;"
        " CREATE TRIGGER trouble BEFORE INSERT ON intake FOR EACH ROW EXECUTE FUNCTION trouble()"
    )
    before, body = place.counts(), place.fresh()
    try:
        answer = client.post(body)
    finally:
        place.ask("DROP TRIGGER trouble ON intake")
    expect_trouble(answer)
    assert place.counts() == before
    expect_well_again(place, client, body)
