"""What is sold and how it is counted, as published. The definitions are in the catalogue's canonical form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from abaque.storage.models import Meter, PlanVersion, Recount
from abaque.storage.read.paging import LIMIT_MAX, Page, bounded, decode, page_of


@dataclass(frozen=True, slots=True)
class MeterRow:
    """`lateness`: how long an hour waits for late events; `level`: what an hour must be before issue.

    `standing`: standing, candidate, retired or discarded; `filling`: it has not yet counted all earlier events.
    """

    id: str
    code: str
    event_types: tuple[str, ...]
    aggregate: str
    lateness: timedelta
    level: str
    definition: Mapping[str, Any]
    published_at: datetime
    version: int
    standing: str
    filling: bool = False


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One published version of a plan, and how many subscriptions are on it (ended ones too)."""

    id: str
    code: str
    version: int
    definition: Mapping[str, Any]
    published_at: datetime
    subscriptions: int


def list_meters(*, limit: int = LIMIT_MAX, cursor: str | None = None) -> Page[MeterRow]:
    """Return meters by code. Faults `bad_cursor`, `bad_limit`."""
    found = Meter.objects.order_by("code")
    if cursor:
        found = found.filter(code__gt=decode(cursor, 1)[0])
    return page_of(list(found[: bounded(limit) + 1]), limit, _meter, lambda one: (one.code,))


def one_meter(code: str) -> MeterRow | None:
    found = Meter.objects.filter(code=code).first()
    return None if found is None else _meter(found)


def list_meter_versions(
    *, meter: str | None = None, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Page[MeterRow]:
    """Return the versions of meters, the newest first. Faults `bad_cursor`, `bad_limit`."""
    asked = Recount.objects.filter(done_at=None, meters__contains=[OuterRef("pk")])
    found = Meter.versions.annotate(filling=Exists(asked)).order_by("-pk")
    if meter is not None:
        found = found.filter(code=meter)
    if cursor:
        last = decode(cursor, 1)[0]
        found = found.filter(pk__lt=int(last) if last.isdecimal() else 0)
    return page_of(list(found[: bounded(limit) + 1]), limit, _meter, lambda one: (str(one.pk),))


def one_meter_version(version: str) -> MeterRow | None:
    found = Meter.versions.filter(public_id=version).first()
    return None if found is None else _meter(found)


def list_plans(
    *, code: str | None = None, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Page[PlanRow]:
    """Return plan versions by code, the newest version of each first. Faults `bad_cursor`, `bad_limit`."""
    found = PlanVersion.objects.select_related("plan").annotate(
        many=Count("subscription"), code=F("plan__code")
    )
    if code is not None:
        found = found.filter(code=code)
    if cursor:
        last, version = decode(cursor, 2)
        found = found.filter(
            Q(code__gt=last) | Q(code=last, version__lt=int(version) if version.isdecimal() else 0)
        )
    records = list(found.order_by("code", "-version")[: bounded(limit) + 1])
    return page_of(records, limit, _plan, lambda one: (one.plan.code, str(one.version)))


def _meter(one: Meter) -> MeterRow:
    return MeterRow(
        id=one.public_id,
        code=one.code,
        event_types=tuple(one.event_types),
        aggregate=one.aggregate,
        lateness=one.lateness,
        level=one.level,
        definition=one.definition,
        published_at=one.published_at,
        version=one.version,
        standing=one.standing,
        filling=getattr(one, "filling", False),
    )


def _plan(one: Any) -> PlanRow:
    return PlanRow(
        id=one.public_id,
        code=one.plan.code,
        version=one.version,
        definition=one.definition,
        published_at=one.published_at,
        subscriptions=one.many,
    )
