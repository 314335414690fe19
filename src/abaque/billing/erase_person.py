"""Erase a person: what their events said goes for ever, what these counted for stays.

Only the owner's role may change events, so this is done by whoever has its password, at the command line. What
an invoice says is kept, as the law demands, and so are the identities of events: a repeat of an erased event is
still a duplicate. Ids of events must therefore not name a person.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F

from abaque.billing import meter, seal
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result, input_hash
from abaque.storage import hot
from abaque.storage.grants import keeps_facts
from abaque.storage.models import Alias, Customer, Invoice
from abaque.storage.read.fates import Numbers, published
from abaque.storage.read.person import subjects_of
from abaque.storage.sql import erasing as sql


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """`person`: the subject of events, or a customer's external or public id."""

    person: str
    reason: str


def erase_person(command: ErasePerson, *, now: datetime, by: Actor) -> Result:
    """Erase a person's events; of a customer also the contacts and, without any invoice, who it is.

    Refused `missing_reason`; `owner_role_needed` for the application's role; `unknown_person`; `not_metered` while
    something of theirs still waits, which the next seconds mend.
    """
    _ = now, by
    if not command.reason.strip():
        raise Refused("missing_reason")
    if keeps_facts():
        raise Refused("owner_role_needed")
    # Nobody meters or seals meanwhile.
    hot.rows("SELECT pg_advisory_xact_lock(%s), pg_advisory_xact_lock(%s)", [meter.LOCK, seal.LOCK])
    customer, subjects = subjects_of(command.person)
    numbers = [(seq, time) for seq, time in hot.rows(sql.OF_SUBJECTS, {"subjects": subjects})]
    if customer is None and not numbers:
        raise Refused("unknown_person", person=command.person)
    erase_events(numbers, action=input_hash(command))
    conflicts = hot.run(sql.FORGET_CONFLICTS, {"subjects": subjects, "seqs": [seq for seq, _ in numbers]})
    Alias.objects.filter(subject__in=subjects).exclude(subject=F("customer__external_id")).delete()
    kept = _forget_customer(customer) if customer is not None else ""
    pseudonym = hot.rows("SELECT abaque_pseudonym(%s, %s)", [command.person, settings.HASHING_KEY])[0][0]
    return {"subject": pseudonym, "events": len(numbers), "conflicts": conflicts, "kept": kept}


def erase_events(numbers: Numbers, *, action: bytes) -> None:
    """Erase the texts and salts of events; leaves, times, quantities and keyed hashes of their words stay.

    `numbers`: of each event its number and time; all must be metered. `action`: the input hash of the action in
    whose transaction this happens: without its row, verifying says that texts are missing. Refused `not_metered`.
    """
    seqs, times = [seq for seq, _ in numbers], [time for _, time in numbers]
    asked: dict[str, Any] = {"seqs": seqs, "times": times, "key": settings.HASHING_KEY, "action": action}
    if not numbers:
        return
    if hot.rows(sql.WAITING, asked)[0][0]:
        raise Refused("not_metered")
    meters = published()
    hot.run(sql.KEEP_LEAVES, asked)
    hot.run(sql.keep_shares(meters), asked)
    hot.run(sql.KEEP_SALTS, asked)
    hot.run(sql.DROP_SALTS, asked)
    for statement in sql.FORGET:
        hot.run(statement, asked)
    for one in meters:
        if one.definition["aggregate"] == "unique":
            hot.run(sql.forget_members(one), asked)


def _forget_customer(customer: Customer) -> str:
    """Forget what a customer's row says of a person. Returns why it is kept, if it is."""
    customer.contacts = []
    fields = ["contacts"]
    kept = Invoice.objects.filter(customer=customer).exists()
    if not kept:
        for field in ("legal_name", "street", "postcode", "city", "vat_number", "company_number", "email"):
            setattr(customer, field, "")
            fields.append(field)
    customer.save(update_fields=fields)
    return "invoices" if kept else ""
