"""`python -m abaque.sandbox.platform --port 0 --state FILE`: prints its address, serves until told to end."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from abaque.sandbox.platform.desk import Desk
from abaque.sandbox.platform.launch import KEY_DEFAULT, KEY_VARIABLE, RATE_DEFAULT
from abaque.sandbox.platform.server import Server
from abaque.sandbox.platform.store import Store
from abaque.sandbox.platform.usage import HOURLY_LIMIT


def main() -> None:
    """Serve until SIGTERM, SIGINT, or with --until-eof the end of standard input."""
    arguments = _arguments()
    store = Store(arguments.state)
    desk = Desk(store, rate=arguments.rate, hourly_limit=arguments.hourly_limit)
    with Server((arguments.host, arguments.port), desk, arguments.key) as server:

        def end(*_: object) -> None:
            # shutdown() waits for the serving loop, so it must not run in the loop's own thread
            threading.Thread(target=server.shutdown, daemon=True).start()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        if arguments.until_eof:
            threading.Thread(target=_at_eof, args=(end,), daemon=True).start()
        print(server.url, flush=True)
        server.serve_forever(poll_interval=0.1)
    store.close()


def _at_eof(end: Callable[[], None]) -> None:
    sys.stdin.read()
    end()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m abaque.sandbox.platform", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, required=True, help="SQLite file; kept across restarts")
    parser.add_argument(
        "--key",
        default=os.environ.get(KEY_VARIABLE, KEY_DEFAULT),
        help=f"bearer key (default: ${KEY_VARIABLE}, else {KEY_DEFAULT!r})",
    )
    parser.add_argument("--rate", type=float, default=RATE_DEFAULT, help="requests a second, 0 for no limit")
    parser.add_argument(
        "--hourly-limit",
        type=int,
        default=HOURLY_LIMIT,
        help="usage events a customer may send per hour; the surplus is dropped in silence",
    )
    parser.add_argument("--until-eof", action="store_true", help="end when standard input ends")
    return parser.parse_args()


if __name__ == "__main__":
    main()
