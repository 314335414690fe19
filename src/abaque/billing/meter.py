"""Meter: what was captured becomes fates and usage, in chunks of one transaction each."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from abaque.billing.backfills import revert_some
from abaque.billing.capturing.capture import FAR_FUTURE
from abaque.billing.correct import correct_waiting
from abaque.storage import hot
from abaque.storage.models import Backfill, Recount
from abaque.storage.read.fates import counting
from abaque.storage.sql import metering as sql
from abaque.storage.sql.metering import Published

CHUNK_EVENTS = 20_000
_OTHERS_PAUSE = 0.02

# Metering takes it shared; what looks again at events that were metered takes it alone, so that no chunk that
# has not seen a new meter, or a correction, commits behind its back.
LOCK = 0x6D65746572

_WAITS = """
SELECT EXISTS (SELECT FROM intake WHERE metered_at IS NULL
               AND (backfill_id IS NULL OR backfill_id IN (SELECT id FROM backfill WHERE state = 'closed')))
    OR EXISTS (SELECT FROM recount WHERE done_at IS NULL)
    OR EXISTS (SELECT FROM correction WHERE state IN ('new', 'ready'))
    OR EXISTS (SELECT FROM backfill WHERE state = 'reverting')
"""

_FORGET = """
DELETE FROM {table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM {table} WHERE meter_id = ANY (%(meters)s) LIMIT %(rows)s))
"""


def drain(*, now: datetime) -> int:
    """Meter everything that waits, and wait for what another meter has in hand. Returns the chunks' work."""
    total = 0
    while True:
        chunk = meter_chunk(now=now) + recount_chunk(now=now)
        total += chunk
        if not chunk:
            if not hot.rows(_WAITS)[0][0]:
                return total
            time.sleep(_OTHERS_PAUSE)


def meter_chunk(*, now: datetime, events: int = CHUNK_EVENTS) -> int:
    """Claim and meter waiting intakes in one transaction. Returns how many intakes it finished.

    Any number of meters may run: claimed rows are skipped by the others, and a crash gives them back.
    """
    with transaction.atomic():
        hot.lock(LOCK, shared=True)
        claimed = hot.rows(sql.CLAIM, {"events": events})
        if claimed:
            meter_intakes(claimed, now=now)
    return len(claimed)


def meter_intakes(claimed: Sequence[hot.Row], *, now: datetime) -> None:
    """Meter intakes in the current transaction: rows of id, first and last time."""
    meters = counting()
    spans = [(first, last) for _, first, last in claimed if first is not None]
    intakes = [row[0] for row in claimed]
    if spans:
        asked = {
            "intakes": intakes,
            "first": min(first for first, _ in spans),
            "last": max(last for _, last in spans),
            "far": now + FAR_FUTURE,
        }
        count(meters, sql.OF_INTAKES, asked, first_time=True)
        if hot.rows("SELECT EXISTS (SELECT FROM correction WHERE state = 'waiting')")[0][0]:
            hot.run(sql.READY.format(events=sql.OF_INTAKES), asked)
    newest = max((meter.id for meter in meters), default=0)
    hot.run(sql.DONE, {"now": now, "intakes": intakes, "meters": newest})


def alone(*, within: str = hot.FOR_EVER) -> None:
    """Let no meter run until the transaction ends; whoever commits before is seen from here on."""
    hot.lock(LOCK, within=within)


def recount_chunk(*, now: datetime, events: int = CHUNK_EVENTS) -> int:
    """Look again at what was metered: a new meter, a customer now known, a time now past, corrections.

    Returns how much it did, causes that had freed nothing included: zero means that none waits any more.
    """
    with transaction.atomic():
        asked = list(
            Recount.objects.select_for_update(skip_locked=True).filter(done_at=None).order_by("id")[:4]
        )
        future = hot.rows(
            f"SELECT 1 FROM fate f WHERE {sql.OPEN} AND reason = 'future' AND time <= %s LIMIT 1",
            [now + FAR_FUTURE],
        )
        corrections = hot.rows("SELECT EXISTS (SELECT FROM correction WHERE state IN ('new', 'ready'))")[0][0]
        reverting = list(
            Backfill.objects.select_for_update(skip_locked=True).filter(state=Backfill.State.REVERTING)[:1]
        )
        if not (asked or future or corrections or reverting):
            return 0
        alone()
        done = sum(_recount(one, now, events) for one in asked)
        if future:
            done += len(_free(sql.OF_FUTURE, {"events": events}, now))
        if corrections:
            done += correct_waiting(counting(), now=now, count=count)
        for backfill in reverting:
            done += revert_some(backfill, now=now, count=count, meter_intakes=meter_intakes)
    return done


def count(
    meters: Sequence[Published], events: str, asked: dict[str, Any], *, first_time: bool = False
) -> None:
    """Judge events for meters, and write fates and usage in key order. `events` is SQL that takes `asked`."""
    hot.run(sql.BY_INDEX)
    deciding = sql.has_operations(meters)
    if deciding:
        hot.run(sql.TEMPORARY)
    hot.rows(sql.count(meters, events=events, first_time=first_time), asked)
    if deciding:
        hot.run("ANALYZE attempted")
        hot.run(sql.OPERATIONS)
        hot.run("ANALYZE won")
        hot.run(sql.ATTEMPTS)
        hot.run(sql.operations_used(meters))
        hot.run("TRUNCATE attempted, won, keyless")


def _recount(recount: Recount, now: datetime, events: int) -> int:
    if recount.meters:
        picked = _count_for_new(recount, now, events)
    else:
        asked = {"subjects": recount.subjects, "seqs": recount.seqs, "reached": recount.reached}
        found = _free(sql.OF_SUBJECTS if recount.subjects else sql.OF_SEQS, asked | {"events": events}, now)
        picked = len(found)
        if found:
            recount.reached = found[-1][0]
    if picked < events:
        recount.done_at = now
    recount.save(update_fields=["done_at", "reached"])
    return picked + 1


def _count_for_new(recount: Recount, now: datetime, events: int) -> int:
    """Let new meters look at what was metered before they were known."""
    new = recount.meters or []
    meters = [meter for meter in counting() if meter.id in new]
    if not meters:  # a candidate that was discarded
        return sum(
            hot.run(_FORGET.format(table=table), {"meters": new, "rows": events})
            for table in ("usage", "unique_value", "operation", "mark", "fate")
        )
    types = sorted({one for meter in meters for one in meter.definition["event_types"]})
    found = hot.rows(
        sql.OF_NEW_METERS,
        {"reached": recount.reached, "types": types, "meter": min(new), "events": events},
    )
    if found:
        recount.reached = found[-1][0]
        _count_numbered(meters, found, now)
    if len(found) < events:
        hot.run(
            "DELETE FROM recorded_type WHERE type = ANY (%s) AND type IN (SELECT unnest(event_types) FROM meter)",
            [types],
        )
    return len(found)


def _free(statement: str, asked: dict[str, Any], now: datetime) -> list[hot.Row]:
    """Judge anew what was kept aside for a cause that is mended. Returns what was picked."""
    found = hot.rows(statement, {**asked, "far": now + FAR_FUTURE})
    by_meter: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for seq, moment, meters in found:
        for meter in meters:
            by_meter[meter].append((seq, moment))
    for meter in counting():
        if pairs := by_meter.get(meter.id):
            hot.run(sql.FORGET, {"seqs": [seq for seq, _ in pairs], "meter": meter.id})
            _count_numbered([meter], pairs, now)
    return found


def _count_numbered(meters: Sequence[Published], events: Sequence[tuple[Any, ...]], now: datetime) -> None:
    seqs, times = [one[0] for one in events], [one[1] for one in events]
    count(meters, sql.BY_NUMBER, {"seqs": seqs, "times": times, "far": now + FAR_FUTURE})
