"""The inbox names every kind of difference and hold as people do, and shows none without its place."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from abaque.storage import clock
from abaque.storage.models import Customer, Finding, Hold, Invoice

QUANTITY = {"quantity": "12"}
AMOUNT = {"amount": {"minor": 4900, "currency": {"code": "EUR"}}}


def put(check: str, kind: str, subject: str, **fields: Any) -> Finding:
    now = clock.now()
    return Finding.objects.create(
        check_name=check, kind=kind, subject=subject, opened_at=now, seen_at=now, currency="EUR", **fields
    )


def hold(finding: Finding | None, scope: str, reason: str = "") -> Hold:
    return Hold.objects.create(
        finding=finding,
        scope=scope,
        customer=finding.customer if finding else None,
        stops=["issue", "push"],
        owner="finance",
        reason=reason or f"raw {scope}",
        last_day=date(2026, 4, 15),
        raised_at=clock.now(),
    )


@pytest.fixture
def inbox(shop: Any) -> Finding:
    """One of everything; returned is the difference whose hold is asked for."""
    shop.close()
    dupont = Customer.objects.get(public_id=shop.dupont)
    invoice = Invoice.objects.filter(customer=dupont).latest("due_at").public_id
    hour = put("events ↔ usage", "differing", "documents 2026-02-03T10:00Z", ours=QUANTITY)
    hold(hour, "meter:documents")
    platform = put("invoices ↔ sandbox", "unknown", "sandbox")
    hold(platform, "connector:sandbox")
    put("invoices ↔ sandbox", "missing", invoice, customer=dupont, ours=AMOUNT, impact=4900)
    double = put("invoices ↔ sandbox", "doubled", invoice, customer=dupont, theirs=AMOUNT, impact=4900)
    hold(double, f"customer:{dupont.public_id}")
    put("usage ↔ invoices", "differing", f"{invoice}/1", customer=dupont, ours=AMOUNT, theirs=AMOUNT)
    hold(None, "everything", "we close the books")
    return double


def said(client: Client, query: str = "") -> str:
    return client.get(f"/console/inbox{query}").content.decode()


def test_everything_is_named_and_leads_somewhere(inbox: Finding, owner: Client) -> None:
    page = said(owner)
    assert 'href=""' not in page
    for words in (
        "documents, 3 Feb 2026, 10:00",
        "Recomputed from its raw events, the hour does not come out the same.",
        "Meter documents",
        "Platform Sandbox",
        "once too often",
        "Reconciliation of Invoices and Sandbox: there twice",
        "we close the books",
    ):
        assert words in page, words
    assert f"raw customer:{inbox.customer.public_id}" not in page  # type: ignore[union-attr]  # it has one


def test_a_hold_whose_difference_is_settled_stays_in_sight(inbox: Finding, owner: Client) -> None:
    inbox.closed_at, inbox.closed_by = clock.now(), "staff:lea@papier.example"
    inbox.closed_reason = "agreed by telephone"
    inbox.save()
    page = said(owner)
    before, _heading, after = page.partition("Holds of other differences")
    standing = Hold.objects.get(finding=inbox).public_id
    assert f'id="hold-{standing}"' in after
    assert f'id="hold-{standing}"' not in before
    assert "lea@papier.example: agreed by telephone" in said(owner, "?state=resolved")


@pytest.mark.usefixtures("inbox")
def test_a_remedy_without_a_reason_is_not_sent(owner: Client) -> None:
    page = said(owner)
    assert page.count('name="reason" required') == page.count("<textarea")
    assert page.count("/accept_finding") == 5
    assert page.count("/push_again") == 1
    assert page.count("/void_there") == 1
