"""One process that keeps the others alive: PostgreSQL, then what runs on it. Standard library only.

When this process dies, whatever kills it, Linux ends the others with it.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import FrameType
from typing import Self

from abaque.storage.server import Folder, Server, ServerError, check_database, spawn

_YOUNG = 5.0  # seconds: a process that ends younger than this has not worked
_FAILURES_MAX = 5
_DELAY_FIRST = 0.25
_DELAY_MAX = 8.0
_GRACE = 10.0  # seconds a process has to end after it was told to
_TICK = 1.0
_LOG_EVERY = 60.0
_APPLICATION, _OWNER = "ABAQUE_DATABASE_URL", "ABAQUE_OWNER_DATABASE_URL"


class Mode(StrEnum):
    """What the end of a child means."""

    FIRST = "first"  # runs to its end before the next one starts; if it fails, nothing else starts
    SERVICE = "service"  # must not end: it is started again
    TASK = "task"  # may end, that is all
    LAST = "last"  # its end is the end of everything, its exit code ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process to run: an argument list, what to add to the environment, and what its end means.

    `owner` says whether it may act as the owner of the database's tables.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    mode: Mode = Mode.SERVICE
    owner: bool = False


@dataclass(slots=True)
class _Patience:
    """How often something failed at once, and when it may be tried again. Times are monotonic seconds."""

    failures: int = 0
    started: float = 0.0
    again: float | None = None

    @property
    def exhausted(self) -> bool:
        return self.failures >= _FAILURES_MAX

    def ended(self, code: int, now: float) -> None:
        """Count an end, unless somebody killed it from outside: that is no fault of its own."""
        if code != -signal.SIGKILL:
            self.failures = self.failures + 1 if now - self.started < _YOUNG else 1
        delay = _DELAY_FIRST * 2 ** (self.failures - 2) if self.failures > 1 else 0.0
        self.again = now + min(delay, _DELAY_MAX)


class _Process:
    def __init__(self, child: Child, env: Mapping[str, str]) -> None:
        self.child = child
        self.patience = _Patience()
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def code(self) -> int | None:
        """The exit code, or None while it runs or has not started."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        prefixed = sys.stderr.isatty()
        self.patience.started, self.patience.again = time.monotonic(), None
        self._process = spawn(
            self.child.command,
            env={**self._env, **self.child.env},
            # PostgreSQL ends with us, so nobody could finish anything in good order: a child that was asked
            # to end would wait for the database, and keep the port, for as long.
            last_wish=signal.SIGKILL,
            stderr=subprocess.PIPE if prefixed else None,
        )
        if prefixed:
            threading.Thread(target=self._prefix, args=(self._process,), daemon=True).start()

    def bury(self) -> None:
        """End what the child left in its process group, so that nothing keeps its port."""
        self.signal(signal.SIGKILL)
        self._process = None

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def stop(self, hurried: Callable[[], bool]) -> None:
        """Ask the child to end; kill it after its grace, or at once when nobody wants to wait."""
        if self._process is None:
            return
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
        end = time.monotonic() + _GRACE
        while self.code is None and time.monotonic() < end and not hurried():
            time.sleep(0.02)
        self.signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def _prefix(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with process.stderr as lines:
            for line in lines:
                sys.stderr.buffer.write(f"{self.child.name} | ".encode() + line)
                sys.stderr.buffer.flush()


def supervise(
    folder: Folder,
    processes: Sequence[Child],
    *,
    purpose: str = "abaque up",
    say: Callable[[str], None] | None = None,
) -> int:
    """Run PostgreSQL and `processes` until a signal or a `LAST` child ends them; return the exit code.

    Children get ABAQUE_DATABASE_URL, by which the application signs in, and ABAQUE_DATA; those that may act as
    the owner get ABAQUE_OWNER_DATABASE_URL too. Where ABAQUE_DATABASE_URL is already set, that database is
    checked and used instead of the folder's. Stopped in reverse order by SIGTERM, SIGINT or the end of the
    terminal; a second signal kills what still runs. Call it from the main thread.
    Faults: ServerError, before any child runs.
    """
    return _Supervisor(folder, processes, purpose, say or _say).run()


class _Supervisor:
    def __init__(
        self, folder: Folder, children: Sequence[Child], purpose: str, say: Callable[[str], None]
    ) -> None:
        self._folder = folder
        self._children = children
        self._say = say
        self._external = os.environ.get(_APPLICATION)
        self._server = None if self._external else Server(folder, purpose=purpose)
        self._server_patience = _Patience()
        self._processes: list[_Process] = []
        self._signals = 0
        self._exit: int | None = None
        self._log_at = 0.0

    def run(self) -> int:
        with _Bell(self._on_signal) as bell:
            try:
                application, owner = self._database()
                env = {
                    **{name: value for name, value in os.environ.items() if name != _OWNER},
                    _APPLICATION: application,
                    "ABAQUE_DATA": str(self._folder.path.resolve()),
                }
                as_owner = env | ({_OWNER: owner} if owner else {})
                waiting = [_Process(child, as_owner if child.owner else env) for child in self._children]
                while self._exit is None:
                    self._look_after()
                    self._start_next(waiting)
                    if self._exit is None:
                        bell.wait(self._pause())
            except ServerError:
                if self._exit is None:  # else we were told to stop while the database was starting
                    raise
            finally:
                self._stop()
        assert self._exit is not None
        return self._exit

    def _database(self) -> tuple[str, str | None]:
        """Return the addresses by which the application and the owner of the tables sign in, the latter if any."""
        if self._server is None:
            assert self._external
            owner = os.environ.get(_OWNER)
            self._folder.prepare()  # the keys and the kind of the folder are needed all the same
            check_database(self._external)
            if owner:
                check_database(owner, _OWNER)
            return self._external, owner
        self._server_patience.started = time.monotonic()
        owner = self._server.start(give_up=self._told_to_stop)
        return self._server.application_dsn, owner

    def _told_to_stop(self) -> bool:
        return self._exit is not None

    def _start_next(self, waiting: list[_Process]) -> None:
        """Start children in order, each `FIRST` one to its end before the next."""
        while waiting and self._exit is None and not self._busy_with_first():
            process = waiting.pop(0)
            self._processes.append(process)
            process.start()

    def _busy_with_first(self) -> bool:
        return any(process.child.mode is Mode.FIRST for process in self._processes)

    def _look_after(self) -> None:
        now = time.monotonic()
        if self._server is not None:
            self._look_after_server(self._server, now)
        for process in list(self._processes):
            if self._exit is not None:
                return
            if process.patience.again is not None:
                if now >= process.patience.again:
                    process.start()
            elif (code := process.code) is not None:
                process.bury()
                self._ended(process, code, now)

    def _ended(self, process: _Process, code: int, now: float) -> None:
        """Decide what the end of a child means."""
        name, mode = process.child.name, process.child.mode
        if mode is Mode.SERVICE:
            process.patience.ended(code, now)
            if process.patience.exhausted:
                self._give_up(
                    f"{name} ended {_FAILURES_MAX} times in a row right after its start, the last time with "
                    f"{_words(code)}. What it said stands above. Mend the cause, then start again."
                )
            else:
                self._say(f"{name} ended with {_words(code)}; it is started again.")
            return
        self._processes.remove(process)
        if mode is Mode.LAST:
            self._exit = code if code >= 0 else 128 - code
        elif mode is Mode.FIRST and code != 0:
            self._give_up(
                f"{name} failed with {_words(code)}. What it said stands above; nothing else was started."
            )
        elif code != 0:
            self._say(f"{name} failed with {_words(code)}.")

    def _look_after_server(self, server: Server, now: float) -> None:
        if server.running:
            if now >= self._log_at:
                server.trim_log()
                self._log_at = now + _LOG_EVERY
            return
        patience = self._server_patience
        if patience.again is None:
            patience.ended(server.exit_code or 0, now)
            if patience.exhausted:
                self._give_up(f"PostgreSQL ended {_FAILURES_MAX} times in a row: see {self._folder.log}.")
                return
            self._say("PostgreSQL ended; it is started again.")
        if patience.again is not None and now >= patience.again:
            patience.started, patience.again = now, None
            try:
                server.start(give_up=self._told_to_stop)
            except ServerError as error:
                if self._exit is None:
                    self._give_up(error.message)

    def _pause(self) -> float:
        """How long nothing will need us, unless the bell rings."""
        waits = [process.patience.again for process in self._processes]
        times = [moment for moment in (*waits, self._server_patience.again) if moment is not None]
        return max(0.0, min([_TICK, *(moment - time.monotonic() for moment in times)]))

    def _give_up(self, reason: str) -> None:
        self._say(reason)
        self._exit = 1

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._signals += 1
        if self._exit is None:
            # Asked to stop, we did: that is success, except for the Ctrl-C that shells want to hear about.
            self._exit = 128 + number if number == signal.SIGINT else 0

    def _stop(self) -> None:
        for process in reversed(self._processes):
            process.stop(lambda: self._signals > 1)
        if self._server is not None:
            self._server.stop()


class _Bell:
    """Wakes the waiting loop when a child ends or a signal arrives, and restores the signals at the end."""

    def __init__(self, on_signal: Callable[[int, FrameType | None], None]) -> None:
        self._on_signal = on_signal
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        self._ear, self._clapper = socket.socketpair()
        for end in (self._ear, self._clapper):
            end.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(self._clapper.fileno(), warn_on_full_buffer=False)
        self._set(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            self._set(number, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asked for it
            self._set(signal.SIGHUP, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal itself returned
        signal.set_wakeup_fd(self._wakeup)
        self._ear.close()
        self._clapper.close()

    def wait(self, seconds: float) -> None:
        if select.select([self._ear], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                while self._ear.recv(4096):
                    pass

    def _set(self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> None:
        self._before[number] = signal.signal(number, handler)


def _words(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _say(text: str) -> None:
    sys.stderr.write(f"abaque | {text}\n")
    sys.stderr.flush()
