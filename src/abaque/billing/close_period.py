"""Close: one pass of the billing clock. Drafts are made at once; issue waits for review and for the checks.

A long verb is a loop of chunks, one transaction each: after a crash the next pass goes on where this
one stopped, and a second pass changes nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from abaque.billing.drafting import drafts_of, forget_others, store
from abaque.billing.fold_days import fold_days
from abaque.billing.meter import drain
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result, perform
from abaque.billing.seal import seal_all
from abaque.core.period import local_midnight
from abaque.storage import hot
from abaque.storage.models import Run, Subscription

CHUNK = 100
# Where a day begins first: a day's close is in the future until it has begun somewhere.
EARLIEST = "Pacific/Kiritimati"
_LOCK = 0x636C6F7365


@dataclass(frozen=True, slots=True)
class ClosePeriod:
    """Draft everything that falls due up to and including `until`, an instant."""

    until: datetime


@dataclass(frozen=True, slots=True)
class DraftSubscriptions:
    run: str
    subscriptions: tuple[int, ...]
    until: datetime
    day: date | None


def close_period(command: ClosePeriod, *, now: datetime, by: Actor) -> Result:
    """Open a run. Refused `close_in_future`: a period that is not over cannot be closed."""
    if command.until > now:
        raise Refused("close_in_future", until=command.until, now=now)
    run = Run.objects.create(until=command.until, started_at=now)
    return {"run": run.public_id, "subject": run.public_id, "closed_by": str(by)}


def draft_subscriptions(command: DraftSubscriptions, *, now: datetime, by: Actor) -> Result:
    """Draft what is due for some subscriptions; a stored draft that no longer fits is replaced."""
    # Locked first: two passes that draft the same subscriptions take turns.
    subscriptions = _subscriptions(command.subscriptions)
    asked = [(one, _until(command, one, now)) for one in subscriptions]
    drafts, faults = drafts_of(asked, now=now)
    changed = store(drafts, now=now) + forget_others(drafts, asked)
    refused = [{"subscription": one.public_id, "fault": str(fault)} for one, fault in faults]
    return {
        "subject": command.run,
        "drafts": len(drafts),
        "changed": changed,
        "refused": refused,
        "drafted_by": str(by),
    }


def _until(command: DraftSubscriptions, subscription: Subscription, now: datetime) -> datetime:
    """Return the moment up to which a subscription is drafted: a day's midnight is its customer's own."""
    if command.day is None:
        return command.until
    return min(now, local_midnight(command.day, subscription.customer.zone))


def _subscriptions(ids: tuple[int, ...]) -> list[Subscription]:
    return list(
        Subscription.objects.select_for_update(of=("self",))
        .filter(pk__in=ids)
        .select_related("customer__issuer", "plan_version__plan")
        .order_by("pk")
    )


def close(
    until: datetime | date,
    *,
    now: datetime,
    by: Actor,
    progress: Callable[[int, int], None] | None = None,
    background: bool = False,
) -> dict[str, Any]:
    """Meter, seal and draft all that is due up to an instant, or up to a day's midnight where each customer is.

    Refused `close_running` while another close runs, `close_in_future`. In the background, where the clock
    closes by itself, it makes way for whoever asks for a close: nobody is refused because of it.
    """
    day = None if isinstance(until, datetime) else until
    instant = until if isinstance(until, datetime) else local_midnight(until, EARLIEST)
    facts: dict[str, Any] = {"subscriptions": 0, "drafts": 0, "changed": 0, "refused": []}
    with nullcontext() if background else only_one_close():
        opened = perform(close_period, ClosePeriod(instant), now=now, by=by)
        drain(now=now)
        fold_days(now=now)
        seal_all(now=now, by=by)
        starting = Subscription.objects.filter(starts_at__lt=instant + timedelta(days=2)).order_by("pk")
        ids = list(starting.values_list("pk", flat=True))
        for start in range(0, len(ids), CHUNK):
            if background and close_runs():
                break
            chunk = tuple(ids[start : start + CHUNK])
            command = DraftSubscriptions(opened["run"], chunk, min(now, instant), day)
            done = perform(draft_subscriptions, command, now=now, by=by)
            for name in ("drafts", "changed", "refused"):
                facts[name] += done[name]
            facts["subscriptions"] += len(chunk)
            if progress is not None:
                progress(facts["subscriptions"], len(ids))
        Run.objects.filter(public_id=opened["run"]).update(finished_at=now, facts=facts)
    return {"run": opened["run"], **facts}


def close_runs() -> bool:
    """Whether somebody's close runs at this moment."""
    found: bool = hot.rows(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
        " AND (classid::bigint << 32 | objid::bigint) = %s"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
        [_LOCK],
    )[0][0]
    return found


@contextmanager
def only_one_close() -> Iterator[None]:
    """Hold the close lock for as long as the block runs; the database frees it if the process dies."""
    if not hot.rows("SELECT pg_try_advisory_lock(%s)", [_LOCK])[0][0]:
        raise Refused("close_running")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            hot.rows("SELECT pg_advisory_unlock(%s)", [_LOCK])
