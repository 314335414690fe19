"""Create or change a customer. Events that waited for it are counted by themselves."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from abaque.billing.give_alias import lock_subject
from abaque.billing.parties import apply_fields, check_party
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.storage.models import Alias, Customer, Invoice, Issuer, Recount

FIELDS = frozenset(
    {
        "legal_name",
        "street",
        "postcode",
        "city",
        "country",
        "vat_number",
        "company_number",
        "email",
        "language",
        "zone",
        "currency",
        "payment_term_days",
        "tax",
        "contacts",
    }
)


@dataclass(frozen=True, slots=True)
class PutCustomer:
    """`issuer`: external id, needed only where there are several. `aliases`: further subjects of events."""

    external_id: str
    fields: dict[str, Any] = field(default_factory=dict)
    issuer: str | None = None
    aliases: tuple[str, ...] = ()


def put_customer(command: PutCustomer, *, now: datetime, by: Actor) -> Result:
    """Refused `issuer_needed`, `unknown_issuer`, `alias_taken`, `currency_in_use`, and as `put_issuer`."""
    customer = Customer.objects.select_for_update().filter(external_id=command.external_id).first()
    created = customer is None
    if customer is None:
        issuer = _issuer(command.issuer)
        customer = Customer(
            external_id=command.external_id,
            issuer=issuer,
            created_at=now,
            currency=issuer.currency,
            zone=issuer.zone,
            language=issuer.language,
        )
    currency = customer.currency
    apply_fields(customer, command.fields, FIELDS)
    check_party(customer)
    if customer.tax not in Customer.Tax.values:
        raise Refused("unknown_value", field="tax", value=customer.tax)
    if not created and customer.currency != currency and Invoice.objects.filter(customer=customer).exists():
        raise Refused("currency_in_use", currency=currency)
    customer.save()
    subjects = _claim((command.external_id, *command.aliases), customer)
    if subjects:
        Recount.objects.create(subjects=subjects, asked_at=now)
    return {"id": customer.public_id, "created": created, "subject": customer.public_id, "put_by": str(by)}


def _issuer(external_id: str | None) -> Issuer:
    if external_id is not None:
        found = Issuer.objects.filter(external_id=external_id).first()
        if found is None:
            raise Refused("unknown_issuer", issuer=external_id)
        return found
    issuers = list(Issuer.objects.all()[:2])
    if len(issuers) != 1:
        raise Refused("issuer_needed", issuers=len(issuers))
    return issuers[0]


def _claim(subjects: tuple[str, ...], customer: Customer) -> list[str]:
    """Make the subjects aliases of the customer; return those that are new."""
    new = []
    for subject in sorted(set(subjects)):
        lock_subject(subject)
        owner = Alias.objects.filter(subject=subject).select_related("customer").first()
        if owner is None:
            Alias.objects.create(subject=subject, customer=customer)
            new.append(subject)
        elif owner.customer.pk != customer.pk:
            raise Refused("alias_taken", subject=subject, customer=owner.customer.external_id)
    return new
