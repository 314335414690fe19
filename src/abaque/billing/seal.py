"""Seal: hours that are over and metered are fixed, chained, recomputed and compared with control totals."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from abaque.billing.permissions import Actor
from abaque.billing.runner import Result
from abaque.core.money import EXACT
from abaque.storage import hot
from abaque.storage.models import ControlTotal, Hour, Meter
from abaque.storage.read.spans import Asked, measure
from abaque.storage.sql import sealing as sql
from abaque.storage.sql.metering import Published

_HOUR = timedelta(hours=1)
GENESIS = b"\x00" * 32


@dataclass(frozen=True, slots=True)
class Seal:
    """Everything that may be sealed now."""


def seal(command: Seal, *, now: datetime, by: Actor) -> Result:
    """Seal what is over. What came late to a sealed hour becomes a supplement of it."""
    _ = command
    hot.refresh_statistics("fate", "usage", "operation", "hour", "identity", "intake")
    sealed = {
        meter.code: _seal_meter(meter, now) for meter in Meter.objects.select_for_update().order_by("pk")
    }
    for meter in Meter.objects.all():
        _make_consistent(meter, now)
        _verify(meter, now)
    return {"sealed": sealed, "subject": "hours", "sealed_by": str(by)}


def _seal_meter(meter: Meter, now: datetime) -> int:
    until = hour_of(now - meter.lateness)
    if hot.rows(sql.WAITING, {"until": until})[0][0]:
        return 0
    unsealed = hot.rows(sql.UNSEALED, {"meter": meter.pk, "aggregate": meter.aggregate, "until": until})
    last = (
        Hour.objects.filter(meter__code=meter.code).order_by("-pk").first()
    )  # the chain goes on over versions
    previous = GENESIS if last is None else bytes(last.hash)
    rows = []
    for hour, revision, count, quantity, content in unsealed:
        digest = chained(
            previous,
            f"{meter.code}@{meter.version}",
            hour,
            revision,
            count,
            quantity=quantity,
            content=bytes(content),
        )
        rows.append(
            Hour(
                meter=meter,
                hour=hour,
                revision=revision,
                count=count,
                quantity=quantity,
                content=bytes(content),
                previous=previous,
                hash=digest,
                sealed_at=now,
            )
        )
        previous = digest
    Hour.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def chained(
    previous: bytes,
    meter: str,
    hour: datetime,
    revision: int,
    count: int,
    *,
    quantity: Decimal,
    content: bytes,
) -> bytes:
    """Return the hash of a sealed hour: over the one sealed before it and all it says itself."""
    said = f"{meter}|{hour.timestamp():.0f}|{revision}|{count}|{EXACT.normalize(quantity):f}|"
    return hashlib.sha256(previous + said.encode() + content).digest()


def hour_of(instant: datetime) -> datetime:
    """Return the beginning of the hour, UTC, an instant lies in."""
    return instant.replace(minute=0, second=0, microsecond=0)


def _make_consistent(meter: Meter, now: datetime) -> None:
    """Recompute sealed hours from raw events; those that agree are consistent."""
    waiting = Hour.objects.filter(meter=meter, consistent_at=None)
    hours = list(waiting.order_by("hour").values_list("hour", flat=True).distinct())
    if not hours:
        return
    wrong = {
        row[0]
        for row in hot.rows(
            sql.inconsistent(Published(meter.pk, meter.code, meter.definition)),
            {"start": hours[0], "end": hours[-1] + _HOUR, "far": now},
        )
    }
    waiting.filter(hour__in=[hour for hour in hours if hour not in wrong]).update(consistent_at=now)


def _verify(meter: Meter, now: datetime) -> None:
    """Hours inside a span whose control total agrees with usage are verified."""
    together = ControlTotal.objects.filter(meter=meter, replaced_at=None, customer=None)
    agreed = [(total.starts_at, total.ends_at) for total in together if agrees(total)]
    for start, end in agreed + _agreed_per_customer(meter):
        Hour.objects.filter(
            meter=meter,
            hour__gte=start,
            hour__lt=end,
            consistent_at__isnull=False,
            verified_at=None,
        ).update(verified_at=now)


def _agreed_per_customer(meter: Meter) -> list[tuple[datetime, datetime]]:
    """Return spans for which totals were stated per customer, all of them agree, and none is missing."""
    spans: dict[tuple[datetime, datetime], list[ControlTotal]] = {}
    for total in ControlTotal.objects.filter(meter=meter, replaced_at=None, customer__isnull=False):
        spans.setdefault((total.starts_at, total.ends_at), []).append(total)
    return [
        (start, end)
        for (start, end), totals in spans.items()
        if all(agrees(total) for total in totals) and not _others_with_usage(meter, start, end, totals)
    ]


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
