"""Seal: hours that are over and metered are fixed, chained, recomputed and compared with control totals."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from abaque.billing.permissions import Actor
from abaque.billing.runner import Result, perform
from abaque.core.proving import GENESIS, chained, root
from abaque.storage import archived, hot
from abaque.storage.models import ControlTotal, Hour, Meter
from abaque.storage.read.fates import published
from abaque.storage.read.spans import Asked, measure
from abaque.storage.sql import sealing as sql
from abaque.storage.sql.folding import COMPACT
from abaque.storage.sql.metering import Published

_HOUR = timedelta(hours=1)
#: How long events may come late that no meter counts.
LATENESS = timedelta(hours=24)
#: Of how many days of a meter one transaction seals the hours.
DAYS = 7
# One chain, so that one seals at a time.
LOCK = 0x7365616C


@dataclass(frozen=True, slots=True)
class Seal:
    """What may be sealed now."""


def seal(command: Seal, *, now: datetime, by: Actor) -> Result:
    """Seal what is over, at most a week of days of each meter: `more` says whether others wait.

    What came late to a sealed hour becomes a supplement of it.
    """
    _ = command
    hot.lock(LOCK)
    hot.refresh_statistics(
        "event", "fate", "usage", "operation", "hour", "node", "identity", "intake", "alias", "customer"
    )
    hot.run(COMPACT.format(table="touched", key="meter_id, hour"))
    hot.run(sql.SPREAD)
    meters = published()
    lateness = dict(Meter.objects.values_list("pk", "lateness"))
    known = ", ".join(meter.types for meter in meters)
    chunks = {
        meter.code: _seal_meter(meter, hour_of(now - lateness[meter.id]), now, known=known)
        for meter in meters
    }
    uncounted = _seal_meter(None, hour_of(now - LATENESS), now, known=known)
    for meter in meters:
        _make_consistent(meter, now)
    more = any(chunk.more for chunk in (uncounted, *chunks.values()))
    if not more:
        for meter in meters:
            _verify(Meter.objects.get(pk=meter.id), now)
    sealed = {code: chunk.made for code, chunk in chunks.items()}
    return {
        "sealed": sealed,
        "uncounted": uncounted.made,
        "more": more,
        "subject": "hours",
        "sealed_by": str(by),
    }


def seal_all(*, now: datetime, by: Actor) -> dict[str, int]:
    """Seal all that is over, in transactions of a week each, so that a crash costs no more than one of them.

    Returns how many hours of each meter were sealed.
    """
    made: Counter[str] = Counter()
    while True:
        done = perform(seal, Seal(), now=now, by=by)
        made.update(done["sealed"])
        if not done["more"]:
            return dict(made)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """How many hours were added to the chain, and whether others wait."""

    made: int
    more: bool


def _seal_meter(meter: Published | None, until: datetime, now: datetime, *, known: str) -> _Chunk:
    """Seal what changed in the hours of a meter that are over; no meter: of the events that none counts."""
    if hot.rows(sql.WAITING, {"until": until})[0][0]:
        return _Chunk(0, more=False)
    number = 0 if meter is None else meter.id
    taken = hot.rows(sql.TAKE, {"meter": number, "until": until, "days": DAYS})
    days = _days([row[0] for row in taken])
    made = 0
    for day in days:
        asked = {"meter": number, "hours": day, "start": day[0], "end": day[-1] + _HOUR}
        made += _chain(meter, hot.rows(sql.nodes(meter, known), asked), now)
    return _Chunk(made, more=len(days) == DAYS)


def _days(hours: Sequence[datetime]) -> list[list[datetime]]:
    """Return hours by day, so that one statement reads no more than a day."""
    return [list(day) for _, day in groupby(hours, key=lambda hour: hour.astimezone(UTC).date())]


def _chain(meter: Published | None, nodes: Sequence[hot.Row], now: datetime) -> int:
    """Add the hours of new nodes to the chain."""
    last = Hour.objects.order_by("-pk").first()
    previous = GENESIS if last is None else bytes(last.hash)
    by_hour: dict[tuple[datetime, int], list[hot.Row]] = {}
    for node in sorted(nodes, key=lambda row: (row[0], row[2], row[3])):
        by_hour.setdefault((node[0], node[1]), []).append(node)
    rows = []
    for (hour, revision), parts in by_hour.items():
        count = sum(int(part[4]) for part in parts)
        quantity = sum((part[5] for part in parts), Decimal(0))
        top = root([bytes(part[6]) for part in parts])
        code = "" if meter is None else meter.code
        digest = chained(previous, code, hour, revision, count, quantity=quantity, root=top)
        rows.append(
            Hour(
                meter_id=None if meter is None else meter.id,
                hour=hour,
                revision=revision,
                count=count,
                quantity=quantity,
                root=top,
                previous=previous,
                hash=digest,
                sealed_at=now,
            )
        )
        previous = digest
    Hour.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def hour_of(instant: datetime) -> datetime:
    """Return the beginning of the hour, UTC, an instant lies in."""
    return instant.replace(minute=0, second=0, microsecond=0)


def _make_consistent(meter: Published, now: datetime) -> None:
    """Recompute sealed hours from raw events; those that agree are consistent.

    What comes late for an archived one counts nothing: its figures are those that were recomputed before.
    """
    until = archived.until()
    waiting = Hour.objects.filter(meter=meter.id, consistent_at=None)
    hours = list(waiting.order_by("hour").values_list("hour", flat=True).distinct())
    for day in _days(hours):
        asked = {"start": max(day[0], until), "end": day[-1] + _HOUR, "far": now, "key": settings.HASHING_KEY}
        wrong = {row[0] for row in hot.rows(sql.inconsistent(meter), asked)}
        waiting.filter(hour__in=[hour for hour in day if hour not in wrong]).update(consistent_at=now)


def _verify(meter: Meter, now: datetime) -> None:
    """Hours inside a span whose control totals agree with usage are verified, and those of no other span.

    A span is looked at while some hour of it is not verified since its total was stated: what comes late adds a
    supplement, which is not.
    """
    looked_at = Hour.objects.filter(
        Q(verified_at=None) | Q(verified_at__lte=OuterRef("stated_at")),
        meter=meter,
        hour__gte=OuterRef("starts_at"),
        hour__lt=OuterRef("ends_at"),
    )
    spans: dict[tuple[datetime, datetime], list[ControlTotal]] = {}
    for total in ControlTotal.objects.filter(Exists(looked_at), meter=meter, replaced_at=None):
        spans.setdefault((total.starts_at, total.ends_at), []).append(total)
    agreed = {span: _all_agree(meter, span, totals) for span, totals in spans.items()}
    # An hour whose day agrees and whose month does not is not verified: so those that differ come last.
    for start, end in sorted(agreed, key=lambda span: not agreed[span]):
        hours = Hour.objects.filter(meter=meter, hour__gte=start, hour__lt=end)
        if agreed[start, end]:
            hours.filter(consistent_at__isnull=False, verified_at=None).update(verified_at=now)
        else:
            hours.exclude(verified_at=None).update(verified_at=None)


def _all_agree(meter: Meter, span: tuple[datetime, datetime], totals: list[ControlTotal]) -> bool:
    """Whether all totals of a span agree, and, where they are stated per customer, none is missing."""
    if not all(agrees(total) for total in totals):
        return False
    return any(total.customer_id is None for total in totals) or not _others_with_usage(meter, *span, totals)


def _others_with_usage(meter: Meter, start: datetime, end: datetime, totals: list[ControlTotal]) -> bool:
    found: bool = hot.rows(
        "SELECT EXISTS (SELECT FROM usage WHERE meter_id = %s AND events > 0 AND slot >= %s AND slot < %s"
        " AND NOT customer_id = ANY (%s))",
        [meter.pk, start, end, [total.customer_id for total in totals]],
    )[0][0]
    return found


def agrees(total: ControlTotal) -> bool:
    """Whether usage is what the product states, within the stated tolerance (percent of the total)."""
    return abs(measured(total) - total.quantity) * 100 <= total.quantity * total.tolerance


def measured(total: ControlTotal) -> Decimal:
    """Return our usage of a control total's span, of its customer or of all together."""
    if total.customer_id is not None:
        asked = Asked(total.meter_id, total.customer_id, total.starts_at, total.ends_at)
        return measure([asked])[0].quantity
    customers = [
        row[0]
        for row in hot.rows(
            "SELECT DISTINCT customer_id FROM usage WHERE meter_id = %s AND slot >= %s AND slot < %s",
            [total.meter_id, total.starts_at, total.ends_at],
        )
    ]
    parts = measure([Asked(total.meter_id, c, total.starts_at, total.ends_at) for c in customers])
    return sum((part.quantity for part in parts), Decimal(0))
