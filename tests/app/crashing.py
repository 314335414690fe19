"""`abaque up` under `kill -9`: the platform whose parts are killed one by one, and the products that send to it."""

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

PATIENCE = 300.0  # seconds: on a machine that is busy with other things a start takes minutes
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)


class Victim(StrEnum):
    """What a kill hits."""

    DOOR = "door"  # the web process, or the one of its own that serves
    METER = "meter"  # the worker process
    POSTGRESQL = "PostgreSQL"  # its head: the others end by themselves
    BACKEND = "one of PostgreSQL's processes"  # its head then starts all the others anew
    SUPERVISOR = "supervisor"  # alone: nothing of what it started may stand in the way of the next start
    EVERYTHING = "everything at once"


@dataclass
class Platform:
    """`abaque up` on a folder: killed, and started again as a service manager does when it has ended."""

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

    def wait_until_it_serves(self, *, may_give_up: bool = False) -> None:
        """Wait for all parts. A start that was hit may fail, saying so by its exit code: it is started again."""
        assert self.process is not None
        end = time.monotonic() + PATIENCE
        while not self.serves():
            code = self.process.poll()
            if code is not None:
                assert may_give_up, f"it ended with {code}: {self.said()}"
                assert code > 0, f"no service manager starts again what ended with {code}"
                self.start()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def serves(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.request("GET", "/readyz")[0] == 200 and all(self.parts().values())
        return False

    def parts(self) -> dict[Victim, list[int]]:
        """Return the processes that a kill may hit, by kind of victim; some may not have started yet."""
        assert self.process is not None
        root, tree = self.process.pid, children()
        if self.process.poll() is not None:
            return {victim: [] for victim in Victim}
        door, meter, postgresql = (
            [pid for pid in tree.get(root, []) if any(word in command(pid) for word in words)]
            for words in (("serve web", "granian"), ("serve worker",), ("postgres",))
        )
        return {
            Victim.DOOR: [pid for head in door for pid in family(head, tree)],
            Victim.METER: meter,
            Victim.POSTGRESQL: postgresql,
            Victim.BACKEND: [pid for head in postgresql for pid in tree.get(head, [])],
            Victim.SUPERVISOR: [root],
            Victim.EVERYTHING: family(root, tree),
        }

    def kill(self, victim: Victim, rng: random.Random) -> None:
        """SIGKILL such a victim as soon as there is one. What ended by it is started again at once."""
        assert self.process is not None
        end = time.monotonic() + PATIENCE
        while not (parts := self.parts())[victim]:
            if self.process.poll() is not None:  # it failed by itself, hit by the kill before
                self.start()
            assert time.monotonic() < end, f"no {victim} to kill: {self.said()}"
            time.sleep(0.01)
        hit = parts[victim] if victim is Victim.EVERYTHING else [rng.choice(parts[victim])]
        slay(hit)
        if self.process.pid in hit:
            self.process.wait()
            self.start()
            expect_dead(parts[Victim.EVERYTHING])
        else:
            expect_dead(hit)

    def stop(self) -> None:
        """Kill whatever is left."""
        assert self.process is not None
        everybody = family(self.process.pid, children())
        slay(everybody)
        self.process.wait()
        expect_dead(everybody)

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

    def _command(self, words: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "abaque.app.cli", *words.split(), "--data", str(self.data), *arguments]


@dataclass
class Sender:
    """A product that sends numbered events, again until it is told they are stored, and some once more."""

    platform: Platform
    key: str
    name: str
    made: int = 0
    posted: int = 0  # events in bodies that reached a door, repeats included
    duplicates: int = 0  # answered
    acknowledged: dict[str, None] = field(default_factory=dict)  # in the order in which they were
    stop: threading.Event = field(default_factory=threading.Event)
    failures: list[str] = field(default_factory=list)

    def run(self) -> None:
        rng = random.Random(self.name)
        waiting: list[str] = []
        while not self.stop.is_set():
            waiting = waiting or self.next_lot(rng)
            if self.post(waiting, lines=rng.random() < 0.4):
                waiting = []
            else:
                time.sleep(0.05)

    def next_lot(self, rng: random.Random) -> list[str]:
        """Return new events; now and then with some of the last acknowledged ones, or those alone."""
        size = rng.choice((1, 1, 5, 60))
        known = list(self.acknowledged)[-200:] if rng.random() < 0.2 else []
        again = rng.sample(known, min(size, len(known)))
        if again and rng.random() < 0.5:
            return again
        fresh = [f"{self.name}-{self.made + n}" for n in range(size)]
        self.made += size
        return [*fresh, *again]

    def post(self, ids: list[str], *, lines: bool = False) -> dict[str, Any] | None:
        """Send events; the answer's counts if it says that all are stored, None if no answer came."""
        known = sum(one in self.acknowledged for one in ids)
        body, form = written([event(one) for one in ids], lines=lines)
        try:
            status, content = self.platform.request(
                "POST",
                "/v1/events",
                body,
                **{"Authorization": f"Bearer {self.key}", "Content-Type": form},
            )
        except ConnectionRefusedError:
            return None
        except (OSError, http.client.HTTPException):
            self.posted += len(ids)
            return None
        self.posted += len(ids)
        if status >= 500 or status == 429:
            return None
        answer: dict[str, Any] = json.loads(content)
        if status != 200 or answer["accepted"] + answer["duplicate"] != len(ids):
            self.failures.append(f"{status} {answer}")
            return None
        if answer["duplicate"] < known:
            self.failures.append(f"acknowledged, and yet new when sent again: {ids[0]}… {answer}")
        self.duplicates += answer["duplicate"]
        self.acknowledged.update(dict.fromkeys(ids))
        return answer

    def post_until_answered(self, ids: list[str]) -> None:
        """Send as a product does: no answer, or "come back later", says nothing of what is stored."""
        end = time.monotonic() + PATIENCE
        while self.post(ids) is None:
            assert self.failures == []
            assert time.monotonic() < end, f"no answer for {ids[0]}… in {PATIENCE} s"
            time.sleep(0.2)


def written(events: list[dict[str, Any]], *, lines: bool) -> tuple[str, str]:
    """Return a body and its content type: a single event, a batch, or one event per line."""
    if lines:
        return "\n".join(json.dumps(one) for one in events), "application/x-ndjson"
    if len(events) == 1:
        return json.dumps(events[0]), "application/cloudevents+json"
    return json.dumps(events), "application/cloudevents-batch+json"


def event(identity: str) -> dict[str, Any]:
    """Event number n is n + 1 metres long, three attempts share a step, and its content never changes."""
    name, _, number = identity.rpartition("-")
    return {
        "specversion": "1.0",
        "id": identity,
        "source": "/walk",
        "type": "step.taken",
        "subject": "walker",
        "time": (START + timedelta(seconds=int(number) % 7000)).isoformat(),
        "data": {"length": int(number) + 1, "step": f"{name}-{int(number) // 3}"},
    }


def environment() -> dict[str, str]:
    """The environment of a person's shell: the tests' own database and keys are none of its business."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("ABAQUE_", "DJANGO_"))}
    return {**mine, "ABAQUE_QUIET": "1", "LANG": "C.UTF-8"}


def slay(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def expect_dead(pids: list[int]) -> None:
    """Wait until none of these processes runs."""
    end = time.monotonic() + PATIENCE
    while left := [pid for pid in pids if alive(pid)]:
        assert time.monotonic() < end, f"lives on: {[command(pid) for pid in left]}"
        time.sleep(0.01)


def children() -> dict[int, list[int]]:
    """Return all processes by the one that started them."""
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                found.setdefault(int(_status(entry.name)[1]), []).append(int(entry.name))
    return found


def family(root: int, tree: dict[int, list[int]]) -> list[int]:
    """Return a process and all its descendants."""
    found = [root]
    for pid in found:
        found += tree.get(pid, [])
    return found


def alive(pid: int) -> bool:
    """Say whether a process runs; one that is dead but not yet reaped does not."""
    with contextlib.suppress(OSError):
        return _status(pid)[0] not in "ZX"
    return False


def command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(pid) / "cmdline").read_text(errors="replace").replace("\0", " ")
    return ""


def _status(pid: int | str) -> list[str]:
    return (Path("/proc") / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
