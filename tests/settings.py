"""The settings of the tests: the house's own, on the embedded PostgreSQL, started here once for the run."""

import atexit
import os
import shutil
import signal
import tempfile
from pathlib import Path

from abaque.storage.server import Folder, Server


def _start_database() -> None:
    place = Path(tempfile.mkdtemp(prefix="abaque-tests-"))
    folder = Folder(place / "data")
    folder.prepare(test=True)
    server = Server(folder, purpose="the tests")
    os.environ["ABAQUE_DATABASE_URL"] = server.start()
    _forget_at_the_end(folder, server)
    os.environ["ABAQUE_TEST_APPLICATION"] = server.folder.about.names["application"]

    def stop() -> None:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)

    atexit.register(stop)


def _forget_at_the_end(folder: Folder, server: Server) -> None:
    """Let no commit wait for the disk: nothing of this database must outlive the tests."""
    with (folder.path / "pg" / "postgresql.conf").open("a", encoding="utf-8") as written:
        written.write("\nsynchronous_commit = off\n")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGHUP)


os.environ.setdefault("ABAQUE_SIGNING_KEY", "a signing key for tests only")
os.environ.setdefault("ABAQUE_HASHING_KEY", "11" * 32)
if "ABAQUE_DATABASE_URL" not in os.environ:
    _start_database()

from abaque.app.settings import *  # noqa: E402, F403  # the environment must stand first
