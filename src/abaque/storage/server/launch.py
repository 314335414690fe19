import ctypes
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from abaque.storage.server.trampoline import PR_SET_PDEATHSIG

LINUX = sys.platform == "linux"
_TRAMPOLINE = Path(__file__).with_name("trampoline.py")


def die_with_parent() -> None:
    """Ask Linux to kill this process with the one that started it, also where that one is dead already.

    For the workers a web server of ours starts by itself: left behind by a kill they would keep its port.
    A death before this call is noticed by processes that `multiprocessing` started; outside Linux by none.
    """
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        parent = multiprocessing.parent_process()
        if parent is not None and parent.pid != os.getppid():
            os.kill(os.getpid(), signal.SIGKILL)


def make_way(pid: int, niceness: int) -> None:
    """Let a PostgreSQL process of this machine work where nobody else wants to; do nothing where it is not one.

    A server elsewhere has other process numbers, so that only a process which is PostgreSQL's is touched.
    """
    with suppress(OSError):
        if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"postgres:"):
            os.setpriority(os.PRIO_PROCESS, pid, niceness)


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's user that PostgreSQL runs as when we are root."""

    uid: int
    gid: int


def spawn(
    program: Sequence[str],
    *,
    env: Mapping[str, str],
    last_wish: signal.Signals,
    account: Account | None = None,
    pass_fds: Sequence[int] = (),
    cwd: Path | None = None,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own that receives `last_wish` when this process dies.

    The wish is bound to the *thread* that starts the program, so only the main thread may make it; elsewhere,
    and outside Linux, the program must be stopped by hand.
    """
    bound = threading.current_thread() is threading.main_thread()
    executable = shutil.which(program[0], path=env.get("PATH")) or program[0]
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    numbers = (os.getpid(), int(last_wish) if bound else 0, uid, gid)
    trampoline = [sys.executable, "-I", "-S", str(_TRAMPOLINE), *(str(number) for number in numbers)]
    return subprocess.Popen(
        [*trampoline, executable, *program[1:]],
        env=dict(env),
        pass_fds=tuple(pass_fds),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        process_group=0,  # a Ctrl-C at the terminal reaches us alone: we stop the others in order
    )
