"""The chain of hours: its head, and whether the events are still those that were sealed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from abaque.core.proving import GENESIS, chained, root
from abaque.ports.event_archive import ArchiveError
from abaque.storage import archived, hot
from abaque.storage.models import Hour
from abaque.storage.sql import proving as sql

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Head:
    """The hour sealed last. `hash` in hexadecimal; `meter` is empty where no meter counts."""

    hash: str
    meter: str
    hour: datetime
    revision: int
    sealed_at: datetime
    length: int


@dataclass(frozen=True, slots=True)
class Named:
    """An event that is not as it was sealed; `there`: whether a row of it is stored at all."""

    seq: int
    source: str
    id: str
    there: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Where something is not as it was sealed.

    `kind`: `events` (a node does not come out of them), `nodes` (the root does not come out of the nodes), `chain`
    (the hour says something else than when it was chained, or one before it is missing), `stray` (an hour is
    missing whose nodes are there), `archive_changed`, `archive_missing` (the file of the month that `hour` begins is
    not what was written). `slot` and `customer` where a node is meant; `events` where they can be told.
    """

    kind: str
    meter: str
    hour: datetime
    revision: int
    slot: datetime | None = None
    customer: str = ""
    events: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification looked at, and what differs: files of the archive, then hours in the order of sealing.

    Of `erased` entries an action erased the text, of `reduced` ones retention did; their leaves stand for them.
    """

    hours: int
    events: int
    erased: int
    reduced: int
    head: Head | None
    differences: tuple[Difference, ...]


def head() -> Head | None:
    """Return the head of the chain; None while no hour is sealed."""
    last = Hour.objects.select_related("meter").order_by("-pk").first()
    if last is None:
        return None
    code = "" if last.meter is None else last.meter.code
    length = Hour.objects.count()
    return Head(bytes(last.hash).hex(), code, last.hour, last.revision, last.sealed_at, length)


def knows(hash_: str) -> bool:
    """Whether a hash, printed some time, is that of an hour in the chain."""
    try:
        return Hour.objects.filter(hash=bytes.fromhex(hash_)).exists()
    except ValueError:
        return False


def verify(start: datetime | None = None, end: datetime | None = None) -> Verified:
    """Make leaves, nodes and roots of the hours in `[start, end)` again, and the whole chain.

    All hours if no instant is given. Reads each event that was sealed in them, archived ones in their files.
    """
    counted = Counter[str]()
    hours = Hour.objects.select_related("meter").order_by("pk")
    if start is not None:
        hours = hours.filter(hour__gte=start)
    if end is not None:
        hours = hours.filter(hour__lt=end)
    here, files = hours, list[Difference]()
    found = list(_unchained())
    for month in archived.months():
        span = {"hour__gte": month.starts_at, "hour__lt": month.ends_at}
        here = here.exclude(**span)
        if (start is None or month.ends_at > start) and (end is None or month.starts_at < end):
            files += _changed(month)
            found += _again(hours.filter(**span), month, counted)
    found += _again(here, None, counted)
    strays = [Difference(*["stray", *row]) for row in hot.rows(sql.STRAY)]
    differences = *files, *(one for _, one in sorted(found, key=itemgetter(0))), *strays
    return Verified(
        counted["hours"], counted["events"], counted["erased"], counted["reduced"], head(), differences
    )


def _changed(month: archived.ArchivedMonth) -> Iterator[Difference]:
    try:
        archived.archive().verify(month.file)
    except ArchiveError as error:
        yield Difference(error.code, "", month.starts_at, month.revision)


def _unchained() -> Iterator[tuple[int, Difference]]:
    previous = GENESIS
    for hour in Hour.objects.select_related("meter").order_by("pk").iterator(chunk_size=2000):
        if not _is_chained(hour, previous):
            yield hour.pk, Difference("chain", _code(hour), hour.hour, hour.revision)
        previous = bytes(hour.hash)


def _code(hour: Hour) -> str:
    return "" if hour.meter is None else hour.meter.code


def _is_chained(hour: Hour, previous: bytes) -> bool:
    digest = chained(
        previous,
        _code(hour),
        hour.hour,
        hour.revision,
        hour.count,
        quantity=hour.quantity,
        root=bytes(hour.root),
    )
    return bytes(hour.previous) == previous and bytes(hour.hash) == digest


def _again(
    hours: QuerySet[Hour], month: archived.ArchivedMonth | None, counted: Counter[str]
) -> Iterator[tuple[int, Difference]]:
    """Make the nodes of some hours again, and their roots from these; with the place in the chain of what differs."""
    with archived.recalled(month, damaged=True):
        left = hours.iterator(chunk_size=2000)
        while some := list(islice(left, _AT_ONCE)):
            yield from _some_again(some, counted)


def _some_again(hours: Sequence[Hour], counted: Counter[str]) -> Iterator[tuple[int, Difference]]:
    found: dict[int, list[hot.Row]] = {hour.pk: [] for hour in hours}
    for row in hot.rows(sql.NODES_AGAIN, {"hours": [hour.pk for hour in hours]}):
        found[row[0]].append(row)
    for hour in hours:
        nodes = found[hour.pk]
        counted["hours"] += 1
        place: Any = (_code(hour), hour.hour, hour.revision)
        for _, slot, customer, kept, _, _, again, sums, events, erased, reduced, wrong in nodes:
            counted.update(events=events, erased=erased, reduced=reduced)
            if bytes(kept) != bytes(again) or not sums:
                yield hour.pk, Difference(*["events", *place, slot, customer, _named(wrong or ())])
        hashes = [bytes(node[3]) for node in nodes]
        sums = sum(node[4] for node in nodes), sum(node[5] for node in nodes)
        if not hashes or root(hashes) != bytes(hour.root) or sums != (hour.count, hour.quantity):
            yield hour.pk, Difference(*["nodes", *place])


def _named(seqs: Sequence[int]) -> tuple[Named, ...]:
    return tuple(Named(*row) for row in hot.rows(sql.NAMES, {"seqs": list(seqs)})) if seqs else ()
