"""Archived months as the read side sees them. The composition root says where the archive is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abaque.ports.event_archive import ArchivedEvent, ArchivedFile, ArchiveError, EventArchive
from abaque.storage import hot


@dataclass(frozen=True, slots=True)
class ArchivedMonth:
    """A month, `[starts_at, ends_at)` UTC, whose events lie in a file. `meters`: the newest that counted them."""

    starts_at: datetime
    ends_at: datetime
    file: ArchivedFile
    replacements: int
    revision: int
    meters: int
    archived_at: datetime
    archived_by: str


Found = Sequence[tuple[ArchivedEvent, int]]

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
        "SELECT starts_at, ends_at, path, rows, sha256, replacements, revision, meters, archived_at, archived_by"
        " FROM archived_month ORDER BY starts_at"
    )
    return [
        ArchivedMonth(start, end, ArchivedFile(path, rows, bytes(sha256)), *rest)
        for start, end, path, rows, sha256, *rest in found
    ]


def find(numbers: Collection[tuple[int, datetime]]) -> Found:
    """Return those of some numbers that are archived, each with the newest meter that counted it.

    Raises `ArchiveError` where a file that is asked for is not there, or not what was written.
    """
    found: list[tuple[ArchivedEvent, int]] = []
    for month in months() if numbers else ():
        seqs = [seq for seq, time in numbers if month.starts_at <= time < month.ends_at]
        if seqs:
            found += ((event, month.meters) for event in archive().read(month.file, seqs=seqs))
    return found


def numbered(numbers: Sequence[tuple[int, datetime]]) -> dict[str, Any]:
    """Return the parameters of `abaque.storage.sql.archiving.BY_NUMBER`."""
    return {"seqs": [seq for seq, _ in numbers], "times": [time for _, time in numbers]} | columns(
        find(numbers)
    )


def columns(found: Found) -> dict[str, Any]:
    """Return archived events as the columns a statement takes."""
    events = [event for event, _ in found]
    return {
        "archived_seqs": [event.seq for event in events],
        "archived_sources": [event.source for event in events],
        "archived_ids": [event.id for event in events],
        "archived_types": [event.type for event in events],
        "archived_subjects": [event.subject for event in events],
        "archived_times": [event.time for event in events],
        "archived_received": [event.received_at for event in events],
        "archived_subscriptions": [event.subscription for event in events],
        "archived_data": [event.data for event in events],
        "archived_newest": [newest for _, newest in found],
    }
