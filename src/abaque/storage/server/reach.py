import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from abaque.storage.server.fault import ServerError
from abaque.storage.server.folder import Folder, joined, running, wait_for_others
from abaque.storage.server.server import Server

SERVER_VERSION_MIN = 180000
_STARTING_SECONDS_MAX = 60.0
_CONNECT_SECONDS_MAX = 10
_PAUSE = 0.05


def dsn_of(path: Path, *, owner: bool = False) -> str:
    """Find the database that another process runs in this folder; while it starts, wait for it.

    The DSN is that of the application's role, or of the owner.
    Faults: not_abaque, newer, damaged, not_running, in_use (it is starting and does not get ready).
    """
    folder = Folder(path)
    folder.demand()
    end = time.monotonic() + _STARTING_SECONDS_MAX
    while (holder := running(folder)) is not None:
        # A server of an earlier version, still running, knows its owner only.
        dsn = (None if owner else holder.get("application_dsn")) or holder.get("dsn")
        if isinstance(dsn, str) and _alive(holder.get("pid")):
            return dsn
        if time.monotonic() > end:
            raise ServerError(
                "in_use",
                f"The database in {path} has been starting for a minute (process {holder.get('pid')}): see "
                f"{folder.log}, then try again.",
            )
        time.sleep(_PAUSE)
    raise ServerError("not_running", f"Nothing runs in {path}. Start it with: abaque up --data {path}")


@contextmanager
def session(path: Path, *, purpose: str = "a command", owner: bool = False) -> Iterator[str]:
    """Yield the DSN of the folder's database: the running one, else one that runs as long as it is needed.

    It is that of the application's role, as all that is done every day is done with it; `owner`: that of the owner,
    who alone takes events away. Where ABAQUE_DATABASE_URL is set, that database is checked and used, for the owner
    by ABAQUE_OWNER_DATABASE_URL if that is set. The folder must exist; commands that share a server started
    by one of them are waited for. Faults: those of ServerError.
    """
    elsewhere = os.environ.get("ABAQUE_DATABASE_URL")
    if elsewhere:
        if owner:
            elsewhere = os.environ.get("ABAQUE_OWNER_DATABASE_URL", elsewhere)
        check_database(elsewhere)
        yield elsewhere
        return
    folder = Folder(path)
    folder.demand()
    with joined(folder) as fd:
        server = Server(folder, purpose=purpose)
        dsn = _dsn_of_running_or(server, owner=owner)
        try:
            yield dsn
        finally:
            if server.running:
                wait_for_others(fd)
            server.stop()


def _dsn_of_running_or(server: Server, *, owner: bool) -> str:
    """Join the running server or start ours; when another process is quicker, join that one."""
    try:
        return dsn_of(server.folder.path, owner=owner)
    except ServerError as error:
        if error.code != "not_running":
            raise
    try:
        server.start()
    except ServerError as error:
        if error.code != "in_use":
            raise
        return dsn_of(server.folder.path, owner=owner)
    return server.dsn if owner else server.application_dsn


def check_database(dsn: str, said_by: str = "ABAQUE_DATABASE_URL") -> None:
    """Check a database that others run, named by an environment variable.

    Faults: unreachable, bad_url, database_old, database_encoding.
    """
    import psycopg  # the supervisor of an embedded database never needs it

    try:
        with psycopg.connect(dsn, connect_timeout=_CONNECT_SECONDS_MAX) as connection:
            version = connection.info.server_version
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.OperationalError as error:
        raise ServerError(
            "unreachable",
            f"The database of {said_by} cannot be reached: {str(error).strip()}. Check the "
            "address, the password and that it runs.",
        ) from error
    except psycopg.ProgrammingError as error:
        raise ServerError(
            "bad_url",
            f"{said_by} cannot be read; it looks like postgresql://user:password@host:5432/database",
        ) from error
    if version < SERVER_VERSION_MIN:
        raise ServerError(
            "database_old",
            f"The database of {said_by} is PostgreSQL {version // 10000}; Abaque needs 18 or "
            "later. Upgrade it, or unset ABAQUE_DATABASE_URL to use the embedded one.",
        )
    if encoding != "UTF8":
        raise ServerError(
            "database_encoding",
            f"The database of {said_by} stores {encoding}; Abaque needs UTF8. Create it with "
            "ENCODING 'UTF8'.",
        )


def _alive(pid: object) -> bool:
    try:
        os.kill(int(str(pid)), 0)
    except PermissionError:  # it lives, and belongs to another user
        return True
    except (ValueError, ProcessLookupError):
        return False
    return True
