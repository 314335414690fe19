"""Give a customer a further subject, from when and until when. Events that waited for it are counted by themselves."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from abaque.billing.permissions import Actor
from abaque.billing.portal_link import find_customer
from abaque.billing.runner import Refused, Result
from abaque.storage.models import Alias, Customer, Recount


@dataclass(frozen=True, slots=True)
class GiveAlias:
    """`customer`: external or public id. `[valid_from, valid_to)` are times of events; None: unbounded."""

    subject: str
    customer: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None


def give_alias(command: GiveAlias, *, now: datetime, by: Actor) -> Result:
    """A subject has one customer at a time.

    Refused `subject_needed`, `empty_span`, `unknown_customer`, `alias_taken`.
    """
    if not command.subject:
        raise Refused("subject_needed")
    if command.valid_from and command.valid_to and command.valid_to <= command.valid_from:
        raise Refused("empty_span", start=command.valid_from, end=command.valid_to)
    customer = find_customer(command.customer)
    lock_subject(command.subject)
    same = Alias.objects.filter(subject=command.subject)
    if command.valid_from:
        same = same.filter(Q(valid_to=None) | Q(valid_to__gt=command.valid_from))
    if command.valid_to:
        same = same.filter(Q(valid_from=None) | Q(valid_from__lt=command.valid_to))
    owner = Customer.objects.filter(alias__in=same).first()
    if owner is not None:
        raise Refused("alias_taken", subject=command.subject, customer=owner.external_id)
    Alias.objects.create(
        subject=command.subject, customer=customer, valid_from=command.valid_from, valid_to=command.valid_to
    )
    Recount.objects.create(subjects=[command.subject], asked_at=now)
    return {"subject": customer.public_id, "alias": command.subject, "given_by": str(by)}


def lock_subject(subject: str) -> None:
    """Let one transaction at a time decide whose a subject is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"alias/{subject}"])
