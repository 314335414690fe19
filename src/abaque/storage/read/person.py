"""What is stored of a person: a customer's row, and the events of its subjects."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

from django.db.models import Q

from abaque.storage import archived, hot
from abaque.storage.models import Alias, Customer

_CUSTOMER = ("external_id", "legal_name", "street", "postcode", "city", "country", "vat_number", "company_number",
             "email", "language", "zone", "contacts")  # fmt: skip


def subjects_of(person: str) -> tuple[Customer | None, list[str]]:
    """Return whom a name means: a customer, by external or public id, with its subjects; else a subject alone."""
    customer = Customer.objects.filter(Q(external_id=person) | Q(public_id=person)).first()
    if customer is None:
        return None, [person]
    subjects = Alias.objects.filter(customer=customer).values_list("subject", flat=True)
    return customer, sorted({customer.external_id, *subjects})


def stored_of(person: str) -> Mapping[str, Any] | None:
    """Return everything that is stored of a person, JSON-able; None where nothing is.

    Instants are RFC 3339. Numbers of `data` stay as they were sent, as text where they are no integers.
    """
    customer, subjects = subjects_of(person)
    events = list(_events(subjects))
    conflicts = hot.rows(
        "SELECT received_at, event::text FROM conflict WHERE event ->> 'subject' = ANY (%s) ORDER BY received_at",
        [subjects],
    )
    if customer is None and not events and not conflicts:
        return None
    return {
        "person": person,
        "subjects": subjects,
        "customer": None if customer is None else {name: getattr(customer, name) for name in _CUSTOMER},
        "events": events,
        "conflicts": [{"received_at": at.isoformat(), "event": _read(text)} for at, text in conflicts],
    }


def _events(subjects: list[str]) -> Iterator[Mapping[str, Any]]:
    here = hot.rows(
        "SELECT source, id, type, subject, time, received_at, subscription, extensions::text, data::text, seq"
        " FROM event WHERE subject = ANY (%s) AND type <> 'abaque.erased'",
        [subjects],
    )
    away = [_columns(event) for event, _ in archived.of_subjects(subjects)]
    found = sorted(here + away, key=itemgetter(4, 9))
    for source, identity, kind, subject, time, received_at, subscription, extensions, data, _ in found:
        yield {
            "source": source,
            "id": identity,
            "type": kind,
            "subject": subject,
            "time": _instant(time),
            "received_at": _instant(received_at),
            "subscription": subscription,
            "extensions": _read(extensions or "{}"),
            "data": _read(data),
        }


_columns = attrgetter(
    *("source", "id", "type", "subject", "time", "received_at", "subscription", "extensions", "data", "seq")
)


def _instant(moment: datetime) -> str:
    return moment.isoformat()


def _read(text: str) -> Any:
    return json.loads(text, parse_float=str)
