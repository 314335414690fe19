"""Meter: what was captured becomes fates and usage, in chunks of one transaction each."""

import time
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from abaque.billing.capturing.capture import FAR_FUTURE
from abaque.storage import hot
from abaque.storage.models import Recount
from abaque.storage.sql import metering as sql

CHUNK_EVENTS = 20_000
_OTHERS_PAUSE = 0.02

# Metering takes it shared; a recount takes it alone, so that no chunk that has not seen a new meter
# commits behind its back.
_LOCK = 0x6D65746572

_WAITS = """
SELECT EXISTS (SELECT FROM intake WHERE metered_at IS NULL) OR EXISTS (SELECT FROM recount WHERE done_at IS NULL)
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
        hot.rows("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])
        claimed = hot.rows(sql.CLAIM, {"events": events})
        if not claimed:
            return 0
        _temporary()
        spans = [(first, last) for _, first, last in claimed if first is not None]
        intakes = [row[0] for row in claimed]
        if spans:
            _judge(
                sql.JUDGE_INTAKES,
                {
                    "intakes": intakes,
                    "first": min(first for first, _ in spans),
                    "last": max(last for _, last in spans),
                    "far": now + FAR_FUTURE,
                },
            )
        hot.run(sql.DONE, {"now": now, "intakes": intakes})
    return len(claimed)


def recount_chunk(*, now: datetime, events: int = CHUNK_EVENTS) -> int:
    """Judge again what a mended cause freed: a new meter, a customer now known, a time now past.

    Returns how much it did, causes that had freed nothing included: zero means that none waits any more.
    """
    with transaction.atomic():
        causes = _causes(now)
        if not causes:
            return 0
        hot.rows("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        _temporary()
        found = done = 0
        for recount, again, forget in causes:
            picked = hot.run(
                again,
                {
                    "types": recount.event_types if recount else None,
                    "subjects": recount.subjects if recount else None,
                    "events": events,
                    "far": now + FAR_FUTURE,
                },
            )
            found += picked
            if picked:
                hot.run("ANALYZE again")
                hot.run(forget)
                _judge(sql.JUDGE_AGAIN, {"far": now + FAR_FUTURE})
                hot.run("TRUNCATE again, judged, won")
            if recount is not None and picked < events:
                recount.done_at = now
                recount.save(update_fields=["done_at"])
                done += 1
    return found + done


def _causes(now: datetime) -> list[tuple[Recount | None, str, str]]:
    """Return what there is to look at again; metering comes first, since only the metered can be recounted."""
    asked = list(Recount.objects.select_for_update(skip_locked=True).filter(done_at=None).order_by("id")[:4])
    causes: list[tuple[Recount | None, str, str]] = []
    for recount in asked:
        if recount.event_types:
            causes.append((recount, sql.AGAIN_TYPES, sql.NO_LONGER_RECORDED))
        else:
            causes.append((recount, sql.AGAIN_SUBJECTS, sql.FORGET_AGAIN))
    due = hot.rows(
        "SELECT 1 FROM fate WHERE fate = 'quarantined' AND reason = 'future' AND time <= %s LIMIT 1",
        [now + FAR_FUTURE],
    )
    if due:
        causes.append((None, sql.AGAIN_FUTURE, sql.FORGET_AGAIN))
    return causes


def _temporary() -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.TEMPORARY)


def _judge(statement: str, parameters: dict[str, Any]) -> None:
    """Judge pairs of event and meter, and write fates and usage in key order."""
    hot.run(statement, parameters)
    hot.run("ANALYZE judged")
    hot.run(sql.OPERATIONS)
    hot.run("ANALYZE won")
    hot.run(sql.OTHER_ATTEMPTS)
    hot.run(sql.DISPLACED)
    hot.run(sql.FATES)
    hot.run(sql.USAGE)
    hot.run(sql.UNIQUE)
    hot.rows(sql.TELL)
