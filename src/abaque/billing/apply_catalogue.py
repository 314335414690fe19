"""Apply a catalogue file: publish its meters and plan versions. What is published never changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abaque.billing.billable import COUNTED, unbillable
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.catalogue import (
    Catalogue,
    CatalogueErrors,
    Change,
    ChangeKind,
    Handling,
    diff,
    dump_meter,
    dump_plan,
    load,
)
from abaque.catalogue.values import MeterEntry
from abaque.storage import hot
from abaque.storage.models import Meter, PersonalAttribute, Plan, PlanVersion, Recount

_LOCK = 0x636174616C6F67


@dataclass(frozen=True, slots=True)
class ApplyCatalogue:
    text: str
    name: str = "catalogue.yaml"


def apply_catalogue(command: ApplyCatalogue, *, now: datetime, by: Actor) -> Result:
    """Publish what is new; all of the file or nothing. Refused `published_differs` with the differences.

    Raises `CatalogueErrors` with a line number for each mistake of the file, and for each thing in it that runs
    cannot bill yet.
    """
    hot.rows("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    catalogue, changes = preview(command)
    refused = [
        change
        for change in changes
        if change.kind is ChangeKind.CHANGED_PUBLISHED and not _touches_no_amount(change)
    ]
    if refused:
        raise Refused(
            "published_differs",
            changed=tuple(f"{change.what} {change.code}" for change in refused),
            details=tuple(
                f"{detail.path}: {detail.before} → {detail.after}"
                for change in refused
                for detail in change.details
            ),
        )
    meters: list[int] = []
    for change in changes:
        if _touches_no_amount(change):
            _said_anew(catalogue.meters[change.code], now)
        elif change.kind is not ChangeKind.UNCHANGED:
            meters += _publish(change, catalogue, now)
    _personal(catalogue)
    if meters:
        Recount.objects.create(meters=meters, asked_at=now)
    return {"changes": [_said(change) for change in changes], "subject": "catalogue", "applied_by": str(by)}


def _touches_no_amount(change: Change) -> bool:
    """Whether a published meter only gets other names, another level or other promised totals."""
    return change.what == "meter" and change.touches_no_amount


def _said_anew(entry: MeterEntry, now: datetime) -> None:
    """Keep what is said of a published meter now; totals are promised from now on if they were not before."""
    meter = Meter.objects.get(code=entry.meter.code)
    meter.definition, meter.level = dump_meter(entry), entry.level.value
    meter.totals_since = None if entry.totals is None else meter.totals_since or now
    meter.save(update_fields=["definition", "level", "totals_since"])


def preview(command: ApplyCatalogue) -> tuple[Catalogue, tuple[Change, ...]]:
    """Return what a file would change, without changing it."""
    stored = published()
    plans = [form for form in stored if form["kind"] == "plan"]
    catalogue = load(
        command.text,
        name=command.name,
        known_meters={form["code"] for form in stored if form["kind"] == "meter"},
        known_plans={form["code"] for form in plans},
        known_charges={charge["code"] for form in plans for charge in form["charges"]},
    )
    if errors := unbillable(catalogue):
        raise CatalogueErrors(command.name, errors)
    return catalogue, diff(stored, catalogue)


def published() -> list[dict[str, Any]]:
    """Return the canonical forms of everything published."""
    return [
        *Meter.objects.values_list("definition", flat=True),
        *PlanVersion.objects.values_list("definition", flat=True),
    ]


def _publish(change: Change, catalogue: Catalogue, now: datetime) -> tuple[int, ...]:
    """Publish one meter or plan version; return the new meter's number."""
    if change.what == "plan":
        entry = catalogue.plans[change.code]
        plan, _ = Plan.objects.get_or_create(code=change.code)
        PlanVersion.objects.create(
            plan=plan,
            version=entry.plan.version,
            definition=dump_plan(entry.plan),
            published_at=now,
        )
        return ()
    return (publish_meter(catalogue.meters[change.code], now=now),)


def publish_meter(entry: MeterEntry, *, now: datetime) -> int:
    """Store a meter and return its number; numbers become visible in their order.

    Refused `unknown_aggregate`: SQL does not count it.
    """
    meter = entry.meter
    if meter.aggregate not in COUNTED:
        raise Refused("unknown_aggregate", aggregate=meter.aggregate.value, known=COUNTED)
    hot.rows("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    made = Meter.objects.create(
        code=meter.code,
        definition=dump_meter(entry),
        event_types=list(meter.event_types),
        aggregate=meter.aggregate.value,
        lateness=entry.lateness,
        level=entry.level.value,
        totals_since=None if entry.totals is None else now,
        published_at=now,
    )
    return int(made.pk)


def _personal(catalogue: Catalogue) -> None:
    for attribute, handling in catalogue.personal.items():
        PersonalAttribute.objects.update_or_create(
            attribute=attribute,
            defaults={"treatment": Handling(handling).value},
        )


def _said(change: Change) -> dict[str, Any]:
    return {"kind": change.kind.value, "what": change.what, "code": change.code, "version": change.version}
