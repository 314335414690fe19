"""The web process (granian: one worker) and the worker process."""

import os
import sys
from typing import Any


def web(host: str, port: int) -> None:
    """Serve door, API, pages and streams."""
    from granian import Granian
    from granian.constants import Interfaces, Loops

    Granian(
        "abaque.app.rsgi:application",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=1,
        loop=Loops.uvloop,
        websockets=False,
        log_enabled=False,
        backlog=2048,
        respawn_failed_workers=True,
    ).serve()


# Work that can wait makes room for the door, and for whoever waits at a command line.
_NICENESS = 7


def worker() -> None:
    """Meter, keep the clock, work off jobs."""
    from abaque.app.start import setup

    os.nice(_NICENESS)
    # The meter and the clock look every moment: a connection of their own each time would cost more than the work.
    os.environ["ABAQUE_KEEP_CONNECTIONS"] = "1"
    setup()
    from django.db.backends.signals import connection_created

    from abaque.app.platforms import platforms
    from abaque.worker.run import run

    connection_created.connect(_make_way)
    run(platforms())


def _make_way(connection: Any, **_: object) -> None:
    """Where the database serves us from this machine, what it does for us makes room too."""
    from abaque.storage.server import make_way

    make_way(connection.connection.info.backend_pid, _NICENESS)


def main() -> None:
    """Run as a child of the supervisor: `web HOST PORT` or `worker`."""
    match sys.argv[1:]:
        case ["web", host, port]:
            os.environ["ABAQUE_POOL"] = "1"
            web(host, int(port))
        case ["worker"]:
            worker()
        case _:
            sys.exit("usage: python -m abaque.app.serve web HOST PORT | worker")


if __name__ == "__main__":
    main()
