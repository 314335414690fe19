"""Archive: a sealed month of raw events becomes a file, read back row by row, and only then leaves the hot tables.

The file comes first, and whatever is killed at whatever moment leaves either the month where it was, and a file that
the next pass writes anew, or the month archived. Run as the owner of the tables, who alone takes events away.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime

from django.db import OperationalError, connection, transaction
from psycopg import sql as compose

from abaque.billing.meter import alone
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result, perform
from abaque.billing.seal import LOCK as SEALING
from abaque.ports.event_archive import ArchivedEvent, ArchiveError, EventArchive
from abaque.storage import archived, hot
from abaque.storage.sql import archiving as sql

#: Reasons that whoever archives may set aside, by what they call it.
SET_ASIDE = {"quarantined": sql.ASIDE, "unissued": sql.UNISSUED}
_FETCHED = 5_000
_ARCHIVING = 0x61726368697665
_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
# The last step waits for nobody long, since others wait behind it: it tries again.
_TRIES, _PAUSE_SECONDS, _PATIENCE = 40, 0.5, "3s"


@dataclass(frozen=True, slots=True)
class Month:
    """A month, UTC, that may be archived; `reasons`: what stands against it, with how many."""

    first: date
    events: int
    reasons: dict[str, int]

    @property
    def span(self) -> dict[str, datetime]:
        return _span(self.first)


@dataclass(frozen=True, slots=True)
class ArchiveMonth:
    """A month's events lie in a file, read back.

    `seqs`: the sum of their numbers; `replacements`: how many of them amendments put in place.
    """

    month: date
    path: str
    rows: int
    sha256: bytes
    seqs: int
    replacements: int


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file written beside the one in force, which an action is to put in its place."""

    month: date
    revision: int
    path: str
    rows: int
    sha256: bytes


@dataclass(slots=True)
class _Passed:
    """What has passed by: enough to tell whether two passes saw the same events in the same order."""

    rows: int = 0
    seqs: int = 0
    replacements: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def by(self, events: Iterable[ArchivedEvent]) -> Iterator[ArchivedEvent]:
        for event in events:
            self.rows += 1
            self.seqs += event.seq
            self.replacements += event.amends is not None
            self.digest.update(_said(event))
            yield event

    def same(self, other: "_Passed") -> bool:
        return (self.rows, self.digest.digest()) == (other.rows, other.digest.digest())


def months(before: date, *, now: datetime, aside: frozenset[str] = frozenset()) -> list[Month]:
    """Return the months before another that hold events here, each with what stands against archiving it.

    `aside`: which of `SET_ASIDE` do not count against it: `quarantined` events and waiting corrections, that will never
    be counted afterwards; usage of periods that are not issued. Months go in their order, so that no month that is
    archived can be changed by what comes for an earlier one.
    """
    found: list[Month] = []
    for (start,) in hot.rows(sql.MONTHS, {"before": datetime(before.year, before.month, 1, tzinfo=UTC)}):
        span = _span(start.date())
        events = hot.rows(sql.COUNTED, span)[0][0]
        if events:
            earlier = sum(bool(month.reasons) for month in found)
            reasons = ({"earlier": earlier} if earlier else {}) | _reasons(span, now, aside)
            found.append(Month(start.date(), events, reasons))
    return found


def archive_months(
    found: Sequence[Month], archive: EventArchive, *, now: datetime, by: Actor
) -> Iterator[tuple[Month, Result]]:
    """Archive those months against which nothing stands, one after the other.

    Refused `archive_running` while another does, `month_changed`, `month_unsettled` where events of a month came
    meanwhile. Raises `ArchiveError` where the file cannot be written or is not what was written.
    """
    with alone_in_archive(archive):
        for month in found:
            if not month.reasons:
                yield month, _archive(month, archive, now=now, by=by)


@contextmanager
def alone_in_archive(archive: EventArchive) -> Iterator[None]:
    """Let nobody else write files meanwhile; before and after, remove what no month names any more.

    Refused `archive_running`.
    """
    if not hot.rows("SELECT pg_try_advisory_lock(%s)", [_ARCHIVING])[0][0]:
        raise Refused("archive_running")
    try:
        _sweep(archive)
        yield
        _sweep(archive)
    finally:
        hot.rows("SELECT pg_advisory_unlock(%s)", [_ARCHIVING])


def superseded(archive: EventArchive) -> list[str]:
    """Return the files of archived months that newer ones have taken the place of."""
    return [
        name
        for month in archived.months()
        for name in archive.superseded(month.starts_at.date(), month.revision)
    ]


def _sweep(archive: EventArchive) -> None:
    """Remove what no month names any more, also what was written of months that did not go after all."""
    here = [start.date() for (start,) in hot.rows(sql.MONTHS, {"before": _FOR_EVER})]
    written = [name for month in here for name in archive.superseded(month, None)]
    for name in superseded(archive) + written:
        archive.remove(name)


def rewrite(
    month: archived.ArchivedMonth, archive: EventArchive, change: Callable[[ArchivedEvent], ArchivedEvent]
) -> Rewritten:
    """Write a month's file anew beside the one in force, and compare the two row by row.

    Nothing reads the new one before `put_in_force`. Raises `ArchiveError`.
    """
    first, revision = month.starts_at.date(), month.revision + 1
    file = archive.write(first, map(change, archive.read(month.file)), revision=revision)
    try:
        same = all(
            change(old) == new for old, new in zip(archive.read(month.file), archive.read(file), strict=True)
        )
    except ValueError:  # one has more rows than the other
        same = False
    if not same:
        raise ArchiveError("archive_changed", file=file.path)
    return Rewritten(first, revision, file.path, file.rows, file.sha256)


def put_in_force(files: Iterable[Rewritten]) -> None:
    """Let months be read from their new files once the transaction commits. Refused `month_changed`."""
    for file in files:
        asked = {"start": _span(file.month)["start"], **asdict(file)}
        if hot.run(sql.PUT_IN_FORCE, asked) != 1:
            raise Refused("month_changed", month=f"{file.month:%Y-%m}")


def archive_month(command: ArchiveMonth, *, now: datetime, by: Actor) -> Result:
    """Take a month's events out of the hot tables and remember where they are, all at once.

    Nobody meters or seals meanwhile, so that no event is counted for a month that is not known to be archived, and
    none goes that is not sealed. Refused
    `month_unsettled`, `month_changed`.
    """
    span, name = _span(command.month), f"event_{command.month:%Y_%m}"
    said = f"{command.month:%Y-%m}"
    alone(within=_PATIENCE)
    hot.lock(SEALING, within=_PATIENCE)
    if _counts(sql.UNSETTLED, span):
        raise Refused("month_unsettled", month=said)
    partition = hot.rows("SELECT to_regclass(%s) IS NOT NULL", [name])[0][0]
    table = compose.Identifier(name if partition else "event_other")
    hot.run(compose.SQL("SET LOCAL lock_timeout = {}").format(_PATIENCE))
    hot.run(compose.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(table))
    if hot.rows(sql.COUNTED, span)[0] != (command.rows, command.seqs, command.replacements):
        raise Refused("month_changed", month=said)
    if partition:
        hot.run(compose.SQL("ALTER TABLE event DETACH PARTITION {}").format(table))
        hot.run(compose.SQL("DROP TABLE {}").format(table))
    else:
        hot.run("DELETE FROM event_other WHERE time >= %(start)s AND time < %(end)s", span)
    kept = {"path": command.path, "rows": command.rows, "sha256": command.sha256, "now": now, "by": str(by)}
    hot.run(sql.REMEMBER, {**span, **kept, "replacements": command.replacements})
    return {"subject": said, "path": command.path, "events": command.rows, "sha256": command.sha256.hex()}


def _archive(month: Month, archive: EventArchive, *, now: datetime, by: Actor) -> Result:
    written, read = _Passed(), _Passed()
    with transaction.atomic():
        file = archive.write(month.first, written.by(_events(month.span)))
    for _ in read.by(archive.read(file)):
        pass
    if not (read.same(written) and file.rows == written.rows):
        raise ArchiveError("archive_changed", file=file.path)
    command = ArchiveMonth(month.first, file.path, file.rows, file.sha256, written.seqs, written.replacements)
    for left in reversed(range(_TRIES)):
        try:
            return perform(archive_month, command, now=now, by=by)
        except OperationalError:  # it waited for a lock, or stood in another's way
            if not left:
                raise
            time.sleep(_PAUSE_SECONDS)
    raise AssertionError


def _events(span: dict[str, datetime]) -> Iterator[ArchivedEvent]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql.EVENTS, span)
        while rows := cursor.fetchmany(_FETCHED):
            for row in rows:
                yield ArchivedEvent(*row)


def _reasons(span: dict[str, datetime], now: datetime, aside: frozenset[str]) -> dict[str, int]:
    asked = sql.UNSETTLED | sql.UNSURE
    for name, statements in SET_ASIDE.items():
        if name not in aside:
            asked |= statements
    return _counts(asked, {**span, "now": now})


def _counts(asked: dict[str, str], parameters: dict[str, datetime]) -> dict[str, int]:
    found = {name: int(hot.rows(statement, parameters)[0][0]) for name, statement in asked.items()}
    return {name: count for name, count in found.items() if count}


def _span(month: date) -> dict[str, datetime]:
    start = datetime(month.year, month.month, 1, tzinfo=UTC)
    following = (month.year, month.month + 1) if month.month < 12 else (month.year + 1, 1)  # noqa: PLR2004  # months
    return {"start": start, "end": datetime(*following, 1, tzinfo=UTC)}


def _said(event: ArchivedEvent) -> bytes:
    said = [
        event.seq, event.source, event.id, event.type, event.subject, _instant(event.time), event.time_given,
        _instant(event.received_at), event.amends, event.subscription, event.extensions, event.data,
        event.salt and event.salt.hex(), event.leaf.hex(),
    ]  # fmt: skip
    return json.dumps(said).encode() + b"\n"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
