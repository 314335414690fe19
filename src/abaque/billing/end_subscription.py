"""End a subscription, at the end of its running period unless a moment is given."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from abaque.billing.offers import terms_of
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.storage.models import Invoice, InvoiceLine, Subscription


@dataclass(frozen=True, slots=True)
class EndSubscription:
    subscription: str
    ends_at: datetime | None = None


def end_subscription(command: EndSubscription, *, now: datetime, by: Actor) -> Result:
    """Refused `unknown_subscription`, `already_ended`, `ends_before_start`, `billed_beyond`."""
    found = (
        Subscription.objects.select_for_update(of=("self",))
        .select_related("customer", "plan_version__plan")
        .filter(public_id=command.subscription)
        .first()
    )
    if found is None:
        raise Refused("unknown_subscription", subscription=command.subscription)
    if found.ends_at is not None and found.ends_at <= now:
        raise Refused("already_ended", ended=found.ends_at)
    cycle = terms_of(found).cycle
    ends_at = command.ends_at or cycle.period(cycle.index_of(max(now, found.starts_at))).end
    if ends_at <= found.starts_at:
        raise Refused("ends_before_start", start=found.starts_at, end=ends_at)
    # A draft is no bill yet: it is made anew for the shorter period.
    billed = (
        InvoiceLine.objects.filter(subscription=found)
        .exclude(invoice__state=Invoice.State.DRAFT)
        .aggregate(last=Max("span_end"))["last"]
    )
    if billed is not None and ends_at < billed:
        raise Refused("billed_beyond", until=billed, ends_at=ends_at)
    found.ends_at = ends_at
    found.save(update_fields=["ends_at"])
    return {
        "id": found.public_id,
        "subject": found.customer.public_id,
        "ends_at": ends_at.isoformat(),
        "ended_by": str(by),
    }
