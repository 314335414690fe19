"""A folder with a catalogue, a key, and a client of the door."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from tests.api.door.speaking import NOW, Client, new_key


@pytest.fixture
def folder(transactional_db: None) -> None:
    """A test folder with one customer and one meter, whose transactions are real."""
    from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.put_customer import PutCustomer, put_customer
    from abaque.billing.put_issuer import PutIssuer, put_issuer
    from abaque.billing.runner import perform
    from abaque.storage.models import Clock

    del transactional_db
    Clock.objects.update_or_create(id=1, defaults={"test": True, "offset": NOW - datetime.now(UTC)})
    perform(apply_catalogue, ApplyCatalogue(CATALOGUE), now=NOW, by=SYSTEM)
    perform(put_issuer, PutIssuer("papier", {"legal_name": "Papier"}), now=NOW, by=SYSTEM)
    perform(put_customer, PutCustomer("dupont", {"legal_name": "Dupont"}), now=NOW, by=SYSTEM)


CATALOGUE = """
meters:
  pages:
    name: {en: Pages, fr: Pages}
    unit: {en: page, fr: page}
    event: document.processed
    aggregate: sum
    value: pages
"""


@pytest.fixture
def url(folder: None) -> str:
    from django.db import connection

    del folder
    known = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        host=known["HOST"],
        port=known["PORT"],
        dbname=known["NAME"],
        user=known["USER"],
        password=known["PASSWORD"],
    )


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    made = Client(url, new_key("events:write")["key"])
    yield made
    made.door._pool.close()
