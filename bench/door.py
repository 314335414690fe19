"""The door and the meter, by HTTP and with the real processes."""

import time

from bench.sending import SINGLES, Report, Sender
from bench.stage import Stage, worker
from bench.table import Row, rate

from abaque.billing.meter import drain
from abaque.storage import clock, hot
from abaque.storage.models import Run

_SENDERS = 2
_SINGLE_SECONDS = 5.0
_SINGLES_PROMISED = 5000


def batches(stage: Stage, count: int, customers: int, floor: float) -> list[Row]:
    """Send batches of 1,000 from two processes; the backlog is then worked off by one meter."""
    taken, seconds = send(stage, "batch", count, customers)
    share = taken / seconds / floor
    backlog = hot.rows("SELECT coalesce(sum(accepted), 0) FROM intake WHERE metered_at IS NULL")[0][0]
    start = time.perf_counter()
    drain(now=clock.now())
    metering = time.perf_counter() - start
    return [
        Row(
            "door: batches of 1,000, 2 senders",
            rate(taken, seconds),
            share,
            "≥ 0.35 of the floor",
            share >= 0.35,
        ),
        Row(
            "meter alone: a backlog at the pace of 100 events a second",
            rate(int(backlog), metering),
            int(backlog) / metering / floor,
        ),
    ]


def door_to_usage(stage: Stage, count: int, customers: int, floor: float) -> Row:
    """Send while the worker meters, from the first byte until nothing waits any more."""
    with worker():
        _warm_up(stage, customers)
        taken, sending = send(stage, "sustained", count, customers)
        start = time.perf_counter()
        until_metered()
        seconds = sending + time.perf_counter() - start
    share = taken / seconds / floor
    return Row(
        "door to usage: batches, drained", rate(taken, seconds), share, "≥ 0.20 of the floor", share >= 0.20
    )


def singles(stage: Stage, customers: int, floor: float) -> tuple[list[Row], float]:
    """Send single events from one process over 64 connections. Returns also half load: of what is promised at most."""
    fast = singles_at(stage, "fast", 0, customers)
    reached = fast.taken / fast.seconds
    half = min(reached, _SINGLES_PROMISED) / 2
    paced = singles_at(stage, "paced", half, customers)
    return [
        Row(
            f"door: single events, {SINGLES} connections",
            f"{reached:,.0f} events/s, {_waits(fast)}",
            reached / floor,
            "≥ 5,000/s",
            reached >= _SINGLES_PROMISED,
        ),
        Row(
            f"  at half load, {half:,.0f} events/s",
            _waits(paced),
            budget="p99 ≤ 30 ms",
            met=paced.p99 <= 30,
        ),
    ], half


def send(stage: Stage, name: str, count: int, customers: int, *, ids: str = "random") -> tuple[int, float]:
    """Return the events taken and the seconds from the first byte to the last answer."""
    share = count // _SENDERS
    senders = [
        Sender("batches", stage.port, stage.key, f"{name}-{n}", share, customers, ids)
        for n in range(_SENDERS)
    ]
    start = time.perf_counter()
    for sender in senders:
        sender.begin()
    taken = sum(sender.report().taken for sender in senders)
    if taken != share * _SENDERS:
        raise RuntimeError(f"sent {share * _SENDERS} events, {taken} were accepted")
    return taken, time.perf_counter() - start


def singles_at(stage: Stage, name: str, pace: float, customers: int) -> Report:
    """Send single events at a pace for some seconds; at 0 as fast as they are answered."""
    sender = Sender("singles", stage.port, stage.key, f"single-{name}", pace, _SINGLE_SECONDS, customers)
    sender.begin()
    return sender.report()


def _waits(seen: Report) -> str:
    return f"p50 {seen.p50:.1f} ms, p99 {seen.p99:.1f} ms"


def _warm_up(stage: Stage, customers: int) -> None:
    """See the worker do its first work, the drafts of the month included, so that its start is not measured."""
    send(stage, "warm", 2000, customers)
    until_metered()
    while not Run.objects.filter(finished_at__isnull=False).exists():
        time.sleep(0.1)


def until_metered() -> None:
    """Wait until nothing that was taken in waits for the meter."""
    while hot.rows("SELECT EXISTS (SELECT FROM intake WHERE metered_at IS NULL)")[0][0]:
        time.sleep(0.01)
