"""Raise a hold by hand, and release one: who, and why."""

from dataclasses import dataclass
from datetime import date, datetime

from abaque.billing.alerting import alert
from abaque.billing.holding import ACTIONS
from abaque.billing.permissions import Actor
from abaque.billing.portal_link import find_customer
from abaque.billing.runner import Refused, Result
from abaque.storage.models import Hold


@dataclass(frozen=True, slots=True)
class RaiseHold:
    """`scope`: `customer:…`, `invoice:…`, `meter:…` or `everything`; `last_day`: issue at the latest on it."""

    scope: str
    stops: tuple[str, ...]
    reason: str
    last_day: date


@dataclass(frozen=True, slots=True)
class Release:
    hold: str
    reason: str


def hold(command: RaiseHold, *, now: datetime, by: Actor) -> Result:
    """Refused `reason_needed`, `unknown_action`, `unknown_scope`, `last_day_passed`."""
    kind, _, subject = command.scope.partition(":")
    if kind not in {"customer", "invoice", "meter", "everything"} or (kind != "everything" and not subject):
        raise Refused("unknown_hold_scope", scope=command.scope)
    if not command.reason.strip():
        raise Refused("reason_needed")
    if not command.stops or not set(command.stops) <= set(ACTIONS):
        raise Refused("unknown_action", stops=command.stops, known=ACTIONS)
    if command.last_day < now.date():
        raise Refused("last_day_passed", last_day=command.last_day)
    customer = find_customer(subject) if kind == "customer" else None
    made = Hold.objects.create(
        scope=f"customer:{customer.public_id}" if customer else command.scope,
        customer=customer,
        stops=list(command.stops),
        owner=by.name,
        reason=command.reason,
        last_day=command.last_day,
        raised_at=now,
    )
    alert("hold_raised", made.public_id, {"scope": made.scope, "reason": made.reason}, now=now)
    return {"hold": made.public_id, "subject": made.scope}


def release(command: Release, *, now: datetime, by: Actor) -> Result:
    """Refused `unknown_hold`, `reason_needed`. The finding stays open until its check turns green."""
    if not command.reason.strip():
        raise Refused("reason_needed")
    found = Hold.objects.select_for_update().filter(public_id=command.hold).first()
    if found is None:
        raise Refused("unknown_hold", hold=command.hold)
    if found.released_at is None:
        found.released_at, found.released_by, found.released_reason = now, str(by), command.reason
        found.save(update_fields=["released_at", "released_by", "released_reason"])
    return {"hold": found.public_id, "subject": found.scope}
