"""The stage: a PostgreSQL of our own in a temporary folder, prepared as `abaque up` prepares it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.events import CATALOGUE, MONTH, NOW, SPARE, subject

from abaque.storage.server import Folder, Server

ROOT = Path(__file__).resolve().parents[1]
STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the benchmark plays: the database, a port for the web process, a key for the door."""

    database_url: str
    port: int
    key: str


@contextmanager
def stage(customers: int) -> Iterator[Stage]:
    """Start PostgreSQL, prepare it, publish the catalogue, subscribe the customers; undo it all at the end."""
    place = Path(tempfile.mkdtemp(prefix="abaque-bench-"))
    folder = Folder(place / "data")
    folder.prepare(test=True)
    server = Server(folder, purpose="the benchmark")
    try:
        os.environ |= {
            "ABAQUE_DATABASE_URL": server.start(),
            "ABAQUE_SIGNING_KEY": folder.secrets.signing.hex(),
            "ABAQUE_HASHING_KEY": folder.secrets.hashing.hex(),
            "ABAQUE_FIRST_MOMENT": NOW.isoformat(),
            "ABAQUE_LOG": "ERROR",
        }
        yield Stage(os.environ["ABAQUE_DATABASE_URL"], free_port(), _house(customers))
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)


def _house(customers: int) -> str:
    """Fill the house: catalogue, customers with a subscription each, a key."""
    from abaque.app.start import setup

    setup()
    from abaque.app.prepare import prepare
    from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
    from abaque.billing.create_key import new_key
    from abaque.billing.enrol import Enrol, enrol
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.runner import perform
    from abaque.storage import clock
    from abaque.worker.clock import make_partitions

    prepare(test=True)
    now = clock.now()
    make_partitions(now)
    perform(apply_catalogue, ApplyCatalogue(CATALOGUE, "bench.yaml"), now=now, by=SYSTEM)
    first_seen = tuple((subject(number), MONTH[0] + SPARE) for number in range(customers))
    perform(enrol, Enrol(first_seen, "bench"), now=now, by=SYSTEM)
    return str(new_key("bench", now=now, by=SYSTEM)["key"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web(stage: Stage) -> Iterator[None]:
    """Run the real web process: granian, one worker, as the supervisor starts it."""
    with process("-m", "abaque.app.serve", "web", "127.0.0.1", str(stage.port)):
        until_ready(stage.port)
        yield


@contextmanager
def worker() -> Iterator[None]:
    """Run the real worker process."""
    with process("-m", "abaque.app.serve", "worker"):
        yield


@contextmanager
def process(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a Python process in a group of its own, and end the whole group."""
    child = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, start_new_session=True)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def until_ready(port: int, seconds: float = 60) -> float:
    """Wait until the database answers through the web process; return how long it took."""
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return time.perf_counter() - start
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    raise TimeoutError(f"nothing answered on port {port} within {seconds} seconds")
