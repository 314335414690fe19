import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ServerError(Exception):
    """Why there is no database, and what to do about it.

    `code` is stable, for programs and tests: in_use, not_writable, disk_full, not_a_folder, io, not_abaque,
    newer, damaged, other_kind, other_owner, no_account, not_running, no_binaries, cluster_missing,
    cluster_version, init_failed, start_failed, interrupted, database_old, database_encoding, unreachable,
    bad_url.
    `message` is for people: what is wrong, then what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT}
_NO_FOLDER = {errno.ENOTDIR, errno.EEXIST, errno.EISDIR}


@contextmanager
def touching(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses below `path` into words."""
    try:
        yield
    except OSError as error:
        culprit = error.filename or path
        if error.errno in _DENIED:
            raise ServerError(
                "not_writable",
                f"{culprit}: {error.strerror}. Abaque must be able to write its data folder {path}: give the "
                "folder to the user that runs Abaque, or choose another one with --data.",
            ) from error
        if error.errno in _FULL:
            raise ServerError(
                "disk_full", f"The disk that holds {path} is full: make room, then start again."
            ) from error
        if error.errno in _NO_FOLDER:
            raise ServerError(
                "not_a_folder", f"{culprit} is not a folder: choose another place for the data with --data."
            ) from error
        raise ServerError("io", f"{culprit}: {error.strerror}. Check the disk that holds {path}.") from error
