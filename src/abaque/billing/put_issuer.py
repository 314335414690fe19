"""Create or change an issuer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from abaque.billing.parties import apply_fields, check_party
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.storage.models import Issuer

FIELDS = frozenset(
    {
        "legal_name",
        "legal_form",
        "capital",
        "register",
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
        "iban",
        "bic",
        "payment_term_days",
        "vat_percent",
        "vat_on_debits",
        "invoices_by",
    }
)


@dataclass(frozen=True, slots=True)
class PutIssuer:
    external_id: str
    fields: dict[str, Any] = field(default_factory=dict)


def put_issuer(command: PutIssuer, *, now: datetime, by: Actor) -> Result:
    """Refused `unknown_field`, and what `check_party` refuses. Issued documents keep what they say."""
    issuer = Issuer.objects.select_for_update().filter(external_id=command.external_id).first()
    created = issuer is None
    if issuer is None:
        issuer = Issuer(external_id=command.external_id, created_at=now)
    apply_fields(issuer, command.fields, FIELDS)
    check_party(issuer)
    if issuer.invoices_by not in Issuer.InvoicesBy.values:
        raise Refused("unknown_value", field="invoices_by", value=issuer.invoices_by)
    if issuer.invoices_by == Issuer.InvoicesBy.PLATFORM:
        raise Refused("platform_numbers_not_yet")
    issuer.save()
    return {"id": issuer.public_id, "created": created, "subject": issuer.public_id, "put_by": str(by)}
