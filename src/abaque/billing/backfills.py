"""Back-fills: events of the past are sent together, looked at, then metered or reverted, all of them.

While one is open its events are stored and wait; hours it may touch are not sealed. A back-fill that is reverted
voids each of its events by an `abaque.void` of our own, so that what stands follows from corrections alone.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

from abaque.billing.capturing import Form, Sent, capture, read_body
from abaque.billing.correct import Count, correct_waiting
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.storage import archived, hot
from abaque.storage.models import Backfill
from abaque.storage.read.fates import counting
from abaque.storage.sql import backfilling as sql
from abaque.storage.sql.metering import DONE, OF_INTAKES, READY

#: The source of the voids that revert a back-fill.
SOURCE = "abaque:backfill"
REVERT_EVENTS = 2_000


@dataclass(frozen=True, slots=True)
class OpenBackfill:
    """`[starts_at, ends_at)` is what its events may lie in; `sources` and `types` empty: any."""

    name: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    sources: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CloseBackfill:
    """`backfill`: public id."""

    backfill: str


@dataclass(frozen=True, slots=True)
class RevertBackfill:
    """`backfill`: public id. `reason` is said of each event that it voids."""

    backfill: str
    reason: str


def open_backfill(command: OpenBackfill, *, now: datetime, by: Actor) -> Result:
    """Open a back-fill: until it is closed or reverted, hours of its span wait.

    Refused `missing_reason`, `missing_name`, `empty_span`.
    """
    if not command.name.strip():
        raise Refused("missing_name")
    if not command.reason.strip():
        raise Refused("missing_reason")
    if command.starts_at >= command.ends_at:
        raise Refused("empty_span", start=command.starts_at, end=command.ends_at)
    made = Backfill.objects.create(
        name=command.name.strip(),
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        sources=list(command.sources),
        types=list(command.types),
        reason=command.reason.strip(),
        opened_at=now,
    )
    return _done(made, by)


def close_backfill(command: CloseBackfill, *, now: datetime, by: Actor) -> Result:
    """Let a back-fill's events be metered.

    Refused `unknown_backfill`, `backfill_not_open`, `backfill_strays`: it holds events that it was not opened for,
    `backfill_holds_voids`: what is voided cannot be reverted.
    """
    one = _locked(command.backfill)
    if one.state != Backfill.State.OPEN:
        raise Refused("backfill_not_open", backfill=command.backfill, state=one.state)
    strays, voids = hot.rows(sql.STRAYS, {"backfill": one.pk})[0]
    if strays:
        raise Refused("backfill_strays", backfill=command.backfill, events=strays)
    if voids:
        raise Refused("backfill_holds_voids", backfill=command.backfill, events=voids)
    one.state, one.closed_at = Backfill.State.CLOSED, now
    one.save(update_fields=["state", "closed_at"])
    return _done(one, by)


def revert_backfill(command: RevertBackfill, *, now: datetime, by: Actor) -> Result:
    """Take all of a back-fill back, open or closed: its events stay stored and never count.

    The meter does it in chunks, within seconds. Refused `unknown_backfill`, `missing_reason`,
    `backfill_reverted`, `backfill_archived` where some of its events are.
    """
    if not command.reason.strip():
        raise Refused("missing_reason")
    one = _locked(command.backfill)
    if one.state not in {Backfill.State.OPEN, Backfill.State.CLOSED}:
        raise Refused("backfill_reverted", backfill=command.backfill)
    until = archived.until()
    if hot.rows(sql.BEFORE, {"backfill": one.pk, "until": until})[0][0]:
        raise Refused("backfill_archived", backfill=command.backfill, until=f"{until:%Y-%m-%d}")
    one.state, one.reverted_at, one.revert_reason = Backfill.State.REVERTING, now, command.reason.strip()
    one.save(update_fields=["state", "reverted_at", "revert_reason"])
    return _done(one, by)


@contextmanager
def filling(backfill: str) -> Iterator[psycopg.Connection[Any]]:
    """Whatever is captured inside on the connection belongs to an open back-fill; committed at the end.

    Refused `unknown_backfill`, `backfill_not_open`.
    """
    with transaction.atomic():
        found = hot.rows("SELECT id, state FROM backfill WHERE public_id = %s FOR SHARE", [backfill])
        if not found:
            raise Refused("unknown_backfill", backfill=backfill)
        number, state = found[0]
        if state != Backfill.State.OPEN:
            raise Refused("backfill_not_open", backfill=backfill, state=state)
        _belongs_to(number)
        yield connection.connection
        _belongs_to(None)


def revert_some(one: Backfill, *, now: datetime, count: Count, meter_intakes: Callable[..., None]) -> int:
    """Void the events of a reverted back-fill's next intakes, in the meter's transaction, while no meter runs.

    Returns how many intakes it looked at; none: all are done.
    """
    found = hot.rows(sql.INTAKES, {"backfill": one.pk, "reached": one.reached, "events": REVERT_EVENTS})
    if not found:
        one.state = Backfill.State.REVERTED
        one.save(update_fields=["state"])
        return 1
    waiting = [row for row in found if row[3]]
    if waiting:
        _never_metered(waiting, now)
    intakes = [row[0] for row in found]
    events = hot.rows(sql.EVENTS, {"intakes": intakes})
    if events:
        _void(one, events, now)
        voids = hot.rows(sql.UNMETERED, {"backfill": -one.pk})
        meter_intakes(voids, now=now)
        while correct_waiting(counting(), now=now, count=count):
            pass
    one.reached = intakes[-1]
    one.save(update_fields=["reached"])
    return len(found)


def _never_metered(intakes: list[hot.Row], now: datetime) -> None:
    """Events that were not metered yet are passed over: they are voided before anything counts them."""
    newest = max((meter.id for meter in counting()), default=0)
    numbers = [row[0] for row in intakes]
    hot.run(DONE, {"now": now, "intakes": numbers, "meters": newest})
    spans = [(first, last) for _, first, last, _ in intakes if first is not None]
    if spans:
        asked = {
            "intakes": numbers,
            "first": min(first for first, _ in spans),
            "last": max(last for _, last in spans),
        }
        hot.run(READY.format(events=OF_INTAKES), asked)


def _void(one: Backfill, events: list[hot.Row], now: datetime) -> None:
    reason = f"{one.public_id}: {one.revert_reason}"
    voids = [
        {
            "specversion": "1.0",
            "source": SOURCE,
            "id": f"{one.public_id}/{seq}",
            "type": "abaque.void",
            "time": now.isoformat(),
            "data": {"source": source, "id": identity, "reason": reason},
        }
        for seq, source, identity in events
    ]
    _belongs_to(-one.pk)
    body = read_body(json.dumps(voids).encode(), Form.BATCH)
    taken = capture(connection.connection, body, Sent(now, None, settings.HASHING_KEY))
    assert taken.accepted == len(voids), taken.verdicts[:1]
    _belongs_to(None)


def _belongs_to(number: int | None) -> None:
    """Say which back-fill the intakes of this transaction belong to; below zero: to the voids that revert it."""
    hot.rows("SELECT set_config('abaque.backfill', %s, true)", ["" if number is None else str(number)])


def _locked(backfill: str) -> Backfill:
    found = Backfill.objects.select_for_update().filter(public_id=backfill).first()
    if found is None:
        raise Refused("unknown_backfill", backfill=backfill)
    return found


def _done(one: Backfill, by: Actor) -> Result:
    return {
        "id": one.public_id,
        "state": one.state,
        "subject": f"backfill:{one.public_id}",
        "done_by": str(by),
    }
