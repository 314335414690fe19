"""Starting the whole house with its own command, and what it weighs when idle."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.stage import ROOT, free_port, until_ready
from bench.table import Row

_SETTLE_SECONDS = 6


def starting() -> list[Row]:
    """Start `abaque up` in a new folder, weigh it, stop it, start it again."""
    place = Path(tempfile.mkdtemp(prefix="abaque-bench-"))
    try:
        new, memory = _up(place / "data", weigh=True)
        existing, _ = _up(place / "data", weigh=False)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return [
        Row("start: a new folder", f"{new:.1f} s", budget="≤ 10 s", met=new <= 10),
        Row("start: an existing folder", f"{existing:.1f} s", budget="≤ 3 s", met=existing <= 3),
        Row("idle memory, PostgreSQL included", f"{memory:,.0f} MB", budget="≤ 400 MB", met=memory <= 400),
    ]


def _up(folder: Path, *, weigh: bool) -> tuple[float, float]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "abaque.app.cli",
        "up",
        "--data",
        str(folder),
        "--test",
        "--port",
        str(port),
    ]
    env = {name: value for name, value in os.environ.items() if not name.startswith("ABAQUE_")}
    house = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    try:
        seconds = until_ready(port)
        if weigh:
            time.sleep(_SETTLE_SECONDS)
        return seconds, _megabytes(house.pid) if weigh else 0.0
    finally:
        house.send_signal(signal.SIGTERM)
        house.wait(60)


def _megabytes(pid: int) -> float:
    """Return what a process and all below it hold, shared pages counted once (the kernel's PSS)."""
    family = {pid}
    parents = dict(_parents())
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(_kilobytes(member) for member in family) / 1024


def _parents() -> list[tuple[int, int]]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        found.append((int(stat.parent.name), int(fields[1])))
    return found


def _kilobytes(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0  # it ended meanwhile
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
