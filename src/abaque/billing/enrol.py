"""Enrol: many customers at once, as an import finds them, each subscribed to a plan."""

from dataclasses import dataclass
from datetime import datetime

from abaque.billing.offers import latest_version, plan_entry
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.core.period import Cycle, local_day
from abaque.storage.clock import is_test
from abaque.storage.models import Alias, Customer, Issuer, Recount, Subscription

# In a test folder a customer who is only known by a subject gets a buyer's address that says what it is, so
# that the whole way to a SPECIMEN can be tried. In a live folder the draft waits until the address is given.
SPECIMEN_ADDRESS = {"street": "SPECIMEN", "postcode": "00000", "city": "SPECIMEN"}


@dataclass(frozen=True, slots=True)
class Enrol:
    """`first_seen` by subject. `plan` None: customers only."""

    first_seen: tuple[tuple[str, datetime], ...]
    plan: str | None


def enrol(command: Enrol, *, now: datetime, by: Actor) -> Result:
    """Create customers for unknown subjects; subscribe those without a subscription.

    A subscription starts with the billing period that contains the first event. Refused `issuer_needed`,
    `unknown_plan`, `currency_differs`.
    """
    issuers = list(Issuer.objects.all()[:2])
    if len(issuers) != 1:
        raise Refused("issuer_needed", issuers=len(issuers))
    issuer = issuers[0]
    known = set(
        Alias.objects.filter(subject__in=[s for s, _ in command.first_seen]).values_list("subject", flat=True)
    )
    new = [subject for subject, _ in command.first_seen if subject not in known]
    address = {**SPECIMEN_ADDRESS, "country": issuer.country} if is_test() else {}
    made = Customer.objects.bulk_create(
        [
            Customer(
                external_id=subject,
                legal_name=subject,
                issuer=issuer,
                currency=issuer.currency,
                zone=issuer.zone,
                language=issuer.language,
                created_at=now,
                **address,
            )
            for subject in new
        ]
    )
    Alias.objects.bulk_create([Alias(subject=customer.external_id, customer=customer) for customer in made])
    subscribed = _subscribe(command, now) if command.plan else 0
    if new:
        Recount.objects.create(subjects=new, asked_at=now)
    return {"created": len(made), "subscribed": subscribed, "subject": "import", "enrolled_by": str(by)}


def _subscribe(command: Enrol, now: datetime) -> int:
    version = latest_version(str(command.plan), None)
    plan = plan_entry(version).plan
    first_seen = dict(command.first_seen)
    aliases = Alias.objects.filter(subject__in=first_seen).select_related("customer")
    earliest: dict[Customer, datetime] = {}
    for alias in aliases:
        seen = first_seen[alias.subject]
        earliest[alias.customer] = min(seen, earliest.get(alias.customer, seen))
    subscribed = set(Subscription.objects.filter(customer__in=earliest).values_list("customer_id", flat=True))
    rows = []
    for customer, seen in earliest.items():
        if customer.pk in subscribed:
            continue
        if plan.currency.code != customer.currency:
            raise Refused("currency_differs", plan=plan.currency.code, customer=customer.currency)
        cycle = Cycle(local_day(seen, customer.zone), plan.interval, customer.zone, plan.alignment)
        starts_at = cycle.period(cycle.index_of(seen)).start
        rows.append(
            Subscription(
                customer=customer,
                plan_version=version,
                starts_at=starts_at,
                anchor=local_day(starts_at, customer.zone),
                created_at=now,
            )
        )
    return len(Subscription.objects.bulk_create(rows))
