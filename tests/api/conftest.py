"""A folder in March 2026 with keys, and a caller that speaks JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

# What needs Django to be set up is imported where it is used: pytest reads this file before that.

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

CATALOGUE = """
meters:
  documents:
    name: {en: Documents, fr: Documents}
    unit: {en: document, fr: document}
    event: document.processed
    aggregate: count
    operation: document_id
  pages:
    name: {en: Pages, fr: Pages}
    unit: {en: page, fr: page}
    event: document.processed
    aggregate: sum
    value: pages
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
    group_by: [office]
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
      pages: {name: {en: Pages, fr: Pages}, meter: pages, price: {model: per_unit, unit: "0.001"}}
      readers: {name: {en: Readers, fr: Lecteurs}, meter: readers, price: {model: per_unit, unit: "3"}}
      largest: {name: {en: Largest, fr: Plus grand}, meter: largest, price: {model: per_unit, unit: "0.01"}}
"""

ISSUER = {
    "legal_name": "Papier SAS",
    "street": "1 rue des Actes",
    "postcode": "75002",
    "city": "Paris",
    "country": "FR",
    "vat_number": "FR 12 345678901",
    "company_number": "345678901",
    "zone": "UTC",
}
CUSTOMER = {
    "legal_name": "Dupont & Fils",
    "street": "2 quai du Port",
    "postcode": "13002",
    "city": "Marseille",
    "country": "FR",
    "contacts": [{"name": "Zoé", "email": "zoe@example.com"}],
}


@dataclass(slots=True)
class Answer:
    status: int
    body: Any
    headers: Any


@dataclass(slots=True)
class Caller:
    """Calls the API with one key."""

    client: Client
    key: str

    def __call__(
        self,
        method: str,
        address: str,
        body: object = None,
        *,
        raw: str | bytes | None = None,
        **headers: str,
    ) -> Answer:
        content = raw if raw is not None else "" if body is None else json.dumps(body)
        kind = headers.pop("content_type", "application/json")
        response = self.client.generic(
            method,
            f"/v1{address}",
            content,
            content_type=kind,
            headers={"Authorization": f"Bearer {self.key}"} | headers,
        )
        is_json = "json" in response.headers.get("Content-Type", "")
        return Answer(
            response.status_code, response.json() if is_json else response.content, response.headers
        )

    def made(self, method: str, address: str, body: object = None, **headers: str) -> Any:
        """Return the body of an answer that must be a success."""
        answer = self(method, address, body, **headers)
        assert answer.status in {200, 201}, answer.body
        return answer.body


@pytest.fixture
def folder(db: None, settings: Any) -> None:
    """A test folder whose clock shows 10 March 2026, noon."""
    from django.urls import include, path

    from abaque.storage.models import Clock

    del db
    settings.ROOT_URLCONF = type("Mounted", (), {"urlpatterns": [path("v1/", include("abaque.api.urls"))]})
    Clock.objects.update_or_create(id=1, defaults={"test": True, "offset": NOW - datetime.now(UTC)})


@pytest.fixture
def caller_with(folder: None) -> Callable[..., Caller]:
    """Make a caller whose key has these scopes."""
    from abaque.billing.create_key import new_key
    from abaque.billing.permissions import SYSTEM

    del folder

    def make(*scopes: str) -> Caller:
        return Caller(Client(), new_key("test", scopes, now=NOW, by=SYSTEM)["key"])

    return make


@pytest.fixture
def call(caller_with: Callable[..., Caller]) -> Caller:
    """A caller whose key has every scope."""
    from abaque.billing.create_key import SCOPES

    return caller_with(*SCOPES)


@pytest.fixture
def shop(call: Caller) -> Caller:
    """A caller to a folder with a catalogue, an issuer, and one customer subscribed from 1 February."""
    from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.runner import perform

    perform(apply_catalogue, ApplyCatalogue(CATALOGUE), now=NOW, by=SYSTEM)
    call.made("PUT", "/issuers/papier", ISSUER)
    call.made("PUT", "/customers/dupont", CUSTOMER)
    call.made(
        "POST",
        "/subscriptions",
        {"customer": "dupont", "plan": "pro", "starts_at": "2026-02-01T00:00:00Z", "external_id": "s-1"},
    )
    return call


class Product:
    """What the customers' software does: it reports what happened, and the meter counts it."""

    def __call__(
        self, identity: str, time: str, kind: str = "document.processed", **data: object
    ) -> dict[str, Any]:
        """Return an event about the customer dupont."""
        return {
            "specversion": "1.0",
            "source": "/test",
            "id": identity,
            "type": kind,
            "subject": "dupont",
            "time": time,
            "data": data,
        }

    def send(self, *events: dict[str, Any]) -> None:
        """Send events as the door would, and meter them."""
        from django.db import connection

        from abaque.billing.capturing import Form, Sent, capture, read_body
        from abaque.billing.meter import meter_chunk, recount_chunk

        connection.ensure_connection()
        body = read_body(json.dumps(events).encode(), Form.EITHER)
        capture(connection.connection, body, Sent(NOW, None, b"1" * 32))
        while meter_chunk(now=NOW) + recount_chunk(now=NOW):
            pass

    def february(self) -> None:
        """Six documents of 54.5 pages, the largest of 30, and two readers; one failure, one attempt too many."""
        self.send(
            self("1", "2026-02-03T08:05:00Z", document_id="a", pages=10),
            self("2", "2026-02-03T08:50:00Z", document_id="b", pages="2.5"),
            self("3", "2026-02-03T23:30:00Z", document_id="c", pages=7, outcome="failure"),
            self("4", "2026-02-04T00:10:00Z", document_id="c", pages=7),
            self("5", "2026-02-04T00:20:00Z", document_id="c", pages=1),
            self("6", "2026-02-20T12:00:00Z", document_id="d", pages=30),
            self("7", "2026-02-20T12:14:59Z", document_id="e", pages=0),
            self("8", "2026-02-21T09:00:00Z", document_id="f", pages=4),
            self("r1", "2026-02-05T10:00:00Z", "document.read", reader="ann", office="north"),
            self("r2", "2026-02-05T11:00:00Z", "document.read", reader="ann", office="south"),
            self("r3", "2026-02-06T10:00:00Z", "document.read", reader="bob", office="south"),
            self("r4", "2026-02-06T10:01:00Z", "document.read", reader="ann", office="south"),
        )


@pytest.fixture
def product() -> Product:
    return Product()
