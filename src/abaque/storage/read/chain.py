"""The chain of hours: its head, and whether the events are still those that were sealed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abaque.core.proving import GENESIS, chained, root
from abaque.storage import hot
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
    missing whose nodes are there). `slot` and `customer` where a node is meant; `events` where they can be told.
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
    """What a verification looked at, and what differs, in the order of sealing."""

    hours: int
    events: int
    erased: int
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

    All hours if no instant is given. Reads each event that was sealed in them.
    """
    differences: list[Difference] = []
    counted = [0, 0, 0]
    previous = GENESIS
    batch: list[Hour] = []
    for hour in Hour.objects.select_related("meter").order_by("pk").iterator(chunk_size=2000):
        if not _is_chained(hour, previous):
            differences.append(Difference("chain", _code(hour), hour.hour, hour.revision))
        previous = bytes(hour.hash)
        if (start is None or hour.hour >= start) and (end is None or hour.hour < end):
            batch.append(hour)
        if len(batch) == _AT_ONCE:
            differences += _again(batch, counted)
            batch = []
    differences += _again(batch, counted)
    differences += [Difference(*["stray", *row]) for row in hot.rows(sql.STRAY)]
    return Verified(counted[0], counted[1], counted[2], head(), tuple(differences))


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


def _again(hours: Sequence[Hour], counted: list[int]) -> Iterator[Difference]:
    """Make the nodes of some hours again, and their roots from these."""
    found: dict[int, list[hot.Row]] = {hour.pk: [] for hour in hours}
    for row in hot.rows(sql.NODES_AGAIN, {"hours": [hour.pk for hour in hours]}):
        found[row[0]].append(row)
    for hour in hours:
        nodes = found[hour.pk]
        counted[0] += 1
        place: Any = ("events", _code(hour), hour.hour, hour.revision)
        for _, slot, customer, kept, _, _, again, sums, events, erased, wrong in nodes:
            counted[1] += events
            counted[2] += erased
            if bytes(kept) != bytes(again) or not sums:
                yield Difference(*[*place, slot, customer, _named(wrong or ())])
        hashes = [bytes(node[3]) for node in nodes]
        sums = sum(node[4] for node in nodes), sum(node[5] for node in nodes)
        if not hashes or root(hashes) != bytes(hour.root) or sums != (hour.count, hour.quantity):
            yield Difference("nodes", _code(hour), hour.hour, hour.revision)


def _named(seqs: Sequence[int]) -> tuple[Named, ...]:
    return tuple(Named(*row) for row in hot.rows(sql.NAMES, {"seqs": list(seqs)})) if seqs else ()
