"""Correct: voids and amendments take effect once what they correct is there and metered.

Runs while no meter does. What is struck leaves usage: the cells it lay in are made anew from the raw events
that stand, so that every way of aggregating is served by one rule.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from abaque.billing.capturing.capture import FAR_FUTURE
from abaque.core.metering import Correction, CorrectionKind, Identity, Struck, struck
from abaque.storage import hot
from abaque.storage.sql import correcting as sql
from abaque.storage.sql.metering import BY_NUMBER, FORGET, Published

Count = Callable[..., None]
Cell = tuple[int, int, datetime, str]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A correction to look at, with what is known of its target; `target_seq` None: not there, or not metered."""

    seq: int
    source: str
    id: str
    time: datetime
    kind: str
    target_source: str
    target_id: str
    target_seq: int | None
    target_time: datetime | None
    target_type: str | None


@dataclass(frozen=True, slots=True)
class _Numbered:
    seq: int
    time: datetime


def correct_waiting(meters: Sequence[Published], *, now: datetime, count: Count) -> int:
    """Apply what can be; what waits for its target, or comes too late for an archived month, is marked so.

    Returns how many corrections were looked at.

    `count` judges events for meters: `abaque.billing.meter.count`.
    """
    looked_at = [_Waiting(*row) for row in hot.rows(sql.WAITING)]
    late = {seq for (seq,) in hot.rows(sql.LATE)}
    _become("late", [one for one in looked_at if one.seq in late])
    found = [one for one in looked_at if one.seq not in late]
    refused = [one for one in found if one.target_type == "abaque.void"]
    _become("refused", refused)
    able = [one for one in found if one.target_seq is not None and one not in refused]
    _become("waiting", [one for one in found if one.target_seq is None])
    _become("applied", [one for one in able if one.kind == "void"])
    new = _put_in_place([one for one in able if one.kind == "amend"], meters, now)
    changed = {(one.target_source, one.target_id) for one in able}
    if changed:
        _let_stand(changed, new, meters, now=now, count=count)
    return len(looked_at)


def _become(state: str, corrections: Sequence[_Waiting]) -> None:
    if corrections:
        hot.run(
            "UPDATE correction SET state = %s WHERE seq = ANY (%s)", [state, [one.seq for one in corrections]]
        )


def _put_in_place(
    amendments: list[_Waiting], meters: Sequence[Published], now: datetime
) -> dict[Identity, _Numbered]:
    """Store what amendments put in their targets' places, those that are amended themselves first."""
    made: dict[Identity, _Numbered] = {}
    while amendments:
        on_amendments = [one for one in amendments if one.target_type == "abaque.amend"]
        standing = _standing_of(on_amendments)
        ready = {
            one.seq: standing.get(one.seq, _Numbered(one.target_seq or 0, one.target_time or now))
            for one in amendments
            if one.seq in standing or one.target_type != "abaque.amend"
        }
        if not ready:
            break
        made |= _replacements(ready, meters, now)
        amendments = [one for one in amendments if one.seq not in ready]
    _become("waiting", amendments)
    if made:
        hot.run(
            sql.READY_ALSO,
            [[source for source, _ in made], [identity for _, identity in made]],
        )
    return made


def _standing_of(amendments: Sequence[_Waiting]) -> dict[int, _Numbered]:
    """Return what the amendments that are amended put in their targets' places, where they did."""
    found = hot.rows(
        "SELECT seq, stands_seq, stands_time FROM correction WHERE seq = ANY (%s) AND stands_seq IS NOT NULL",
        [[one.target_seq for one in amendments]],
    )
    stands = {seq: _Numbered(number, moment) for seq, number, moment in found}
    return {one.seq: stands[one.target_seq] for one in amendments if one.target_seq in stands}


def _replacements(
    ready: dict[int, _Numbered], meters: Sequence[Published], now: datetime
) -> dict[Identity, _Numbered]:
    newest = max((meter.id for meter in meters), default=0)
    intake = hot.rows(
        "INSERT INTO intake (received_at, accepted, rejected, metered_at, meters) VALUES (%s, 0, 0, %s, %s)"
        " RETURNING id",
        [now, now, newest],
    )[0][0]
    found = hot.rows(
        sql.REPLACEMENTS,
        {
            "intake": intake,
            "amends": list(ready),
            "targets": [one.seq for one in ready.values()],
            "target_times": [one.time for one in ready.values()],
        },
    )
    return {(source, identity): _Numbered(seq, moment) for source, identity, seq, moment in found}


def _let_stand(
    changed: set[Identity],
    new: dict[Identity, _Numbered],
    meters: Sequence[Published],
    *,
    now: datetime,
    count: Count,
) -> None:
    """Work out what stands in every tree that changed, and bring usage after it."""
    wanted, numbers = _wanted(changed, new)
    before = {
        row[0]
        for row in hot.rows(
            "SELECT seq FROM struck WHERE seq = ANY (%s)", [[n.seq for n in numbers.values()]]
        )
    }
    fallen = [n for identity, n in numbers.items() if identity in wanted]
    risen = [n for identity, n in numbers.items() if identity not in wanted and n.seq in before]
    hot.run("DELETE FROM struck WHERE seq = ANY (%s)", [[n.seq for n in risen]])
    _strike(wanted, numbers)
    known = {n.seq for n in new.values()}
    asked = {"far": now + FAR_FUTURE, "key": settings.HASHING_KEY}
    fresh = [n for identity, n in new.items() if identity not in wanted]
    for events, first_time in ((fresh, True), (risen, False)):
        if events:
            count(meters, BY_NUMBER, _numbered(events) | asked, first_time=first_time)
    gone = [n for n in fallen if n.seq not in before and n.seq not in known]
    if gone:
        _uncount(gone, meters, asked=asked, count=count)


def _wanted(
    changed: set[Identity], new: dict[Identity, _Numbered]
) -> tuple[dict[Identity, Struck], dict[Identity, _Numbered]]:
    """Return what must not stand in the trees of some identities, and the numbers of all that may."""
    sources, ids = [source for source, _ in changed], [identity for _, identity in changed]
    tree = hot.rows(sql.TREE, {"sources": sources, "ids": ids})
    corrections = [
        Correction(time, source, identity, CorrectionKind(kind), (target_source, target_id))
        for source, identity, time, kind, target_source, target_id, _, _ in tree
    ]
    numbers = {(row[0], row[1]): _Numbered(row[6], row[7]) for row in tree if row[6] is not None} | new
    plain = sorted({one.target for one in corrections} - {one.identity for one in corrections})
    asked = {"sources": [source for source, _ in plain], "ids": [identity for _, identity in plain]}
    numbers |= {
        (source, identity): _Numbered(seq, at) for source, identity, seq, at in hot.rows(sql.NUMBERS, asked)
    }
    wanted = struck(corrections)
    return {identity: state for identity, state in wanted.items() if identity in numbers}, numbers


def _strike(wanted: dict[Identity, Struck], numbers: dict[Identity, _Numbered]) -> None:
    rows = sorted(
        (numbers[identity].seq, numbers[identity].time, state.fate.value, *state.by)
        for identity, state in wanted.items()
    )
    columns = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    names = ("seqs", "times", "fates", "sources", "ids")
    hot.run(sql.STRIKE, {name: list(column) for name, column in zip(names, columns, strict=True)})


def _uncount(
    events: Sequence[_Numbered], meters: Sequence[Published], *, asked: dict[str, Any], count: Count
) -> None:
    """Take events out of usage: what they counted for goes to the next attempt, or is made anew without them."""
    numbered = _numbered(events)
    cells: set[Cell] = set(hot.rows(sql.touched(list(meters)), numbered | asked))
    lost = hot.rows(sql.CLEAR, numbered)
    cells |= {(customer, meter, slot, grp) for customer, meter, _, slot, grp in lost}
    for meter in meters:
        if mine := [row for row in lost if row[1] == meter.id]:
            _succeed(meter, mine, asked=asked, count=count)
    by_meter: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_meter[cell[1]].append(cell)
    for meter in meters:
        if touched := by_meter.get(meter.id):
            unique = meter.definition["aggregate"] == "unique"
            hot.run(
                sql.recompute(meter, unique=unique),
                {
                    "meter": meter.id,
                    "customers": [cell[0] for cell in touched],
                    "slots": [cell[2] for cell in touched],
                    "groups": [cell[3] for cell in touched],
                    **asked,
                },
            )


def _succeed(meter: Published, lost: Sequence[hot.Row], *, asked: dict[str, Any], count: Count) -> None:
    found = hot.rows(
        sql.SUCCESSORS,
        {
            "customers": [row[0] for row in lost],
            "meters": [row[1] for row in lost],
            "operations": [row[2] for row in lost],
        },
    )
    if found:
        seqs, times = [row[0] for row in found], [row[1] for row in found]
        hot.run(FORGET, {"seqs": seqs, "meter": meter.id})
        count([meter], BY_NUMBER, {"seqs": seqs, "times": times, **asked})


def _numbered(events: Sequence[_Numbered]) -> dict[str, list[int] | list[datetime]]:
    return {"seqs": [one.seq for one in events], "times": [one.time for one in events]}
