"""A shop in March 2026: two customers, usage in February and March, drafts of February."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
from abaque.billing.capturing import Form, Sent, capture, read_body
from abaque.billing.close_period import close
from abaque.billing.meter import meter_chunk, recount_chunk
from abaque.billing.permissions import SYSTEM
from abaque.billing.put_customer import PutCustomer, put_customer
from abaque.billing.put_issuer import PutIssuer, put_issuer
from abaque.billing.runner import perform
from abaque.billing.subscribe import Subscribe, subscribe
from abaque.storage.models import Clock, Customer, User

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)

CATALOGUE = """
meters:
  documents:
    name: {en: Documents, fr: Documents traités}
    unit: {en: document, fr: document}
    event: document.processed
    aggregate: count
    operation: document_id
  largest:
    name: {en: Largest, fr: Le plus grand}
    unit: {en: page, fr: page}
    event: document.processed
    aggregate: max
    value: pages
  readers:
    name: {en: Readers, fr: Lecteurs}
    unit: {en: reader, fr: lecteur}
    event: document.read
    aggregate: unique
    value: reader
plans:
  pro:
    version: 1
    name: {en: Professional, fr: Professionnel}
    currency: EUR
    interval: month
    align: calendar
    charges:
      base: {name: {en: Base fee, fr: Abonnement}, price: {model: flat, amount: "49.00"}, bill: advance}
      docs:
        name: {en: Documents, fr: Documents}
        meter: documents
        allowance: 2
        price: {model: graduated, tiers: [{up_to: 2, unit: "0.10"}, {unit: "0.05"}]}
      readers: {name: {en: Readers, fr: Lecteurs}, meter: readers, price: {model: per_unit, unit: "3"}}
      largest: {name: {en: Largest, fr: Plus grand}, meter: largest, price: {model: per_unit, unit: "0.01"}}
"""

ADDRESS = {"street": "1 rue des Actes", "postcode": "75002", "city": "Paris", "country": "FR", "zone": "UTC"}


@dataclass(slots=True)
class Shop:
    """The folder, and what its product sends."""

    dupont: str
    martin: str

    def send(self, *events: dict[str, Any]) -> None:
        """Send events as the door would, and meter them."""
        connection.ensure_connection()
        body = read_body(json.dumps(events).encode(), Form.EITHER)
        capture(connection.connection, body, Sent(NOW, None, b"1" * 32))
        self.meter()

    def meter(self) -> None:
        """Meter what waits."""
        while meter_chunk(now=NOW) + recount_chunk(now=NOW):
            pass

    def close(self) -> None:
        """Draft what fell due on 1 March."""
        close(MARCH, now=NOW, by=SYSTEM)


def event(
    identity: str, time: str, kind: str = "document.processed", subject: str = "dupont", **data: object
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": "/test",
        "id": identity,
        "type": kind,
        "subject": subject,
        "time": time,
        "data": data,
    }


def february(subject: str, documents: int) -> list[dict[str, Any]]:
    """Return so many documents of a customer, processed on 3 February."""
    return [
        event(
            f"{subject}-{n}",
            "2026-02-03T10:00:00Z",
            subject=subject,
            document_id=f"{subject}-{n}",
            pages=n + 1,
        )
        for n in range(documents)
    ]


@pytest.fixture
def folder(db: None) -> None:  # noqa: ARG001  # it stands on this one
    """A test folder whose clock shows 10 March 2026, noon."""
    Clock.objects.update_or_create(id=1, defaults={"test": True, "offset": NOW - datetime.now(UTC)})


@pytest.fixture
def shop(folder: None) -> Shop:  # noqa: ARG001  # it stands on this one
    """Two customers since 1 February; Dupont used documents in February and March, Martin in February."""
    return made_shop()


def made_shop() -> Shop:
    perform(apply_catalogue, ApplyCatalogue(CATALOGUE), now=NOW, by=SYSTEM)
    issuer = {
        "legal_name": "Papier SAS",
        "vat_number": "FR12345678901",
        "company_number": "345678901",
        **ADDRESS,
    }
    perform(
        put_issuer, PutIssuer("papier", {**issuer, "email": "factures@papier.example"}), now=NOW, by=SYSTEM
    )
    for number, name, lang in (("dupont", "Dupont & Fils", "fr"), ("martin", "Martin Ltd", "en")):
        fields = {"legal_name": name, "language": lang, **ADDRESS}
        perform(put_customer, PutCustomer(number, fields), now=NOW, by=SYSTEM)
        start = datetime(2026, 2, 1, tzinfo=UTC)
        perform(subscribe, Subscribe(number, "pro", starts_at=start), now=NOW, by=SYSTEM)
    ids = dict(Customer.objects.values_list("external_id", "public_id"))
    shop = Shop(ids["dupont"], ids["martin"])
    shop.send(
        *february("dupont", 5),
        *february("martin", 3),
        event("late", "2026-03-02T09:00:00Z", document_id="d-9", pages=7),
        event("later", "2026-03-04T09:00:00Z", document_id="d-10", pages=12),
        event("failed", "2026-03-04T09:05:00Z", document_id="d-11", pages=1, outcome="failure"),
        event("read-1", "2026-03-04T09:00:00Z", "document.read", reader="ana"),
        event("read-2", "2026-03-05T09:00:00Z", "document.read", reader="ana"),
        event("read-3", "2026-03-05T09:00:00Z", "document.read", reader="bob"),
        event("unknown", "2026-03-05T09:00:00Z", subject="nobody", pages=1),
        event("note-1", "2026-03-05T09:00:00Z", "note.written", words=7),
    )
    return shop


@pytest.fixture
def signed_in(folder: None) -> Callable[[str], Client]:  # noqa: ARG001  # it stands on this one
    """Sign somebody of a role in, reading English."""

    def make(role: str) -> Client:
        user = User.objects.create_user(f"{role}@papier.example", "a long enough password", role=role)
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def owner(signed_in: Callable[[str], Client]) -> Client:
    return signed_in("owner")
