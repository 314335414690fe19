"""A real `abaque up --test` in a folder of its own, on a free port, and commands beside it as a reader gives them."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PORT_IN_THE_DOCS = "8000"
_READY_SECONDS_MAX = 60
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def shell_blocks(document: Path, heading: str | None = None) -> list[str]:
    """Return the blocks of shell commands of a document, or of the section that a heading opens."""
    text = document.read_text(encoding="utf-8")
    if heading is not None:
        text = re.split(r"^## ", text.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return _BLOCK.findall(text)


@dataclass
class Shell:
    """A shell as a reader has it: it keeps its variables from one block of commands to the next."""

    place: Path
    port: int
    env: Mapping[str, str]
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def up(self, command: str) -> None:
        """Give the command that stays in the foreground of the first shell, and wait until it serves."""
        assert command.startswith("abaque up ")
        given = f"exec {command.strip()} --port {self.port}"
        with (self.place / "up.log").open("wb") as log:
            process = subprocess.Popen(
                ["bash", "-c", given], cwd=self.place, env=self.env, stdout=log, stderr=subprocess.STDOUT
            )
        self._started.append(process)
        end = time.monotonic() + _READY_SECONDS_MAX
        while not self._serves():
            assert process.poll() is None, (self.place / "up.log").read_text()
            assert time.monotonic() < end, (self.place / "up.log").read_text()
            time.sleep(0.1)

    def run(self, block: str, *, status: int = 0) -> str:
        """Run a block of commands as it stands, but for the port; return what it prints on both streams."""
        block = block.replace(f":{PORT_IN_THE_DOCS}", f":{self.port}")
        kept = self.place / "variables"
        script = f"set -e\n[ ! -f '{kept}' ] || . '{kept}'\nset -a\n{block}\nexport -p > '{kept}'\n"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.place, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def stop(self) -> None:
        for process in self._started:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)

    def _serves(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@contextmanager
def reader(place: Path) -> Iterator[Shell]:
    """Open a shell in a folder that holds what a clone holds, with the environment activated."""
    shutil.copytree(ROOT / "examples", place / "examples")
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("ABAQUE_", "DJANGO_"))
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = Shell(
        place, _free_port(), {**outside, "PATH": path, "LC_ALL": "C.UTF-8", "no_proxy": "127.0.0.1"}
    )
    try:
        yield shell
    finally:
        shell.stop()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with reader(tmp_path_factory.mktemp("reader")) as opened:
        yield opened


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
