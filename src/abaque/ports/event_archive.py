"""What the verbs and the read side ask of the place where sealed months of raw events lie.

A month, UTC by the events' own time, is one file. PostgreSQL says which months are archived, under which name, with
how many rows and which sha256 (table `archived_month`); the archive only keeps what it is given.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from abaque.core.fault import Fault


class ArchiveError(Fault):
    """The archive cannot be used.

    Codes: `archive_missing` (no such file), `archive_changed` (not the file that was written: its hash differs),
    `archive_unwritable` (with the reason), `archive_unconnected`.
    """


@dataclass(frozen=True, slots=True)
class ArchivedEvent:
    """An event with all its columns, whether it stands or not.

    `extensions` and `data` are JSON as PostgreSQL writes jsonb, to the byte. `leaf` is sha256 of `salt` and the
    event's text. Of an erased event no text is left, and no salt: only the leaf.
    """

    seq: int
    source: str
    id: str
    type: str
    subject: str
    time: datetime
    time_given: bool
    received_at: datetime
    amends: int | None
    subscription: str | None
    extensions: str | None
    data: str
    salt: bytes | None
    leaf: bytes

    def left(self, kind: str) -> "ArchivedEvent":
        """Return what is left of it without what it said: its place, and its leaf; its type is then `kind`."""
        return replace(self, type=kind, subject="", subscription=None, extensions=None, data="{}", salt=None)


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A month's file: its name inside the archive, how many events it holds, the sha256 of its bytes."""

    path: str
    rows: int
    sha256: bytes


class EventArchive(Protocol):
    """Keeps files of events. Every call raises `ArchiveError` where it cannot do what it says."""

    def write(self, month: date, events: Iterable[ArchivedEvent], *, revision: int = 0) -> ArchivedFile:
        """Write a month in one piece, durable before it has its name; what bore that name before is replaced.

        Memory does not grow with the month. Events may come in any order; those of a subject are found fastest where
        they come together.
        """
        ...

    def read(
        self,
        file: ArchivedFile,
        *,
        seqs: Collection[int] | None = None,
        subjects: Collection[str] | None = None,
    ) -> Iterator[ArchivedEvent]:
        """Return its events in the order of writing: all, or those with these numbers, or of these subjects."""
        ...

    def verify(self, file: ArchivedFile) -> None:
        """Raise unless the file is there, byte for byte what was written."""
        ...

    def salvage(self, file: ArchivedFile) -> Iterator[ArchivedEvent]:
        """Return what can still be read of a file, be it what was written or not. Never raises."""
        ...

    def superseded(self, month: date, revision: int | None) -> list[str]:
        """Return the earlier revisions of a month; where none is in force, all that lies there of it."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file that no month names any more. No error where there is none."""
        ...
