"""The database's files, and the PostgreSQL that serves them: made, claimed, started, waited for."""

import base64
import fcntl
import hashlib
import hmac
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from abaque.storage.server.binaries import Binaries
from abaque.storage.server.fault import ServerError, touching
from abaque.storage.server.folder import Folder
from abaque.storage.server.launch import LINUX, Account

# Written to postgresql.conf once, with the memory it may use: whoever knows better edits them there.
_DEFAULTS = {
    # Identities lie in the order of their ids: what is written to twice between two checkpoints is logged whole once.
    # Files of the log are kept for reuse: to make a new one holds up the door.
    "min_wal_size": "512MB",
    "max_wal_size": "2GB",
    "max_connections": "60",
    "wal_level": "replica",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    # The client is told everything; a log must not repeat what may be personal data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# The door waits while a new file of the log is written full of zeros: some 60 ms for one of 16 MB.
_LOG_FILE_MB = 2
# What Abaque relies on, whatever the file says.
_FIXED = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "logging_collector": "off",
    "log_destination": "stderr",
    "fsync": "on",
    "full_page_writes": "on",
}
APPLICATION = "abaque_application"
_UNPRIVILEGED = ("postgres", "nobody")
_SCRAM_ROUNDS = 4096
_STAGES = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
_STATUS_LINE = 7
_PAUSE = 0.01


def account_for(folder: Folder) -> Account | None:
    """Choose who runs PostgreSQL: ourselves (None); for root the owner of the folder or an unprivileged user.

    Faults: no_account, other_owner.
    """
    with touching(folder.path):
        exists = folder.pg.exists()
        owner = (folder.pg if exists else folder.path).stat()
    if os.geteuid() != 0:
        if exists and owner.st_uid != os.geteuid():
            raise ServerError(
                "other_owner",
                f"The database in {folder.path} belongs to the user with id {owner.st_uid}: run Abaque as "
                "root or as that user.",
            )
        return None
    if owner.st_uid != 0 and (exists or _has_name(owner.st_uid)):
        return Account(owner.st_uid, owner.st_gid)
    for name in _UNPRIVILEGED:
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return Account(user.pw_uid, user.pw_gid)
    raise ServerError(
        "no_account",
        "PostgreSQL refuses to run as root and this system has neither a user postgres nor a user nobody: "
        "run Abaque as an ordinary user.",
    )


def _has_name(uid: int) -> bool:
    """Whether the system knows this user by name, which initdb asks for."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def claim(folder: Folder, binaries: Binaries, account: Account | None, sockets: Path) -> int:
    """Open the database's folder and lock it, having made the database at the first start.

    The lock belongs to the descriptor, which PostgreSQL and all its processes inherit: as long as one of them
    lives, whoever started it, the next claim waits for it and stops it. Never two servers on the same files.
    Faults: in_use, init_failed, cluster_missing, cluster_version.
    """
    with touching(folder.path):
        if not folder.pg.exists():
            if folder.about.initialised:
                raise ServerError(
                    "cluster_missing",
                    f"The database of {folder.path} is gone: {folder.pg} does not exist. Restore it from a "
                    "backup.",
                )
            _make(folder, binaries, account, sockets)
        if not folder.about.initialised:
            folder.note_initialised()
        _check_version(folder, binaries)
        if account is not None:
            _give(folder.pg, account)
        fd = os.open(folder.pg, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _lock(folder, fd)
            _forget_stale(folder)
            if "application" not in folder.about.names or not folder.secrets.application:
                _admit_application(folder, binaries, fd, account)
        except BaseException:
            os.close(fd)
            raise
        return fd


def data_argument(folder: Folder, fd: int, account: Account | None) -> str:
    """Name the database's folder so that the user who runs PostgreSQL reaches it.

    Another user cannot pass the folders above, and need not: the descriptor it inherits is already inside.
    """
    return f"/proc/self/fd/{fd}" if account is not None and LINUX else str(folder.pg.resolve())


def server_command(binaries: Binaries, data: str, sockets: Path) -> list[str]:
    settings = _FIXED | {"unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [binaries.program("postgres"), "-D", data, *options]


def server_environment() -> dict[str, str]:
    """Nothing of ours: a PGDATA or PGOPTIONS of the caller must not steer the database."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def is_ready(folder: Folder, pid: int) -> bool:
    """Whether the PostgreSQL with this process id takes connections, as its lock file says."""
    lines = _lock_file(folder)
    return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"


def _lock_file(folder: Folder) -> list[str]:
    try:
        return (folder.pg / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _make(folder: Folder, binaries: Binaries, account: Account | None, sockets: Path) -> None:
    """Make the database beside its place and move it there when it is whole."""
    draft = folder.path / "pg.new"
    shutil.rmtree(draft, ignore_errors=True)  # of a first start that was interrupted
    draft.mkdir(mode=0o700)
    if account is not None:
        os.chown(draft, account.uid, account.gid)
    fd = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
    try:
        data = f"/proc/self/fd/{fd}" if account is not None and LINUX else str(draft.resolve())
        _init(binaries, data, fd, account, sockets)
        _found(binaries, data, fd, account, folder.secrets.database)
        os.fsync(fd)
    finally:
        os.close(fd)
    draft.rename(folder.pg)


def _memory() -> int:
    """Return the bytes of memory this machine has, or lets us use."""
    everything = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # ValueError: "max", no limit
        return min(everything, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return everything


def _buffers(memory: int) -> int:
    """Return how many MB PostgreSQL may keep pages in: an eighth, so that web, worker and file cache have theirs."""
    return max(128, min(1024, memory // 8 // 1024**2))


def _init(binaries: Binaries, data: str, fd: int, account: Account | None, sockets: Path) -> None:
    password = sockets / "password"  # initdb asks for one; nobody keeps it, `_found` takes it away again
    password.write_text(secrets.token_hex(32))
    password.chmod(0o600)
    if account is not None:
        os.chown(password, account.uid, account.gid)
    defaults = {"shared_buffers": f"{_buffers(_memory())}MB", **_DEFAULTS}
    settings = [part for name, value in defaults.items() for part in ("--set", f"{name}={value}")]
    options = [
        "--username=postgres",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        f"--wal-segsize={_LOG_FILE_MB}",
    ]
    try:
        _run([binaries.program("initdb"), "-D", data, *options, *settings], fd, account)
    finally:
        password.unlink()


def _found(binaries: Binaries, data: str, fd: int, account: Account | None, password: str) -> None:
    """Create the owner's role and the database of Abaque before any socket exists.

    The role owns its database and nothing else; the superuser has no password, so nobody can sign in as it.
    """
    statements = (
        "ALTER ROLE postgres PASSWORD NULL",
        f"CREATE ROLE abaque LOGIN CREATEDB REPLICATION PASSWORD '{_scram(password)}'",
        "GRANT pg_monitor, pg_checkpoint, pg_signal_backend TO abaque",
        "CREATE DATABASE abaque OWNER abaque",
    )
    _as_superuser(binaries, data, fd, account, statements)


def _admit_application(folder: Folder, binaries: Binaries, fd: int, account: Account | None) -> None:
    """Create the role the application signs in with: once, in new folders and in those made before it existed.

    It owns nothing; `storage/sql/grants.sql` says what it may. The owner may act as it, not the other way round.
    """
    password = folder.add_application_password()
    statements = (
        f"DO $$ BEGIN CREATE ROLE {APPLICATION}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        f"ALTER ROLE {APPLICATION} LOGIN PASSWORD '{_scram(password)}'",
        f"GRANT {APPLICATION} TO abaque WITH INHERIT FALSE, SET TRUE",
    )
    _as_superuser(binaries, data_argument(folder, fd, account), fd, account, statements)
    folder.note_application(APPLICATION)


def _as_superuser(
    binaries: Binaries, data: str, fd: int, account: Account | None, statements: Sequence[str]
) -> None:
    """Run statements in single-user mode, which no network and no password leads to."""
    # There (-j) a statement ends with a semicolon and an empty line.
    script = "".join(f"{statement};\n\n" for statement in statements)
    said = _run([binaries.program("postgres"), "--single", "-j", "-D", data, "postgres"], fd, account, script)
    if "ERROR:" in said:  # single-user mode exits with 0 all the same
        raise ServerError("init_failed", f"The database could not be set up: {said.strip()}")


def _scram(password: str) -> str:
    """Compute what PostgreSQL stores of a password (RFC 5803), which itself is then in no statement."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${_SCRAM_ROUNDS}:{salt64}${stored64}:{server64}"


def _run(command: list[str], fd: int, account: Account | None, script: str = "") -> str:
    done = subprocess.run(
        command,
        input=script,
        env=server_environment(),
        pass_fds=(fd,),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    if done.returncode != 0:
        raise ServerError(
            "init_failed",
            f"The database could not be made: {done.stderr.strip() or said.strip()}. Mend the cause "
            "(often a full disk or a network file system) and start again.",
        )
    return said


def _check_version(folder: Folder, binaries: Binaries) -> None:
    try:
        made_with = (folder.pg / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise ServerError(
            "cluster_missing", f"The database in {folder.pg} is not whole. Restore it from a backup."
        ) from error
    if made_with != str(binaries.major):
        raise ServerError(
            "cluster_version",
            f"The database in {folder.pg} was made with PostgreSQL {made_with}, but {binaries.folder} holds "
            f"{binaries.version}. Set ABAQUE_PG_BIN to the bin folder of a PostgreSQL {made_with}.",
        )


def _give(tree: Path, account: Account) -> None:
    """Give files that root restored from a backup back to the user PostgreSQL runs as."""
    if tree.stat().st_uid != 0:
        return
    for folder, _, files in os.walk(tree, topdown=False):
        for name in files:
            os.chown(Path(folder) / name, account.uid, account.gid, follow_symlinks=False)
        os.chown(folder, account.uid, account.gid)


def _lock(folder: Folder, fd: int) -> None:
    """Lock the database's folder, stopping what a killed owner left running: politely, then firmly."""
    for wish, patience in _STAGES:
        end = time.monotonic() + patience
        asked = False
        while time.monotonic() < end:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not asked:
                    asked = _ask_to_stop(folder, wish)
                time.sleep(_PAUSE)
            else:
                return
    raise ServerError(
        "in_use",
        f"A PostgreSQL of an earlier start still works in {folder.pg} (processes {_servers(folder)}) and "
        "does not stop. Stop it, or restart the machine, then start Abaque again.",
    )


def _ask_to_stop(folder: Folder, wish: signal.Signals) -> bool:
    """Signal the orphaned server, or what is left of it; say whether there was any to signal."""
    alive = _servers(folder)
    lines = _lock_file(folder)
    head = int(lines[0]) if lines and lines[0].isdigit() else 0
    if head in alive and wish is not signal.SIGKILL:
        alive = [head]  # it stops the others in order
    elif wish is signal.SIGINT:
        wish = signal.SIGQUIT  # without their head the others have nothing to save
    for pid in alive:
        with suppress(ProcessLookupError):
            os.kill(pid, wish)
    return bool(alive)


def _servers(folder: Folder) -> list[int]:
    """List the PostgreSQL processes of the folder, which all make it their working directory."""
    lines = _lock_file(folder)
    if not LINUX:
        return [int(lines[0])] if lines and lines[0].isdigit() else []
    place = folder.pg.stat()
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with suppress(OSError):  # ended meanwhile, or not ours to look at and therefore not ours
            cwd = (process / "cwd").stat()
            program = (process / "exe").readlink().name
            if (cwd.st_dev, cwd.st_ino) == (place.st_dev, place.st_ino) and program.startswith("postgres"):
                found.append(int(process.name))
    return sorted(found)


def _forget_stale(folder: Folder) -> None:
    """Remove PostgreSQL's own lock file where it names a process that is none of PostgreSQL's.

    After a restart of the machine, and always in a container, another program may bear the number of the dead
    server, and PostgreSQL would refuse to start. A server that somebody started by hand is respected.
    """
    lines = _lock_file(folder)
    if not LINUX or not lines:
        return
    alive = _servers(folder)
    if alive:
        raise ServerError(
            "in_use",
            f"A PostgreSQL that Abaque did not start works in {folder.pg} (process {alive[0]}). Stop that "
            "one first.",
        )
    if Path("/proc", lines[0]).exists():
        (folder.pg / "postmaster.pid").unlink(missing_ok=True)


def make_sockets(account: Account | None) -> Path:
    """Make the private folder of the socket, with a short path: a socket's may not exceed 107 bytes."""
    # Root's own place is one that no other user can write.
    places = [Path("/run")] if account is not None else []
    for place in (*places, Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - a random name, made for us alone
        folder = place / f"abaque-{secrets.token_hex(6)}"
        try:
            folder.mkdir(mode=0o700)
        except OSError:
            continue
        if account is not None:
            os.chown(folder, account.uid, account.gid)
        return folder
    raise ServerError(
        "not_writable",
        "Neither /tmp nor /var/tmp can be written: the database needs one of them for its socket.",
    )


def remove_sockets(folder: Path) -> None:
    """Remove a socket folder, also one that a killed process left behind."""
    with suppress(OSError):
        if folder.name.startswith("abaque-") and stat.S_ISDIR(folder.lstat().st_mode):
            shutil.rmtree(folder, ignore_errors=True)
