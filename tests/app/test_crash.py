"""`kill -9` of everything, PostgreSQL included, in the middle of sending: what was acknowledged is there, once."""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

KILLS = int(os.environ.get("KILLS", "20"))
SENDERS = 2
PATIENCE = 60.0
CATALOGUE = """
meters:
  steps:
    name: {en: Steps, fr: Pas}
    unit: {en: step, fr: pas}
    event: step.taken
    aggregate: count
    operation: step
  length:
    name: {en: Length, fr: Longueur}
    unit: {en: metre, fr: mètre}
    event: step.taken
    aggregate: sum
    value: length
"""


@dataclass
class Platform:
    """`abaque up` on a folder, killed and started again."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.data.parent / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command("up", "--test", "--port", str(self.port)),
                env=environment(),
                stdout=log,
                stderr=log,
            )

    def wait_until_it_serves(self) -> None:
        end = time.monotonic() + PATIENCE
        while not self.serves():
            assert self.process is not None
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def serves(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.request("GET", "/readyz")[0] == 200
        return False

    def kill_everything(self) -> None:
        """SIGKILL the supervisor and all its descendants, and wait until none is left."""
        assert self.process is not None
        everybody = family(self.process.pid)
        for pid in everybody:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        end = time.monotonic() + PATIENCE
        while any(alive(pid) for pid in everybody):
            assert time.monotonic() < end, "a killed process stays"
            time.sleep(0.01)

    def request(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body.encode() or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def cli(self, *arguments: str) -> str:
        """Run a command beside the running platform; what it prints."""
        done = subprocess.run(
            self._command(*arguments), env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def said(self) -> str:
        return (self.data.parent / "up.log").read_text(errors="replace")[-3000:]

    def _command(self, command: str, *arguments: str) -> list[str]:
        words = command.split()
        return [sys.executable, "-m", "abaque.app.cli", *words, "--data", str(self.data), *arguments]


@dataclass
class Sender:
    """A product that sends numbered events, again until it is told they are stored."""

    platform: Platform
    key: str
    name: str
    acknowledged: set[str] = field(default_factory=set)
    sent: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    failures: list[str] = field(default_factory=list)

    def run(self) -> None:
        rng = random.Random(self.name)
        waiting: list[str] = []
        while not self.stop.is_set():
            if not waiting:
                size = rng.choice((1, 1, 5, 60))
                waiting = [f"{self.name}-{self.sent + n}" for n in range(size)]
                self.sent += size
            if self.post(waiting):
                waiting = []
            else:
                time.sleep(0.05)

    def post(self, ids: list[str]) -> dict[str, Any] | None:
        """Send events; the answer's counts if it says that all are stored, None if no answer came."""
        try:
            status, content = self.platform.request(
                "POST",
                "/v1/events",
                json.dumps([event(one) for one in ids]),
                **{"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
            )
        except (OSError, http.client.HTTPException):
            return None
        if status >= 500 or status == 429:
            return None
        answer: dict[str, Any] = json.loads(content)
        if status != 200 or answer["accepted"] + answer["duplicate"] != len(ids):
            self.failures.append(f"{status} {answer}")
            return None
        self.acknowledged.update(ids)
        return answer

    def post_until_answered(self, ids: list[str]) -> dict[str, Any]:
        """Send as a product does: no answer, or "come back later", says nothing of what is stored."""
        end = time.monotonic() + PATIENCE
        while (answer := self.post(ids)) is None:
            assert self.failures == []
            assert time.monotonic() < end, f"no answer for {ids[0]}… in {PATIENCE} s"
            time.sleep(0.2)
        return answer


START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)


def event(identity: str) -> dict[str, Any]:
    """Event number n is n + 1 metres long, some attempts share a step, and its content never changes."""
    number = int(identity.rpartition("-")[2])
    return {
        "specversion": "1.0",
        "id": identity,
        "source": "/walk",
        "type": "step.taken",
        "subject": "walker",
        "time": (START + timedelta(seconds=number % 7000)).isoformat(),
        "data": {"length": number + 1, "step": f"{identity.partition('-')[0]}-{number // 3}"},
    }


def environment() -> dict[str, str]:
    """The environment of a person's shell: the tests' own database and keys are none of its business."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("ABAQUE_", "DJANGO_"))}
    return {**mine, "ABAQUE_QUIET": "1", "LANG": "C.UTF-8"}


def family(root: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not yet reaped does not."""
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Platform(tmp_path / "data", port)
    made.start()
    made.wait_until_it_serves()
    yield made
    made.kill_everything()
    print(made.said())  # noqa: T201  # shown beside a failure


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_every_acknowledged_event_survives_killing_everything_exactly_once(platform: Platform) -> None:
    catalogue = platform.data.parent / "walk.yaml"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    platform.cli("catalog apply", str(catalogue), "--yes")
    key = platform.cli("keys create", "walk", "--scopes", "all").strip()
    bearer = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    status, body = platform.request("PUT", "/v1/customers/walker", '{"legal_name": "Walker"}', **bearer)
    assert status in {200, 201}, body

    senders = [Sender(platform, key, f"s{number}") for number in range(SENDERS)]
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    for thread in threads:
        thread.start()
    kill_again_and_again(platform, senders)
    for sender in senders:
        sender.stop.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a sender does not end"
    assert [failure for sender in senders for failure in sender.failures] == []

    fresh = resend_everything(senders)
    acknowledged = {identity for sender, before in fresh for identity in before}
    lost = {identity for sender, _ in fresh for identity in sender.failures}
    assert lost == set(), "acknowledged, and yet new when sent again"
    everything = {f"{sender.name}-{n}" for sender in senders for n in range(sender.sent)}
    assert len(acknowledged) > KILLS, "hardly anything was acknowledged: this showed nothing"
    expect_metered_once(platform, everything)
    assert "s0" in {identity.partition("-")[0] for identity in acknowledged}
    platform.cli("self-check")


def kill_again_and_again(platform: Platform, senders: list[Sender]) -> None:
    """Kill at random moments: mostly while events pour in, sometimes while starting or recovering."""
    rng = random.Random(20)
    for _ in range(KILLS):
        if rng.random() < 0.2:
            time.sleep(rng.uniform(0, 1.5))
        else:
            platform.wait_until_it_serves()
            wait_for_news(senders)
            time.sleep(rng.uniform(0, 0.8))
        platform.kill_everything()
        platform.start()
    platform.wait_until_it_serves()
    wait_for_news(senders)


def wait_for_news(senders: list[Sender]) -> None:
    """Wait until something more was acknowledged: the kill is to come in the middle of it."""
    before = sum(len(sender.acknowledged) for sender in senders)
    end = time.monotonic() + PATIENCE
    while sum(len(sender.acknowledged) for sender in senders) == before:
        assert time.monotonic() < end, "nothing is acknowledged any more"
        time.sleep(0.01)


def resend_everything(senders: list[Sender]) -> list[tuple[Sender, set[str]]]:
    """Send every event again. An acknowledged one that is new to the door was lost: it is a failure."""
    found = []
    for sender in senders:
        before = set(sender.acknowledged)
        known = sorted(before)
        for start in range(0, len(known), 500):
            part = known[start : start + 500]
            answer = sender.post_until_answered(part)
            if answer["accepted"]:
                sender.failures.append(f"{part[0]}…: {answer}")
        rest = [f"{sender.name}-{n}" for n in range(sender.sent) if f"{sender.name}-{n}" not in before]
        if rest:
            sender.post_until_answered(rest)
        found.append((sender, before))
    return found


def expect_metered_once(platform: Platform, everything: set[str]) -> None:
    """The sum over all lengths, and the number of steps, are those of each event counted once."""
    data = [event(identity)["data"] for identity in everything]
    expected = {
        "length": str(sum(one["length"] for one in data)),
        "steps": str(len({one["step"] for one in data})),
    }
    first, last = (START - timedelta(days=2)).date(), (START + timedelta(days=2)).date()
    end = time.monotonic() + PATIENCE
    while True:
        rows = json.loads(platform.cli("usage", "--from", f"{first}", "--to", f"{last}", "--json"))
        found = {row["meter"]: row["quantity"] for row in rows}
        if found == expected or time.monotonic() > end:
            break
    assert found == expected
