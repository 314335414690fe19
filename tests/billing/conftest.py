"""A house with real commits: what the verbs, the door and the meter do here is durable, then swept away."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

# What needs Django to be set up is imported where it is used: pytest reads this file before that.

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HASHING_KEY = b"1" * 32

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
plans:
  pro:
    version: 1
    name: {en: Professional, fr: Professionnel}
    currency: EUR
    interval: month
    align: calendar
    charges:
      base: {name: {en: Base fee, fr: Abonnement}, price: {model: flat, amount: "31.00"}, bill: advance}
      docs:
        name: {en: Documents, fr: Documents}
        meter: documents
        price: {model: graduated, tiers: [{up_to: 2, unit: "0.10"}, {unit: "0.05"}]}
  usage:
    version: 1
    name: {en: By use, fr: À l'usage}
    currency: EUR
    interval: month
    align: calendar
    charges:
      pages: {name: {en: Pages, fr: Pages}, meter: pages, price: {model: per_unit, unit: "0.50"}}
"""

ISSUER = {
    "legal_name": "Papier SAS",
    "street": "1 rue des Actes",
    "postcode": "75002",
    "city": "Paris",
    "country": "FR",
    "vat_number": "FR12345678901",
    "company_number": "345678901",
    "zone": "UTC",
}
CUSTOMER = {
    "legal_name": "Dupont & Fils",
    "street": "2 quai du Port",
    "postcode": "13002",
    "city": "Marseille",
    "country": "FR",
}


@dataclass
class House:
    """A folder whose clock the test moves, and short words for what people and products do with it."""

    now: datetime = NOW
    sent: int = field(default=0)

    @staticmethod
    def instant(text: str) -> datetime:
        return instant(text)

    def perform(self, verb: Any, command: Any, *, key: str | None = None, by: Any = None) -> dict[str, Any]:
        from abaque.billing.permissions import SYSTEM
        from abaque.billing.runner import perform

        return perform(verb, command, now=self.now, by=by or SYSTEM, key=key)

    def catalogue(self, text: str = CATALOGUE) -> None:
        from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue

        self.perform(apply_catalogue, ApplyCatalogue(text))

    def issuer(self, external_id: str = "papier", **fields: Any) -> None:
        from abaque.billing.put_issuer import PutIssuer, put_issuer

        self.perform(put_issuer, PutIssuer(external_id, {**ISSUER, **fields}))

    def customer(self, external_id: str = "dupont", aliases: tuple[str, ...] = (), **fields: Any) -> str:
        from abaque.billing.put_customer import PutCustomer, put_customer

        done = self.perform(put_customer, PutCustomer(external_id, {**CUSTOMER, **fields}, aliases=aliases))
        return str(done["id"])

    def subscribe(self, customer: str = "dupont", plan: str = "pro", starts: str = "2026-02-01") -> str:
        from abaque.billing.subscribe import Subscribe, subscribe

        return str(self.perform(subscribe, Subscribe(customer, plan, starts_at=instant(starts)))["id"])

    def shop(self, *customers: str, plan: str = "pro", starts: str = "2026-02-01") -> None:
        """A catalogue, an issuer, and customers with a subscription each."""
        self.catalogue()
        self.issuer()
        for one in customers or ("dupont",):
            self.customer(one)
            self.subscribe(one, plan, starts)

    def event(self, identity: str, time: str | None, **more: Any) -> dict[str, Any]:
        fields = {
            "specversion": "1.0",
            "source": more.pop("source", "/test"),
            "id": identity,
            "type": more.pop("type", "document.processed"),
            "subject": more.pop("subject", "dupont"),
        }
        return {**fields, **({} if time is None else {"time": time}), "data": more}

    def capture(self, *events: dict[str, Any] | str, key: bytes | None = None) -> Any:
        """Send events, as objects or as their JSON text, through the door's own statement."""
        from django.db import connection

        from abaque.billing.capturing import Form, Sent, capture, read_body

        connection.ensure_connection()
        texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
        body = read_body(f"[{','.join(texts)}]".encode(), Form.EITHER)
        return capture(connection.connection, body, Sent(self.now, key, HASHING_KEY))

    def documents(self, number: int, day: str, subject: str = "dupont", **data: Any) -> None:
        """So many documents on a day, metered."""
        first = self.sent
        self.sent += number
        self.capture(
            *(
                self.event(f"d{n}", f"{day}T10:00:00Z", subject=subject, document_id=f"d{n}", **data)
                for n in range(first, first + number)
            )
        )
        self.meter()

    def meter(self) -> None:
        from abaque.billing.meter import drain

        drain(now=self.now)

    def seal(self) -> dict[str, int]:
        from abaque.billing.permissions import SYSTEM
        from abaque.billing.seal import seal_all

        return seal_all(now=self.now, by=SYSTEM)

    def close(self, until: str | datetime) -> dict[str, Any]:
        from abaque.billing.close_period import close
        from abaque.billing.permissions import SYSTEM

        return close(until if isinstance(until, datetime) else instant(until), now=self.now, by=SYSTEM)

    def approve_all(self) -> None:
        from abaque.billing.approve import ApproveMany, approve_many
        from abaque.storage.models import Invoice

        drafts = Invoice.objects.filter(state="draft")
        self.perform(approve_many, ApproveMany(tuple((i.public_id, bytes(i.digest).hex()) for i in drafts)))

    def issue_approved(self) -> dict[str, list[dict[str, Any]]]:
        from abaque.billing.issue import issue_approved
        from abaque.billing.permissions import SYSTEM

        return issue_approved(now=self.now, by=SYSTEM)

    def check(self) -> None:
        """Fail with what is broken, should an invariant not hold."""
        assert [(one.name, one.first) for one in self._checked() if not one.good] == []

    def broken(self) -> set[str]:
        """The names of the invariants that do not hold."""
        return {one.name for one in self._checked() if not one.good}

    def _checked(self) -> list[Any]:
        from abaque.billing.self_check import self_check
        from abaque.storage.models import Clock

        Clock.objects.update(offset=self.now - datetime.now(UTC))
        return list(self_check())

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        from abaque.storage import hot

        return hot.rows(statement, list(parameters))

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        from abaque.storage import hot

        return hot.run(statement, list(parameters))

    def fates(self, meter: str) -> dict[str, tuple[str, str | None]]:
        """What became of each event for a meter, by event id."""
        return {
            identity: (one.fate, one.reason or None)
            for (_, identity), fates in self.all_fates().items()
            for one in fates
            if one.meter == meter and one.fate != "waiting"
        }

    def all_fates(self) -> dict[tuple[str, str], list[Any]]:
        """What became of every event, by source and id; an amendment's include those of what it put in place."""
        from abaque.storage.read.fates import fates_of

        events = self.rows("SELECT seq, time, source, id FROM event")
        found = fates_of([(seq, time) for seq, time, _, _ in events])
        by_identity: dict[tuple[str, str], list[Any]] = {}
        for seq, _, source, identity in events:
            by_identity.setdefault((source, identity), []).extend(found[seq])
        return by_identity

    def usage(self, meter: str, start: str, end: str, customer: str = "dupont") -> Decimal:
        from abaque.storage.models import Customer, Meter
        from abaque.storage.read.spans import Asked, measure

        asked = Asked(
            Meter.objects.get(code=meter).pk,
            Customer.objects.get(external_id=customer).pk,
            instant(start),
            instant(end),
        )
        return measure([asked])[0].quantity


def instant(text: str) -> datetime:
    """An instant, or the midnight UTC of a day."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@pytest.fixture
def house(transactional_db: None, settings: Any) -> Iterator[House]:
    """An empty test folder whose transactions are real."""
    from abaque.billing import documenting, offers
    from abaque.storage.models import Clock

    del transactional_db
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    settings.CONNECTORS = []
    Clock.objects.update_or_create(id=1, defaults={"test": True, "offset": timedelta(0)})
    offers._plan.cache_clear()
    documenting.unit_names.cache_clear()
    yield House()
    offers._plan.cache_clear()
    documenting.unit_names.cache_clear()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Any]:
    """An archive in a folder of its own, known to the read side."""
    from abaque.connectors.parquet import ParquetArchive
    from abaque.storage import archived

    archive = ParquetArchive(tmp_path / "archive")
    archived.connect(archive)
    yield archive
    archived._connected.clear()


@pytest.fixture
def partition(house: House) -> Iterator[None]:
    """February as a partition, as it is where the worker made it ahead."""
    house.rows("SELECT abaque_make_partitions('2026-02-01', 1)")
    yield
    house.run("DROP TABLE IF EXISTS event_2026_02")


@pytest.fixture
def in_threads() -> Callable[..., list[Any]]:
    """Call functions at the same moment, each in a thread with a connection of its own; return or raise in order."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    def run(*functions: Callable[[], Any]) -> list[Any]:
        barrier = threading.Barrier(len(functions))

        def one(function: Callable[[], Any]) -> Any:
            try:
                barrier.wait(10)
                return function()
            except Exception as error:  # noqa: BLE001  # the test looks at it
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(one, functions))

    return run
