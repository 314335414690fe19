"""A data folder: what lies in it, who may use it, which lock keeps two servers out of it."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from abaque.storage.server.fault import ServerError, touching

FORMAT = 1
_PATIENCE = 1.0  # seconds: a killed process keeps its lock until the kernel has buried it
_PAUSE = 0.02
# What an interrupted first start, or the file system itself, may have left in a folder that is still new.
_HARMLESS = {"running", "commands", "secrets", "abaque.json.new", "secrets.new", "lost+found"}


@dataclass(frozen=True, slots=True)
class About:
    """What abaque.json says of a folder; `created` is UTC."""

    format: int
    created: datetime
    test: bool
    names: Mapping[str, str]
    initialised: bool


@dataclass(frozen=True, slots=True)
class Secrets:
    """The passwords of the database's two roles, the key of signed links, that of pseudonyms and content hashes.

    `database` is the owner's; `application` is empty until the role is made at the folder's next start.
    """

    database: str = field(repr=False)
    application: str = field(repr=False)
    signing: bytes = field(repr=False)
    hashing: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Folder:
    """A data folder of Abaque.

    pg/          the database's files        secrets    passwords and keys, 0600
    abaque.json  format, created, test       log/       what PostgreSQL says
    running      who runs the server, 0600, and its lock      commands   the lock of the commands that use it
    """

    path: Path

    @property
    def pg(self) -> Path:
        return self.path / "pg"

    @property
    def log(self) -> Path:
        return self.path / "log" / "postgresql.log"

    @property
    def exists(self) -> bool:
        """Whether this is a folder that Abaque has prepared."""
        with touching(self.path):
            return (self.path / "abaque.json").is_file()

    def prepare(self, *, test: bool | None = None) -> About:
        """Create the folder if it is new, else check that this version may use it.

        `test` says which kind is wanted: None takes what is there, and makes a new folder a real one.
        Faults: not_writable, not_a_folder, disk_full, not_abaque, newer, damaged, other_kind.
        """
        with touching(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.exists:
                strange = sorted({entry.name for entry in self.path.iterdir()} - _HARMLESS)
                if strange:
                    raise ServerError(
                        "not_abaque",
                        f"{self.path} is not empty and not a data folder of Abaque (it holds {strange[0]}). "
                        "Choose a new or an empty folder with --data.",
                    )
                self._create_once(test=bool(test))
        about = self.about
        _ = self.secrets  # refused now, not when the first customer opens a link
        if test is not None and about.test != test:
            kind, other = (
                ("a test folder", "without --test") if about.test else ("a real folder", "with --test")
            )
            raise ServerError(
                "other_kind",
                f"{self.path} is {kind} and stays one: start it {'with' if about.test else 'without'} "
                f"--test, or choose another folder {other}.",
            )
        return about

    def demand(self) -> None:
        """Raise unless this is a data folder that this version may use. Faults: those of `about`."""
        _ = self.about

    @property
    def about(self) -> About:
        """Read abaque.json. Faults: not_abaque, newer, damaged, not_writable."""
        said = self._read("abaque.json")
        try:
            if int(said["format"]) > FORMAT:
                raise ServerError(
                    "newer",
                    f"{self.path} was written by a newer version of Abaque (format {said['format']}, this "
                    f"one knows {FORMAT}). Install that version again; nothing was changed.",
                )
            return About(
                format=int(said["format"]),
                created=datetime.fromisoformat(said["created"]),
                test=bool(said["test"]),
                names=dict(said["names"]),
                initialised=bool(said["initialised"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._damaged("abaque.json") from error

    @property
    def secrets(self) -> Secrets:
        """Read the secrets. Faults: not_abaque, damaged, not_writable."""
        said = self._read("secrets")
        try:
            return Secrets(
                database=said["database"],
                application=said.get("application", ""),
                signing=bytes.fromhex(said["signing"]),
                hashing=bytes.fromhex(said["hashing"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._damaged("secrets") from error

    def add_application_password(self) -> str:
        """Return the password of the application's role, having made one where the folder has none yet."""
        if not self.secrets.application:
            self._write("secrets", self._read("secrets") | {"application": secrets.token_hex(24)})
        return self.secrets.application

    def note_application(self, role: str) -> None:
        """Remember that the application's role exists and has its password."""
        said = self._read("abaque.json")
        self._write("abaque.json", said | {"names": said["names"] | {"application": role}})

    def note_initialised(self) -> None:
        """Remember that the database exists, so that its loss is never mistaken for a first start."""
        self._write("abaque.json", self._read("abaque.json") | {"initialised": True})

    def _create_once(self, *, test: bool) -> None:
        """Create the folder unless another process, starting at the same moment, has just done it."""
        fd = _open(self, "running")
        try:
            if _flock(fd, fcntl.LOCK_EX, _PATIENCE) and not self.exists:
                self._create(test=test)
        finally:
            os.close(fd)

    def _create(self, *, test: bool) -> None:
        if not (self.path / "secrets").exists():
            keys = {name: secrets.token_hex(32) for name in ("signing", "hashing")}
            self._write("secrets", {"database": secrets.token_hex(24), **keys})
        self._write(
            "abaque.json",
            {
                "format": FORMAT,
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "test": test,
                "names": {"database": "abaque", "role": "abaque"},
                "initialised": False,
            },
        )

    def _read(self, name: str) -> dict[str, Any]:
        file = self.path / name
        with touching(self.path):
            try:
                text = file.read_text()
            except FileNotFoundError as error:
                if name != "abaque.json":
                    raise self._damaged(name) from error
                raise ServerError(
                    "not_abaque",
                    f"{self.path} is not a data folder of Abaque. Start it once with: "
                    f"abaque up --data {self.path}",
                ) from error
        try:
            said = json.loads(text)
        except ValueError as error:
            raise self._damaged(name) from error
        if not isinstance(said, dict):
            raise self._damaged(name)
        return said

    def _write(self, name: str, said: Mapping[str, Any]) -> None:
        """Replace a file durably: after a crash it holds the old or the new content, never half of one."""
        file = self.path / name
        draft = self.path / f"{name}.new"
        with touching(self.path):
            fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with open(fd, "w") as stream:  # noqa: PTH123 - a descriptor, not a path
                self.adopt(fd)
                stream.write(json.dumps(said, indent=2) + "\n")
                stream.flush()
                os.fsync(fd)
            draft.rename(file)
            parent = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(parent)
            finally:
                os.close(parent)

    def open_log(self) -> int:
        """Open the log for appending; the descriptor is the caller's to close."""
        with touching(self.path):
            if not self.log.parent.exists():
                self.log.parent.mkdir(mode=0o700)
                parent = os.open(self.log.parent, os.O_RDONLY | os.O_DIRECTORY)
                self.adopt(parent)
                os.close(parent)
            fd = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            self.adopt(fd)
            return fd

    def adopt(self, fd: int) -> None:
        """Give a file that root made to the owner of the folder, who may run Abaque next time."""
        if os.geteuid() == 0:
            owner = self.path.stat()
            os.fchown(fd, owner.st_uid, owner.st_gid)

    def _damaged(self, name: str) -> ServerError:
        return ServerError(
            "damaged",
            f"{self.path / name} is missing or cannot be read as Abaque wrote it. Restore the folder from "
            "a backup.",
        )


class Lock:
    """The lock of a folder: who holds it runs the database. Its file tells others how to reach it."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._fd: int | None = None
        self.left_behind: dict[str, Any] = {}

    @property
    def held(self) -> bool:
        return self._fd is not None

    def take(self, purpose: str) -> None:
        """Take the lock for `purpose`, or raise ServerError in_use naming who has it."""
        fd = _open(self._folder, "running")
        if not _flock(fd, fcntl.LOCK_EX, _PATIENCE):
            holder = _holder(fd)
            os.close(fd)
            who = f"process {holder.get('pid', 'unknown')} ({holder.get('purpose', 'starting')})"
            raise ServerError(
                "in_use",
                f"{self._folder.path} is in use by {who}. Stop that one first, or choose another folder with "
                "--data.",
            )
        self.left_behind = _holder(fd)
        self._fd = fd
        self.tell(purpose=purpose)

    def tell(self, **said: object) -> None:
        """Write what other processes may know: the purpose, the DSN, the socket's folder."""
        assert self._fd is not None
        text = json.dumps({"pid": os.getpid(), **said}).encode()
        os.pwrite(self._fd, text, 0)
        os.ftruncate(self._fd, len(text))

    def release(self) -> None:
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None


def running(folder: Folder) -> dict[str, Any] | None:
    """Say what the process that holds the folder told, or None where none holds it."""
    if not (folder.path / "running").exists():
        return None
    fd = _open(folder, "running")
    try:
        if _flock(fd, fcntl.LOCK_SH, 0):
            return None
        return _holder(fd)
    finally:
        os.close(fd)


@contextmanager
def joined(folder: Folder) -> Iterator[int]:
    """Be counted among the commands that use the folder's server, so that whoever started it waits for us."""
    fd = _open(folder, "commands")
    try:
        fcntl.flock(fd, fcntl.LOCK_SH)
        yield fd
    finally:
        os.close(fd)


def wait_for_others(fd: int) -> None:
    """Wait until no other command uses the server; none can join until `fd` is closed."""
    fcntl.flock(fd, fcntl.LOCK_EX)


def _open(folder: Folder, name: str) -> int:
    with touching(folder.path):
        fd = os.open(folder.path / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        folder.adopt(fd)
        return fd


def _flock(fd: int, kind: int, patience: float) -> bool:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_PAUSE)
        else:
            return True


def _holder(fd: int) -> dict[str, Any]:
    try:
        said = json.loads(os.pread(fd, 65536, 0))
    except ValueError:  # not yet or half written
        return {}
    return said if isinstance(said, dict) else {}
