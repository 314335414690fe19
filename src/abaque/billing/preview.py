"""Preview: what a candidate's adoption, or the closing of a back-fill, would change. Nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from abaque.billing.correct import correct_waiting
from abaque.billing.effects import Effect, effects, lately
from abaque.billing.meter import CHUNK_EVENTS, alone, count, meter_intakes
from abaque.billing.runner import Refused
from abaque.billing.versions import still_filling
from abaque.storage import hot
from abaque.storage.models import Backfill, Meter
from abaque.storage.read.fates import counting, published
from abaque.storage.sql import backfilling as sql
from abaque.storage.sql.judging import keeps_marks


@dataclass(frozen=True, slots=True)
class Preview:
    """`aside` says of how many events, by reason, that they would be quarantined. `filling`: not all is in yet."""

    effects: tuple[Effect, ...]
    aside: dict[str, int]
    filling: bool = False


def preview_meter(version: str, *, now: datetime) -> Preview:
    """Compare a candidate with the version that stands. Refused `unknown_candidate`."""
    candidate = Meter.versions.filter(public_id=version, standing=Meter.Standing.CANDIDATE).first()
    if candidate is None:
        raise Refused("unknown_candidate", version=version)
    standing = Meter.objects.get(code=candidate.code)
    pair = (standing.pk, candidate.pk)
    customers = [
        row[0]
        for row in hot.rows("SELECT DISTINCT customer_id FROM usage WHERE meter_id = ANY (%s)", [[*pair]])
    ]
    levels = keeps_marks(standing.definition) or keeps_marks(candidate.definition)
    ordered = {candidate.code: lately(*_used(customers, pair))} if levels else {}
    told = effects(customers, {candidate.code: pair}, now=now, ordered=ordered)
    aside = hot.rows(
        "SELECT reason, count(*) FROM fate WHERE meter_id = %s AND fate = 'quarantined' GROUP BY 1 ORDER BY 1",
        [candidate.pk],
    )
    return Preview(told, dict(aside), still_filling(candidate))


def preview_backfill(backfill: str, *, now: datetime) -> Preview:
    """Meter an open back-fill as closing it would, measure, and take it all back.

    No meter runs meanwhile; what comes waits. Refused `unknown_backfill`, `backfill_not_open`.
    """
    one = Backfill.objects.filter(public_id=backfill).first()
    if one is None:
        raise Refused("unknown_backfill", backfill=backfill)
    if one.state != Backfill.State.OPEN:
        raise Refused("backfill_not_open", backfill=backfill, state=one.state)
    asked = {"backfill": one.pk}
    with transaction.atomic():
        alone()
        customers = [row[0] for row in hot.rows(sql.CUSTOMERS, asked)]
        standing = published()
        meters = {meter.code: (meter.id, meter.id) for meter in standing}
        used = _used(customers, [meter.id for meter in standing])
        span = lately(min(used[0] or one.starts_at, one.starts_at), max(used[1] or one.ends_at, one.ends_at))
        ordered = {meter.code: span for meter in standing if keeps_marks(meter.definition)}
        told = effects(customers, meters, now=now, ordered=ordered, change=lambda: _meter(one, now))
        aside: dict[str, int] = dict(hot.rows(sql.ASIDE, asked))
        transaction.set_rollback(True)
    return Preview(told, aside)


def _used(customers: Sequence[int], meters: Sequence[int]) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last quarter hour in which something was used."""
    found = hot.rows(
        "SELECT min(slot), max(slot) FROM usage WHERE customer_id = ANY (%s) AND meter_id = ANY (%s)",
        [list(customers), list(meters)],
    )[0]
    return found[0], found[1]


def _meter(one: Backfill, now: datetime) -> None:
    reached = 0
    while found := hot.rows(sql.INTAKES, {"backfill": one.pk, "reached": reached, "events": CHUNK_EVENTS}):
        meter_intakes([row[:3] for row in found], now=now)
        reached = found[-1][0]
    while correct_waiting(counting(), now=now, count=count):
        pass
