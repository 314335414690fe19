"""`abaque demo`: play six months of a document-processing SaaS on the running system, then serve it."""

import argparse
import os
import secrets
import shutil
import socket
import sys
from pathlib import Path

from abaque.app.commands import up
from abaque.app.commands.common import Commands, Stop
from abaque.app.supervisor import Child, Mode, supervise
from abaque.storage.server import Folder, ServerError

# The folder's clock begins here: midnight of 1 January 2026 in Paris.
FIRST_MOMENT = "2025-12-31T23:00:00+00:00"
PLATFORM_RATE = "400"
# Beside the database: that the story began, and what it told.
STARTED, TOLD = "story.started", "story.txt"


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    demo = commands.add_parser(
        "demo", parents=[common], help="play six months of a SaaS and show what happened"
    )
    demo.add_argument("--once", action="store_true", help="play, print the table, exit")
    demo.add_argument("--host", default="127.0.0.1")
    demo.add_argument("--port", type=int, default=8000, help="0: any free one")
    demo.set_defaults(run=run, public_url=None)


def run(options: argparse.Namespace) -> int:
    """Start everything on a demonstration folder, the stand-in platform included, and play."""
    options.port = options.port or _free_port()
    platform_port, key = _free_port(), secrets.token_urlsafe(16)
    try:
        _forget_interrupted(options.data)
        folder = Folder(options.data)
        folder.prepare(test=True)
        url = f"http://{options.host}:{options.port}"
        up.check_port(options.host, options.port)
        env = {
            **up.environment(options, url),
            "ABAQUE_PLATFORM_URL": f"http://127.0.0.1:{platform_port}",
            "ABAQUE_PLATFORM_KEY": key,
            "ABAQUE_SANDBOX_KEY": key,
            "ABAQUE_FIRST_MOMENT": FIRST_MOMENT,
            "ABAQUE_QUIET": "1",
            "ABAQUE_LOG": os.environ.get("ABAQUE_LOG", "WARNING"),  # a line per request would drown the table
            **({"ABAQUE_ONCE": "1"} if options.once else {}),
        }
        print("Playing six months of a document-processing SaaS; this takes a minute or two.", flush=True)
        children = [
            _platform(options.data / "platform.sqlite3", platform_port, env),
            *up.children(options, env, test=True),
            Child(
                name="story",
                command=(sys.executable, "-m", "abaque.app.story"),
                env=env,
                mode=Mode.LAST if options.once else Mode.TASK,
            ),
        ]
        return supervise(folder, children, purpose="abaque demo")
    except ServerError as error:
        raise Stop(str(error)) from None


def _forget_interrupted(data: Path) -> None:
    """Remove the folder of a story that was interrupted, and only such a one: it cannot be taken up."""
    if (data / STARTED).exists() and not (data / TOLD).exists():
        print(f"The story in {data} was interrupted; it begins again.", flush=True)
        Folder(data).demand()
        shutil.rmtree(data)


def _platform(state: Path, port: int, env: dict[str, str]) -> Child:
    command = (
        sys.executable,
        "-m",
        "abaque.sandbox.platform",
        "--state",
        str(state),
        "--port",
        str(port),
        "--rate",
        PLATFORM_RATE,
    )
    return Child(name="platform", command=command, env=env)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
