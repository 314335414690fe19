import atexit
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from abaque.storage.server.binaries import find_binaries, published
from abaque.storage.server.cluster import (
    account_for,
    claim,
    data_argument,
    is_ready,
    make_sockets,
    remove_sockets,
    server_command,
    server_environment,
)
from abaque.storage.server.fault import ServerError, touching
from abaque.storage.server.folder import Folder, Lock
from abaque.storage.server.launch import LINUX, spawn

LOG_BYTES_MAX = 10 * 1024 * 1024
_READY_SECONDS_MAX = 600.0  # recovery after a crash replays what was written since the last checkpoint
_STOP_STAGES = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
_PAUSE = 0.005
_TAIL, _LINES = 2000, 4


class Server:
    """The PostgreSQL of one data folder, a child of this process that dies with it.

    Start it from the main thread: the kernel ends the child with the thread that started it. `purpose` is
    what others are told who find the folder in use.
    """

    def __init__(self, folder: Folder, *, purpose: str = "abaque") -> None:
        self.folder = folder
        self._purpose = purpose
        self._owner = os.getpid()
        self._lock = Lock(folder)
        self._sockets: Path | None = None
        self._log_from = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id of PostgreSQL, while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def exit_code(self) -> int | None:
        """What PostgreSQL ended with (negative: the signal), or None while it runs."""
        return self._process.poll() if self._process is not None else None

    @property
    def dsn(self) -> str:
        """The owner's connection string, password included, the same while this object holds the folder."""
        return self._dsn("role", self.folder.secrets.database)

    @property
    def application_dsn(self) -> str:
        """The connection string of the application's role, which can change no fact."""
        return self._dsn("application", self.folder.secrets.application)

    def _dsn(self, role: str, password: str) -> str:
        assert self._sockets is not None, "the server was not started"
        names = self.folder.about.names
        return f"postgresql://{names[role]}:{password}@/{names['database']}?host={self._sockets}"

    def start(self, *, give_up: Callable[[], bool] | None = None) -> str:
        """Start PostgreSQL, having prepared a new folder; return the owner's DSN once it takes connections.

        Called again after PostgreSQL has died it starts it anew under the same DSN. `give_up` is asked while
        it starts, which takes minutes when much is to be recovered. Faults: those of ServerError.
        """
        if self.running:
            return self.dsn
        try:
            if not self._lock.held:
                self.folder.prepare()
                self._lock.take(self._purpose)
                remove_sockets(Path(str(self._lock.left_behind.get("sockets", ""))))
                self._stop_with_us()
            self._launch()
            self._wait_until_ready(give_up or (lambda: False))
            dsn = self.dsn
            self._lock.tell(
                purpose=self._purpose,
                dsn=dsn,
                application_dsn=self.application_dsn,
                sockets=str(self._sockets),
            )
        except BaseException:
            self.stop()
            raise
        return dsn

    def stop(self) -> None:
        """Stop PostgreSQL fast (running transactions are rolled back) and let go of the folder."""
        if os.getpid() != self._owner:  # a fork of ours must not stop what is not its own
            return
        if self._process is not None:
            for wish, patience in _STOP_STAGES:
                if not self.running:
                    break
                self._process.send_signal(wish)
                try:
                    self._process.wait(patience)
                except subprocess.TimeoutExpired:
                    continue
            self._process = None
        if self._sockets is not None:
            remove_sockets(self._sockets)
            self._sockets = None
        self._lock.release()
        atexit.unregister(self.stop)

    def trim_log(self) -> None:
        """Keep the log below its bound: past it, its content moves to `postgresql.log.1`."""
        log = self.folder.log
        with touching(self.folder.path):
            if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
                shutil.copyfile(log, log.with_name(f"{log.name}.1"))
                os.truncate(log, 0)  # PostgreSQL appends, so it goes on at the new end

    def _launch(self) -> None:
        account = account_for(self.folder)
        binaries = find_binaries()
        if account is not None:
            binaries = published(binaries, account)
        if self._sockets is None:
            self._sockets = make_sockets(account)
            # Said at once, so that whoever comes after a kill can tidy up; the DSN follows when it is true.
            self._lock.tell(purpose=self._purpose, sockets=str(self._sockets))
        self.trim_log()
        log = self.folder.open_log()
        self._log_from = os.fstat(log).st_size
        with open(log, "ab") as stream:  # noqa: PTH123 - a descriptor, not a path
            data = claim(self.folder, binaries, account, self._sockets)
            try:
                self._process = spawn(
                    server_command(binaries, data_argument(self.folder, data, account), self._sockets),
                    env=server_environment(),
                    last_wish=signal.SIGINT,
                    account=account,
                    pass_fds=(data,),
                    cwd=Path("/"),
                    stdout=stream,
                    stderr=stream,
                )
            finally:
                os.close(data)  # from here on the lock on the files is PostgreSQL's alone

    def _wait_until_ready(self, give_up: Callable[[], bool]) -> None:
        assert self._process is not None
        end = time.monotonic() + _READY_SECONDS_MAX
        while not is_ready(self.folder, self._process.pid):
            if give_up():
                raise ServerError("interrupted", "The start was interrupted. Start again; nothing is lost.")
            if not self.running or time.monotonic() > end:
                raise ServerError(
                    "start_failed",
                    f"PostgreSQL did not start. It said: {self._last_words()} (the log is {self.folder.log})",
                )
            time.sleep(_PAUSE)

    def _last_words(self) -> str:
        with self.folder.log.open("rb") as stream:
            stream.seek(max(self._log_from, self.folder.log.stat().st_size - _TAIL))
            lines = stream.read().decode(errors="replace").splitlines()
        return " / ".join(lines[-_LINES:]) or "nothing"

    def _stop_with_us(self) -> None:
        atexit.register(self.stop)
        # Elsewhere than on Linux no kernel ends the child with us, and a plain SIGTERM would skip atexit.
        if not LINUX and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    del frame
    sys.exit(128 + number)
