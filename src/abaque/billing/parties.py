"""What issuers and customers have in common: fields that must make sense before they stand on a document."""

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from abaque.billing.runner import Refused
from abaque.core.invoicing import Party
from abaque.core.money import currency
from abaque.core.period import check_zone
from abaque.storage.models import Customer, Issuer

_COUNTRY = re.compile(r"[A-Z]{2}")
_VAT_NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z+*.]{2,13}")
_TERM_MAX = 120


def apply_fields(party: Customer | Issuer, fields: Mapping[str, Any], known: frozenset[str]) -> None:
    """Set what is given. Refused `unknown_field`: nothing is silently ignored."""
    for name, value in fields.items():
        if name not in known:
            raise Refused("unknown_field", field=name)
        setattr(party, name, value.strip() if isinstance(value, str) else value)


def check_party(party: Customer | Issuer) -> None:
    """Refused with the field where something cannot be right; what is missing is asked for at issue."""
    currency(party.currency)
    check_zone(party.zone)
    if party.country and not _COUNTRY.fullmatch(party.country):
        raise Refused("bad_country", field="country", value=party.country)
    party.vat_number = re.sub(r"[\s.-]", "", party.vat_number).upper()
    if party.vat_number and not _VAT_NUMBER.fullmatch(party.vat_number):
        raise Refused("bad_vat_number", field="vat_number", value=party.vat_number)
    if party.language not in {"fr", "en"}:
        raise Refused("unknown_language", field="language", value=party.language)
    if party.email:
        try:
            validate_email(party.email)
        except ValidationError:
            raise Refused("bad_email", field="email", email=party.email) from None
    if party.payment_term_days is not None and not 0 <= int(party.payment_term_days) <= _TERM_MAX:
        raise Refused("bad_payment_term", field="payment_term_days", value=party.payment_term_days)


def legal_identity(party: Customer | Issuer) -> Party:
    """Return what the law wants to read about a party."""
    return Party(
        name=party.legal_name,
        street=party.street,
        postcode=party.postcode,
        city=party.city,
        country=party.country,
        vat_number=party.vat_number,
        company_number=party.company_number,
    )
