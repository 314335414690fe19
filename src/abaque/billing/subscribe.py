"""Subscribe a customer to a plan version."""

from dataclasses import dataclass
from datetime import datetime

from abaque.billing.offers import latest_version, plan_of, terms_of
from abaque.billing.permissions import Actor
from abaque.billing.portal_link import find_customer
from abaque.billing.runner import Refused, Result
from abaque.core.period import local_day
from abaque.storage.models import Customer, Subscription


@dataclass(frozen=True, slots=True)
class Subscribe:
    """`customer`: external or public id. `starts_at` None: now. `version` None: the newest."""

    customer: str
    plan: str
    version: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    external_id: str | None = None


def subscribe(command: Subscribe, *, now: datetime, by: Actor) -> Result:
    """Refused `unknown_plan`, `currency_differs`, `subscription_exists`, and `meter_claimed_twice` naming both.

    For each meter and instant at most one charge of a customer claims a unit.
    """
    customer = Customer.objects.select_for_update().get(pk=find_customer(command.customer).pk)
    version = latest_version(command.plan, command.version)
    starts_at = command.starts_at or now
    if command.external_id and Subscription.objects.filter(external_id=command.external_id).exists():
        raise Refused("subscription_exists", external_id=command.external_id)
    subscription = Subscription(
        external_id=command.external_id,
        customer=customer,
        plan_version=version,
        starts_at=starts_at,
        ends_at=command.ends_at,
        anchor=local_day(starts_at, customer.zone),
        created_at=now,
    )
    plan = plan_of(subscription)
    if plan.currency.code != customer.currency:
        raise Refused("currency_differs", plan=plan.currency.code, customer=customer.currency)
    _refuse_double_claims(subscription)
    subscription.save()
    return {
        "id": subscription.public_id,
        "subject": customer.public_id,
        "plan": plan.code,
        "version": plan.version,
        "starts_at": starts_at.isoformat(),
        "subscribed_by": str(by),
    }


def _refuse_double_claims(new: Subscription) -> None:
    claimed = {charge.meter: charge.code for charge in plan_of(new).charges if charge.meter}
    mine = terms_of(new)
    standing = Subscription.objects.filter(customer=new.customer).select_related(
        "customer", "plan_version__plan"
    )
    for other in standing:
        theirs = terms_of(other)
        apart = (theirs.last is not None and theirs.last <= mine.first) or (
            mine.last is not None and mine.last <= theirs.first
        )
        if apart:
            continue
        for charge in plan_of(other).charges:
            if charge.meter in claimed:
                raise Refused(
                    "meter_claimed_twice",
                    meter=charge.meter,
                    charge=claimed[charge.meter],
                    other=charge.code,
                    subscription=other.public_id,
                )
