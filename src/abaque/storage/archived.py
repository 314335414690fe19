"""Archived months as the read side sees them. The composition root says where the archive is."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from psycopg import Error

from abaque.ports.event_archive import ArchivedEvent, ArchivedFile, ArchiveError, EventArchive
from abaque.storage import hot
from abaque.storage.sql import archiving as sql


@dataclass(frozen=True, slots=True)
class ArchivedMonth:
    """A month, `[starts_at, ends_at)` UTC, whose events lie in a file.

    `meters`: the versions that stood, whose counts its figures are. `reduced`: only leaves are left of its events.
    """

    starts_at: datetime
    ends_at: datetime
    file: ArchivedFile
    replacements: int
    revision: int
    meters: tuple[int, ...]
    reduced: bool
    archived_at: datetime
    archived_by: str


Found = Sequence[tuple[ArchivedEvent, ArchivedMonth]]

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_connected: list[EventArchive] = []


def connect(archive: EventArchive) -> None:
    """Say where archived months are; a later one takes the earlier one's place."""
    _connected[:] = [archive]


def archive() -> EventArchive:
    """Return the archive. Fault `archive_unconnected` where this process was not told of one."""
    if not _connected:
        raise ArchiveError("archive_unconnected")
    return _connected[0]


def months() -> list[ArchivedMonth]:
    """Return the archived months, the oldest first."""
    found = hot.rows(
        "SELECT starts_at, ends_at, path, rows, sha256, replacements, revision, meters, reduced IS NOT NULL,"
        " archived_at, archived_by FROM archived_month ORDER BY starts_at"
    )
    return [
        ArchivedMonth(
            start, end, ArchivedFile(path, rows, bytes(sha256)), replacements, revision, tuple(meters), *rest
        )
        for start, end, path, rows, sha256, replacements, revision, meters, *rest in found
    ]


def until() -> datetime:
    """Return the end of the last archived month: what is before it is archived. Long ago where none is."""
    return max((month.ends_at for month in months()), default=_LONG_AGO)


def find(numbers: Collection[tuple[int, datetime]]) -> Found:
    """Return those of some numbers that are archived. A time may be any within the month of the event's.

    Raises `ArchiveError` where a file that is asked for is not there, or not what was written.
    """
    found: list[tuple[ArchivedEvent, ArchivedMonth]] = []
    for month in months() if numbers else ():
        seqs = [seq for seq, time in numbers if month.starts_at <= time < month.ends_at]
        if seqs:
            found += ((event, month) for event in archive().read(month.file, seqs=seqs))
    return found


def of_subjects(subjects: Collection[str]) -> Found:
    """Return the archived events of some subjects, the oldest month first."""
    return [(event, month) for month in months() for event in archive().read(month.file, subjects=subjects)]


def numbered(numbers: Sequence[tuple[int, datetime]]) -> dict[str, Any]:
    """Return the parameters of `abaque.storage.sql.archiving.BY_NUMBER`."""
    return {
        "seqs": [seq for seq, _ in numbers],
        "times": [time for _, time in numbers],
        "archived": handed_over(find(numbers)),
    }


def handed_over(found: Found) -> str:
    """Return archived events as the parameter `archived` of `abaque.storage.sql.archiving.HANDED_OVER`."""
    return f"[{', '.join(_json(event, month) for event, month in found)}]"


def _json(event: ArchivedEvent, month: ArchivedMonth) -> str:
    said: dict[str, Any] = {name: getattr(event, name) for name in sql.COLUMNS[:-2]}
    said |= {name: said[name].isoformat() for name in ("time", "received_at")}
    said["salt"] = None if event.salt is None else f"\\x{event.salt.hex()}"
    said |= {"leaf": f"\\x{event.leaf.hex()}", "meters": month.meters}
    # What is JSON already goes as it is: no number may change on its way.
    return f'{json.dumps(said)[:-1]}, "extensions": {event.extensions or "null"}, "data": {event.data}}}'


@contextmanager
def recalled(month: ArchivedMonth | None, *, damaged: bool = False) -> Iterator[None]:
    """Lay a month's events out in the temporary table `recalled`, so that statements may look them all through.

    No month: the table is there, and empty. `damaged`: lay out what can still be read, if the file is not what was
    written; else `ArchiveError` is raised for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.RECALLED)
    if month is not None:
        events = archive().salvage(month.file) if damaged else archive().read(month.file)
        try:
            with transaction.atomic():
                _copy(events)
        except Error:  # these are no events: then it is as if nothing of it could be read
            if not damaged:
                raise
        hot.run("CREATE INDEX ON recalled (seq)")
        hot.run("ANALYZE recalled")
    try:
        yield
    finally:
        hot.run("TRUNCATE recalled")


def _copy(events: Iterator[ArchivedEvent]) -> None:
    names = [field.name for field in fields(ArchivedEvent)]
    with connection.cursor() as cursor, cursor.copy(sql.RECALL) as copy:
        for event in events:
            copy.write_row([getattr(event, name) for name in names])
