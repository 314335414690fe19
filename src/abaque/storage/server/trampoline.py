"""Become another program, as another user if told so, that dies with the process that started it.

A script of its own, run as `python -I -S trampoline.py PARENT SIGNAL UID GID PROGRAM ARGUMENT…`: what must
happen between fork and exec happens in a fresh interpreter, where no thread of the parent can hold a lock.
SIGNAL 0 keeps the program alive without its parent; UID -1 keeps the user.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
CANNOT_START = 127


def main(arguments: list[str]) -> None:
    parent, signal, uid, gid = (int(number) for number in arguments[:4])
    program = arguments[4:]
    # Loaded while we may still read everything: the libraries may lie where only root may enter.
    libc = ctypes.CDLL(None, use_errno=True)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, which makes the kernel forget this wish.
    if signal and sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
        if os.getppid() != parent:  # it died before the wish was made
            sys.exit(CANNOT_START)
    try:
        os.execv(program[0], program)  # noqa: S606 - to become that program is the purpose
    except OSError as error:
        sys.stderr.write(f"{program[0]}: {error.strerror}\n")
        sys.exit(CANNOT_START)


if __name__ == "__main__":
    main(sys.argv[1:])
