"""A file per month, zstd, written beside and renamed once it is on the disk; read a row group at a time.

pyarrow is imported where it is used: processes that archive nothing do not pay for it.
"""

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

from abaque.ports.event_archive import ArchivedEvent, ArchivedFile, ArchiveError

#: Events of a row group: what is in memory at once, and what is read to find one.
GROUP_EVENTS = 20_000
_BLOCK = 1 << 20
_NAMES = tuple(field.name for field in fields(ArchivedEvent))
_INSTANTS = frozenset({"time", "received_at"})
_NAME = re.compile(r"\.?(?P<month>[0-9]{4}-[0-9]{2})(\.(?P<revision>[0-9]+))?\.parquet(?P<part>\.part)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ParquetArchive:
    """Keeps months in a folder, which is made when the first is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified: dict[str, tuple[bytes, tuple[int, int, int]]] = {}

    def write(self, month: date, events: Iterable[ArchivedEvent], *, revision: int = 0) -> ArchivedFile:
        """Write a month; see the port."""
        name = f"{month:%Y-%m}.parquet" if revision == 0 else f"{month:%Y-%m}.{revision}.parquet"
        beside = self.folder / f".{name}.part"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            rows = _write(beside, events)
            digest = _hash(beside)
            beside.replace(self.folder / name)
            _sync(self.folder)
        except OSError as error:
            raise ArchiveError("archive_unwritable", file=str(beside), why=error.strerror or "") from error
        return ArchivedFile(name, rows, digest)

    def read(
        self,
        file: ArchivedFile,
        *,
        seqs: Collection[int] | None = None,
        subjects: Collection[str] | None = None,
    ) -> Iterator[ArchivedEvent]:
        """Return events of a month; see the port. The file's hash is looked at before its first event is."""
        self.verify(file)
        column, wanted = ("seq", seqs) if seqs is not None else ("subject", subjects)
        return _read(self.folder / file.path, column, None if wanted is None else sorted(wanted))

    def verify(self, file: ArchivedFile) -> None:
        """Compare a file with its hash; one that was found good is not read again until it is touched."""
        path = self.folder / file.path
        try:
            found = path.stat()
            state = (found.st_ino, found.st_size, found.st_mtime_ns)
            if self._verified.get(file.path) == (file.sha256, state):
                return
            digest = _hash(path)
        except OSError as error:
            raise ArchiveError("archive_missing", file=str(path)) from error
        if digest != file.sha256:
            raise ArchiveError("archive_changed", file=str(path))
        self._verified[file.path] = (file.sha256, state)

    def salvage(self, file: ArchivedFile) -> Iterator[ArchivedEvent]:
        """Return what can be read of a file; see the port."""
        return _read(self.folder / file.path, "seq", None, damaged=True)

    def superseded(self, month: date, revision: int | None) -> list[str]:
        """Return earlier revisions of a month; see the port."""
        names = sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []
        found = [said for said in map(_NAME.fullmatch, names) if said and said["month"] == f"{month:%Y-%m}"]
        return [
            said[0]
            for said in found
            if revision is None or (not said["part"] and int(said["revision"] or 0) < revision)
        ]

    def remove(self, path: str) -> None:
        """Remove a file; see the port."""
        with suppress(FileNotFoundError):
            (self.folder / path).unlink()
            _sync(self.folder)


@cache
def _schema() -> Any:
    import pyarrow as pa

    text, instant = pa.string(), pa.timestamp("us", tz="UTC")
    kinds = {
        "seq": pa.int64(),
        "time": instant,
        "time_given": pa.bool_(),
        "received_at": instant,
        "amends": pa.int64(),
        "salt": pa.binary(),
        "leaf": pa.binary(),
    }
    nullable = {"amends", "subscription", "extensions", "salt"}
    return pa.schema([pa.field(name, kinds.get(name, text), nullable=name in nullable) for name in _NAMES])


def _write(path: Path, events: Iterable[ArchivedEvent]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = 0
    with path.open("wb") as stream:
        path.chmod(0o600)
        with pq.ParquetWriter(stream, _schema(), compression="zstd", write_page_checksum=True) as writer:
            left = iter(events)
            while group := list(islice(left, GROUP_EVENTS)):
                arrays = [pa.array(_column(group, field.name), field.type) for field in _schema()]
                writer.write_table(
                    pa.Table.from_arrays(arrays, schema=_schema()), row_group_size=GROUP_EVENTS
                )
                rows += len(group)
        stream.flush()
        os.fsync(stream.fileno())
    return rows


def _read(
    path: Path, column: str, wanted: list[Any] | None, *, damaged: bool = False
) -> Iterator[ArchivedEvent]:
    """Read a group at a time. `damaged`: what cannot be read is left out."""
    import pyarrow.parquet as pq

    # What pyarrow raises for what it cannot read, or does not find.
    passing = (OSError, ValueError, KeyError) if damaged else ()
    with ExitStack() as stack:
        try:
            parquet = stack.enter_context(pq.ParquetFile(path, page_checksum_verification=True))
        except passing:
            return
        for group in range(parquet.num_row_groups):
            try:
                events = _group(parquet, group, column, wanted)
            except passing:
                continue
            yield from events


def _group(parquet: Any, group: int, column: str, wanted: list[Any] | None) -> list[ArchivedEvent]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if wanted is None:
        table = parquet.read_row_group(group)
    else:
        keys = parquet.read_row_group(group, columns=[column]).column(0)
        mask = pc.is_in(keys, value_set=pa.array(wanted, keys.type))
        if not pc.any(mask).as_py():
            return []
        table = parquet.read_row_group(group).filter(mask)
    columns = (_values(table, name) for name in _NAMES)
    return [ArchivedEvent(*values) for values in zip(*columns, strict=True)]


# Instants cross as whole microseconds: ten times faster than through zones, and as exact.
def _column(events: list[ArchivedEvent], name: str) -> list[Any]:
    values = map(attrgetter(name), events)
    return [(value - _EPOCH) // _MICROSECOND for value in values] if name in _INSTANTS else list(values)


def _values(table: Any, name: str) -> list[Any]:
    column = table.column(name)
    if name not in _INSTANTS:
        return list(column.to_pylist())
    return [_EPOCH + timedelta(microseconds=value) for value in column.cast("int64").to_pylist()]


def _hash(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.digest()


def _sync(folder: Path) -> None:
    """Make a folder's names durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
