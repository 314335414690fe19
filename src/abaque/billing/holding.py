"""Holds: what may not happen now, and why. One function is asked inside the acting transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from abaque.core.reconciling import Difference
from abaque.storage.models import Customer, Finding, Hold, Invoice

ACTIONS = ("issue", "push", "collect", "dunning")


@dataclass(frozen=True, slots=True)
class Stop:
    """A hold that stops an action."""

    hold: str
    reason: str
    owner: str


def stops(
    action: str, *, invoice: Invoice | None = None, customer: Customer | None = None, connector: str = ""
) -> Stop | None:
    """Return the hold that stops an action on an invoice or customer, None if it may go on."""
    scopes = ["everything"]
    if connector:
        scopes.append(f"connector:{connector}")
    if invoice is not None:
        scopes.append(f"invoice:{invoice.public_id}")
        scopes += [f"meter:{code}" for code in {line.meter for line in invoice.lines.all()} if code]
        customer = invoice.customer
    if customer is not None:
        scopes.append(f"customer:{customer.public_id}")
    found = (
        Hold.objects.filter(released_at=None, scope__in=scopes, stops__contains=[action])
        .order_by("pk")
        .first()
    )
    return None if found is None else Stop(found.public_id, found.reason, found.owner)


def raise_hold(
    finding: Finding, difference: Difference, *, scope: str, stops: Sequence[str] = ACTIONS, now: datetime
) -> Hold:
    """Hold exactly what a finding touches: its customer, else the meter or connector it is about (`scope`)."""
    if finding.customer is not None:
        scope = f"customer:{finding.customer.public_id}"
    return Hold.objects.create(
        finding=finding,
        scope=scope,
        customer=finding.customer,
        stops=list(stops),
        owner="finance",
        reason=f"{finding.check_name}: {difference.kind} {finding.subject}",
        last_day=last_lawful_day(now.date()),
        raised_at=now,
    )


def last_lawful_day(today: date) -> date:
    """Return the day by which what is held must be issued: the 15th of the following month.

    Directive 2006/112 art. 222: it binds reverse-charged services within the EU, and is the strictest of the
    limits that apply.
    """
    return (today.replace(day=1) + timedelta(days=32)).replace(day=15)
