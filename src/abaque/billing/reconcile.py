"""Reconcile: compare the sides; differences become findings, those that matter become holds.

Comparing never touches the network: what a platform keeps was read before and comes in with the command.
A side that could not be read is `unknown`, never equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from abaque.billing import sides
from abaque.billing.alerting import alert
from abaque.billing.holding import raise_hold
from abaque.billing.meter import drain
from abaque.billing.permissions import SYSTEM, Actor
from abaque.billing.runner import Result, jsonable, perform
from abaque.billing.sides import Check, Found
from abaque.core.reconciling import Difference, Kind, holds
from abaque.ports.platform import Platform, PlatformError, PlatformInvoice
from abaque.storage import hot
from abaque.storage.models import Comparison, Customer, Finding, Hold

_LOCK = 0x7265636F6E


@dataclass(frozen=True, slots=True)
class Reading:
    """What a platform kept when it was read; `invoices` None if it could not be."""

    connector: str
    invoices: tuple[PlatformInvoice, ...] | None


@dataclass(frozen=True, slots=True)
class Reconcile:
    readings: tuple[Reading, ...] = field(default_factory=tuple)


def reconcile(command: Reconcile, *, now: datetime, by: Actor) -> Result:
    """Compare control totals, usage, invoices, platforms and habits. Opens, refreshes and closes findings."""
    hot.rows("SELECT pg_advisory_xact_lock(%s)", [_LOCK])  # two at once would open the same finding
    comparison = Comparison.objects.create(started_at=now)
    checks = [sides.totals_and_usage(now), sides.events_and_usage(), sides.usage_and_invoices()]
    checks.append(sides.events_and_habit(now))
    checks += [
        sides.invoices_and_platform(reading.connector, reading.invoices) for reading in command.readings
    ]
    counts = {"compared": 0, "opened": 0, "closed": 0, "unknown": 0}
    for check in checks:
        counts["compared"] += check.compared
        _record(check, counts, now)
    counts["open"] = Finding.objects.filter(closed_at=None).count()
    comparison.finished_at, comparison.facts = now, counts
    comparison.save(update_fields=["finished_at", "facts"])
    return {"comparison": comparison.public_id, **counts, "subject": comparison.public_id, "by": str(by)}


def _record(check: Check, counts: dict[str, int], now: datetime) -> None:
    seen: list[int] = []
    unread = False
    for found in check.differences:
        unread |= found.difference.kind is Kind.UNKNOWN and not check.each_alone
        counts["unknown"] += found.difference.kind is Kind.UNKNOWN
        finding, opened = _finding(check, found.difference, found.subject, found.customer, now)
        seen.append(finding.pk)
        if opened:
            counts["opened"] += 1
        _hold(check, found, finding, now)
    # A check that could not be made turns nothing green.
    if not unread:
        green = Finding.objects.filter(check_name=check.name, closed_at=None).exclude(pk__in=seen)
        counts["closed"] += close_findings(
            list(green), by=str(SYSTEM), reason="the check turned green", now=now
        )


def _hold(check: Check, found: Found, finding: Finding, now: datetime) -> None:
    """Hold what a finding touches, once it matters; a hold that a person released is not raised again."""
    if not found.stops or not holds(found.difference, check.tolerance, due_soon=found.due_soon):
        return
    if not Hold.objects.filter(finding=finding).exists():
        raise_hold(finding, found.difference, scope=found.scope, stops=found.stops, now=now)
        alert("hold_raised", finding.public_id, {"check": check.name, "subject": found.subject}, now=now)


def _finding(
    check: Check,
    difference: Difference,
    subject: str,
    customer: Customer | None,
    now: datetime,
) -> tuple[Finding, bool]:
    kind = "doubled" if "doubled" in difference.aspects else difference.kind.value
    facts = {
        "customer": customer,
        "currency": difference.impact.currency.code,
        "impact": difference.impact.minor,
        "ours": jsonable(difference.ours),
        "theirs": jsonable(difference.theirs),
        "seen_at": now,
    }
    finding = Finding.objects.filter(
        check_name=check.name, kind=kind, subject=subject, closed_at=None
    ).first()
    if finding is not None:
        Finding.objects.filter(pk=finding.pk).update(**facts)
        return finding, False
    return Finding.objects.create(
        check_name=check.name, kind=kind, subject=subject, opened_at=now, **facts
    ), True


def close_findings(findings: Sequence[Finding], *, by: str, reason: str, now: datetime) -> int:
    """Close findings and release the holds they raised."""
    ids = [finding.pk for finding in findings]
    Hold.objects.filter(finding__in=ids, released_at=None).update(
        released_at=now,
        released_by=by,
        released_reason=reason,
    )
    return Finding.objects.filter(pk__in=ids, closed_at=None).update(
        closed_at=now,
        closed_by=by,
        closed_reason=reason,
    )


def read(platform: Platform) -> Reading:
    """Read what a platform keeps. Network: never call it inside a transaction."""
    try:
        return Reading(platform.name, tuple(platform.invoices()))
    except PlatformError:
        return Reading(platform.name, None)


def reconcile_now(platforms: Sequence[Platform], *, now: datetime, by: Actor) -> Result:
    """Read every platform, then compare all sides, with everything metered that was captured."""
    drain(now=now)
    return perform(reconcile, Reconcile(tuple(read(platform) for platform in platforms)), now=now, by=by)
