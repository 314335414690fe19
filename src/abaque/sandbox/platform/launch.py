"""Starting the platform in a process of its own, and ending it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

KEY_VARIABLE = "ABAQUE_SANDBOX_KEY"
KEY_DEFAULT = "sandbox"
RATE_DEFAULT = 25.0  # requests a second, as Stripe allows a test account
_PATIENCE = 10.0


@dataclass(slots=True)
class Running:
    """A platform in its own process; a context manager that ends it."""

    url: str
    key: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        """End it and wait; safe to call twice."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def launch(
    state: Path,
    *,
    key: str = KEY_DEFAULT,
    port: int = 0,
    rate: float = RATE_DEFAULT,
    hourly_limit: int | None = None,
) -> Running:
    """Start a platform on loopback that keeps its books in `state`; returns once it listens.

    It ends with `stop()`, and by itself when this process ends, however it ends. RuntimeError when it
    does not start (its own words are on standard error).
    """
    command = [sys.executable, "-m", "abaque.sandbox.platform", "--until-eof"]
    command += ["--state", str(state), "--port", str(port), "--rate", str(rate)]
    if hourly_limit is not None:
        command += ["--hourly-limit", str(hourly_limit)]
    process = subprocess.Popen(
        command,
        # the key travels in the environment: every user of the machine can read a command line
        env={**os.environ, KEY_VARIABLE: key},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    running = Running("", key, process)
    if process.stdout is not None:
        running.url = process.stdout.readline().strip()
    if not running.url:
        running.stop()
        raise RuntimeError(f"the sandbox platform did not start with its books in {state}")
    return running
