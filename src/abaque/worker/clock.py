"""The worker's clocks: metering all the time, and what falls due every few seconds."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from abaque.billing.close_period import close
from abaque.billing.issue import issue_approved
from abaque.billing.jobs import defer, defer_once
from abaque.billing.meter import meter_chunk, recount_chunk
from abaque.billing.permissions import SYSTEM
from abaque.storage import clock, hot
from abaque.storage.models import Action, Comparison, Push
from abaque.worker.abandoned import take_back
from abaque.worker.tasks import ATTEMPTS_MAX

METER_PAUSE = 0.1
RECOUNT_PAUSE = 0.5
DUE_PAUSE = 60.0
MONTHS_AHEAD = 3
HOUR = timedelta(hours=1)

log = logging.getLogger("abaque.worker")


def meter_forever(stop: threading.Event) -> None:
    """Meter what is captured; wait a moment when nothing is there. What was metered is looked at again less often."""
    looked = -RECOUNT_PAUSE

    def step() -> bool:
        nonlocal looked
        done = meter_chunk(now=clock.now())
        if done or time.monotonic() - looked >= RECOUNT_PAUSE:
            again = recount_chunk(now=clock.now())
            if not again:
                looked = time.monotonic()
            done += again
        return bool(done)

    _forever(stop, METER_PAUSE, step)


def due_forever(stop: threading.Event) -> None:
    """Do what falls due: abandoned jobs, partitions, seals, drafts, approved invoices, the hourly comparison."""
    _forever(stop, DUE_PAUSE, due_work)


def due_work() -> bool:
    """Do what is due now by the folder's clock. It makes way for a close that somebody asked for."""
    take_back(ATTEMPTS_MAX)
    now = clock.now()
    make_partitions(now)
    seen = _fingerprint(now)
    if seen != _last_seen.get("close"):
        close(now, now=now, by=SYSTEM, background=True)
        _last_seen["close"] = seen
    issue_approved(now=now, by=SYSTEM)
    # What was held, or not taken, goes on its way once it may.
    for connector in Push.objects.filter(acknowledged_at=None).values_list("connector", flat=True).distinct():
        defer_once("abaque.push", connector)
    last = Comparison.objects.order_by("-pk").first()
    if last is None or last.started_at <= now - HOUR or last.started_at > now:
        defer("abaque.reconcile")
    return False


# What the last pass of this process saw; a folder in which nothing happened is left in peace.
_last_seen: dict[str, tuple[object, ...]] = {}


def _fingerprint(now: datetime) -> tuple[object, ...]:
    """Return what changes when something may have fallen due: the hour, what came in, what people did."""
    captured = hot.rows("SELECT max(id) FROM intake")[0][0]
    acted = Action.objects.exclude(actor=str(SYSTEM)).order_by("-pk").values_list("pk", flat=True).first()
    return now.date(), now.hour, captured, acted


def make_partitions(now: datetime) -> None:
    """Make month partitions ahead of need: from the last month to some months ahead."""
    first = (now.replace(day=1) - timedelta(days=1)).replace(day=1).date()
    hot.rows("SELECT abaque_make_partitions(%s, %s)", [first, MONTHS_AHEAD + 2])


def _forever(stop: threading.Event, pause: float, step: Callable[[], bool]) -> None:
    while not stop.is_set():
        try:
            close_old_connections()
            if not step():
                stop.wait(pause)
        except (DatabaseError, InterfaceError):
            log.exception("the database failed; trying again")
            connection.close()
            time.sleep(1)
        except Exception:
            log.exception("a step of the clock failed; trying again")
            connection.close()
            stop.wait(max(pause, 5))
