"""What a person may do about a finding. A finding's own remedies pass the hold it raised."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from abaque.billing.jobs import defer, defer_once
from abaque.billing.permissions import Actor
from abaque.billing.reconcile import close_findings
from abaque.billing.runner import Refused, Result
from abaque.storage.models import Finding, Push


@dataclass(frozen=True, slots=True)
class PushAgain:
    """The platform does not have the invoice: hand it over again, under a new idempotency key."""

    finding: str
    reason: str


@dataclass(frozen=True, slots=True)
class VoidThere:
    """The platform has an invoice once too often: void what is not ours to keep."""

    finding: str
    reason: str


@dataclass(frozen=True, slots=True)
class AcceptFinding:
    """The difference is known and right: close the finding and release what it held."""

    finding: str
    reason: str


def push_again(command: PushAgain, *, now: datetime, by: Actor) -> Result:
    """Refused `unknown_finding`, `reason_needed`, `remedy_does_not_apply`."""
    finding = _open(command.finding, command.reason)
    connector = _connector(finding)
    if finding.kind != "missing":
        raise Refused("remedy_does_not_apply", remedy="push_again", kind=finding.kind)
    touched = Push.objects.filter(connector=connector, invoice__public_id=finding.subject).update(
        again=F("again") + 1,
        acknowledged_at=None,
        platform_id="",
    )
    if not touched:
        raise Refused("remedy_does_not_apply", remedy="push_again", kind=finding.kind)
    defer_once("abaque.push", connector)
    return {
        "finding": finding.public_id,
        "subject": finding.subject,
        "at": now.isoformat(),
        "asked_by": str(by),
    }


def void_there(command: VoidThere, *, now: datetime, by: Actor) -> Result:
    """Refused `unknown_finding`, `reason_needed`, `remedy_does_not_apply`."""
    finding = _open(command.finding, command.reason)
    connector = _connector(finding)
    if finding.kind not in {"doubled", "unexpected"}:
        raise Refused("remedy_does_not_apply", remedy="void_there", kind=finding.kind)
    defer("abaque.void_surplus", connector=connector, external_id=finding.subject)
    return {
        "finding": finding.public_id,
        "subject": finding.subject,
        "at": now.isoformat(),
        "asked_by": str(by),
    }


def accept_finding(command: AcceptFinding, *, now: datetime, by: Actor) -> Result:
    """Refused `unknown_finding`, `reason_needed`."""
    finding = _open(command.finding, command.reason)
    close_findings([finding], by=str(by), reason=command.reason, now=now)
    return {"finding": finding.public_id, "subject": finding.subject}


def _open(public_id: str, reason: str) -> Finding:
    if not reason.strip():
        raise Refused("reason_needed")
    finding = Finding.objects.select_for_update().filter(public_id=public_id, closed_at=None).first()
    if finding is None:
        raise Refused("unknown_finding", finding=public_id)
    return finding


def _connector(finding: Finding) -> str:
    side, _, connector = finding.check_name.partition("invoices ↔ ")
    if side or not connector:
        raise Refused("remedy_does_not_apply", remedy=finding.check_name, kind=finding.kind)
    return connector
