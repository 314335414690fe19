"""Fill a running test folder (`seed.py FOLDER`) with a small shop, and print what the pages are found by.

Dupont has drafts of February, Martin invoices; Legrand's product states other figures than were metered, so
billing of Legrand is held; an event of a type that no meter counts waits for a meter.
"""

import argparse
import json
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from abaque.app.commands.common import connected
from abaque.core.fault import Fault

CATALOGUE = """
meters:
  documents:
    name: {en: Documents, fr: Documents traités}
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
  exports:
    name: {en: Exports, fr: Exports}
    unit: {en: export, fr: export}
    event: export.made
    aggregate: count
    totals: {grain: day, deadline: 24h, tolerance: "0.5"}
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
      pages: {name: {en: Pages, fr: Pages}, meter: pages, price: {model: per_unit, unit: "0.002"}}
"""
ADDRESS = {"street": "1 rue des Actes", "postcode": "75002", "city": "Paris", "country": "FR"}
CUSTOMERS = (
    ("dupont", "Dupont & Fils", "fr"),
    ("martin", "Martin Ltd", "en"),
    ("legrand", "Legrand Expertise", "fr"),
)
DAY = timedelta(days=1)
FEBRUARY, MARCH = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)


def event(customer: str, number: int, time: str, **data: object) -> dict[str, Any]:
    """Return one processed document."""
    name = f"{customer}-{time[5:7]}-{number}"
    return {
        "specversion": "1.0",
        "source": "/shop",
        "id": name,
        "type": "document.processed",
        "subject": customer,
        "time": time,
        "data": {"document_id": name, "pages": number + 1, **data},
    }


def events() -> list[dict[str, Any]]:
    """Return what the product sent."""
    sent = []
    for customer, _name, _language in CUSTOMERS:
        sent += [event(customer, n, f"2026-02-0{n + 1}T10:00:00Z") for n in range(6)]
        sent += [event(customer, n, f"2026-03-0{n + 1}T10:00:00Z") for n in range(3)]
        sent.append(event(customer, 8, "2026-03-04T10:05:00Z", outcome="failure"))
    sent.append({**event("nobody", 0, "2026-03-04T10:00:00Z")})
    sent.append({**event("dupont", 9, "2026-03-05T09:00:00Z"), "id": "note-1", "type": "note.written"})
    sent += [
        {**event("dupont", n, f"2026-03-0{n % 7 + 2}T11:00:00Z"), "id": f"export-{n}", "type": "export.made"}
        for n in range(14)
    ]
    return sent


def fill() -> dict[str, Any]:
    """Fill the folder through the verbs, as the API would."""
    from django.db import connection

    from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
    from abaque.billing.capturing import Form, Sent, capture, read_body
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.put_customer import PutCustomer, put_customer
    from abaque.billing.reconcile import reconcile_now
    from abaque.billing.runner import perform
    from abaque.billing.state_control_total import StateControlTotals, Total, state_control_total
    from abaque.billing.subscribe import Subscribe, subscribe
    from abaque.storage import clock

    now = clock.now()
    perform(apply_catalogue, ApplyCatalogue(CATALOGUE), now=MARCH, by=SYSTEM)
    for number, name, language in CUSTOMERS:
        fields = {"legal_name": name, "language": language, "zone": "UTC", **ADDRESS}
        perform(put_customer, PutCustomer(number, fields), now=now, by=SYSTEM)
        perform(subscribe, Subscribe(number, "pro", starts_at=FEBRUARY), now=now, by=SYSTEM)
    connection.ensure_connection()
    capture(
        connection.connection,
        read_body(json.dumps(events()).encode(), Form.EITHER),
        Sent(now, None, b"1" * 32),
    )
    close_february(now)
    issue_of("martin", now)
    stated = [Total("documents", "legrand", FEBRUARY, MARCH, Decimal(400))]
    # Of the exports every day that is due was stated, one of them twice.
    days = [(MARCH + n * DAY, MARCH + (n + 1) * DAY) for n in range(8)]
    stated += [Total("exports", None, *day, Decimal(7)) for day in days[1:2]]
    stated += [Total("exports", None, *day, Decimal(2 if n else 0)) for n, day in enumerate(days)]
    perform(state_control_total, StateControlTotals(tuple(stated)), now=now, by=SYSTEM)
    reconcile_now([], now=now, by=SYSTEM)
    return addresses(now)


def close_february(now: datetime) -> None:
    """Close as often as it takes: the folder's own clock may be at it."""
    from abaque.billing.close_period import close
    from abaque.billing.permissions import SYSTEM

    for _ in range(100):
        try:
            close(date(2026, 3, 1), now=now, by=SYSTEM)
        except Fault as fault:
            if fault.code != "close_running":
                raise
            time.sleep(0.1)
        else:
            return
    raise AssertionError("another close runs for ever")


def issue_of(customer: str, now: datetime) -> None:
    """Issue the drafts of one customer, so that there are invoices to look at."""
    from abaque.billing.approve import ApproveMany, approve_many
    from abaque.billing.issue import issue_approved
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.runner import perform
    from abaque.storage.models import Invoice

    found = Invoice.objects.filter(customer__external_id=customer, state="draft").values_list(
        "public_id", "digest"
    )
    drafts = tuple((name, bytes(digest).hex()) for name, digest in found)
    perform(approve_many, ApproveMany(drafts), now=now, by=SYSTEM)
    done = issue_approved(now=now, by=SYSTEM, only=[name for name, _digest in drafts])
    assert len(done["issued"]) == len(drafts), done


def addresses(now: datetime) -> dict[str, Any]:
    """Return what the tests open."""
    from abaque.billing.create_key import new_key
    from abaque.billing.invite import new_invitation
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.portal_link import new_link
    from abaque.storage.models import Customer, Invoice

    customers = dict(Customer.objects.values_list("external_id", "public_id"))
    with patch("time.time", return_value=time.time() - timedelta(hours=73).total_seconds()):
        expired = new_link("dupont", now=now, by=SYSTEM, hours=72)
    return {
        "welcome": new_invitation("lea@papier.example", "owner", now=now, by=SYSTEM),
        "expired": expired,
        "portal": {number: new_link(number, now=now, by=SYSTEM) for number in customers},
        "key": new_key("product", ("events:write",), None, now=now, by=SYSTEM)["key"],
        "customers": customers,
        "invoices": dict(
            Invoice.objects.filter(due_at=MARCH).values_list("customer__external_id", "public_id")
        ),
    }


def main() -> int:
    with connected(argparse.Namespace(data=Path(sys.argv[1]))):
        sys.stdout.write(json.dumps(fill()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
