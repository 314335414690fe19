"""What staff do in the console happens once, only for those who may, and says how it went."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from abaque.billing.permissions import SYSTEM
from abaque.billing.reconcile import Reconcile, reconcile
from abaque.billing.render_document import render_document
from abaque.billing.runner import perform
from abaque.storage import clock, hot
from abaque.storage.models import Action, ApiKey, Customer, Finding, Hold, Invoice, Meter, User
from abaque.storage.read.events import one_event


def said(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def drafts_shown(page: str) -> list[str]:
    return re.findall(r'name="draft" value="([^"]+)"', page)


def test_a_double_click_acts_once(shop: Any, owner: Client) -> None:
    address = f"/console/customers/{shop.dupont}/hold"
    form = {"csrfmiddlewaretoken": "x" * 64, "reason": "they asked for a pause"}
    assert owner.post(address, form).status_code == 302
    assert owner.post(address, form).status_code == 302
    assert Hold.objects.count() == 1
    owner.post(address, form | {"csrfmiddlewaretoken": "y" * 64})
    assert Hold.objects.count() == 2


def test_a_form_without_its_token_is_refused(shop: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    user = User.objects.create_user("o@papier.example", "a long enough password", role="owner")
    strict.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(f"/console/customers/{shop.dupont}/hold", {"reason": "none"}).status_code == 403
    assert not Hold.objects.exists()


def test_a_role_that_may_not_gets_403_and_nothing_changes(
    shop: Any, signed_in: Callable[[str], Client]
) -> None:
    support = signed_in("support")
    assert support.post(f"/console/customers/{shop.dupont}/hold", {"reason": "because"}).status_code == 403
    assert support.post("/console/keys/create", {"name": "k", "scopes": "read"}).status_code == 403
    assert support.post("/console/inbox/reconcile").status_code == 403
    assert not Hold.objects.exists()
    assert not ApiKey.objects.exists()


def test_a_refusal_is_said_in_the_readers_language(shop: Any, owner: Client) -> None:
    owner.post(f"/console/customers/{shop.dupont}/hold", {"reason": " "})
    page = said(owner, f"/console/customers/{shop.dupont}")
    assert "Not done." in page
    assert not Hold.objects.exists()


def test_a_hold_is_released_with_a_reason(shop: Any, owner: Client) -> None:
    owner.post(f"/console/customers/{shop.dupont}/hold", {"reason": "look at it"})
    hold = Hold.objects.get()
    assert f"hold-{hold.public_id}" in said(owner, "/console/inbox")
    owner.post(f"/console/inbox/holds/{hold.public_id}/release", {"reason": ""})
    hold.refresh_from_db()
    assert hold.released_at is None
    owner.post(f"/console/inbox/holds/{hold.public_id}/release", {"reason": "looked"})
    hold.refresh_from_db()
    assert hold.released_reason == "looked"
    assert hold.released_by == "staff:owner@papier.example"


def test_a_meter_is_made_from_a_recorded_type_and_counts_it(shop: Any, owner: Client) -> None:
    page = said(owner, "/console/meters?propose=note.written")
    assert "note_written" in page
    form = {
        "event_type": "note.written",
        "code": "words",
        "name": "Words",
        "aggregate": "sum",
        "value": "words",
    }
    assert owner.post("/console/meters/make", form).status_code == 302
    shop.meter()
    meter = Meter.objects.get(code="words")
    note = one_event("/test", "note-1")
    assert note is not None
    assert note.fate == "counted"
    assert hot.rows("SELECT quantity FROM usage WHERE meter_id = %s", [meter.pk])[0][0] == 7


@pytest.mark.usefixtures("shop")
def test_a_meter_that_cannot_be_made_says_why(owner: Client) -> None:
    form = {"event_type": "note.written", "code": "No Code!", "aggregate": "count"}
    assert owner.post("/console/meters/make", form).status_code == 200
    assert not Meter.objects.filter(event_types=["note.written"]).exists()


@pytest.mark.usefixtures("folder")
def test_a_key_is_shown_once_and_lies_nowhere_in_clear(owner: Client) -> None:
    form = {
        "csrfmiddlewaretoken": "x" * 64,
        "name": "product",
        "scopes": ["events:write"],
        "sources": "/app, /jobs",
    }
    owner.post("/console/keys/create", form)
    owner.post("/console/keys/create", form)  # the double click
    assert ApiKey.objects.count() == 1
    key = ApiKey.objects.get()
    assert key.sources == ["/app", "/jobs"]
    stored = str(owner.session.items())
    shown = re.search(r"<code>(ab_[\w-]+)</code>", said(owner, "/console/keys"))
    assert shown is not None
    assert shown[1] not in stored
    assert shown[1] not in said(owner, "/console/keys")
    owner.post(f"/console/keys/{key.public_id}/revoke")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_portal_link_is_made_and_shown_once(shop: Any, owner: Client) -> None:
    owner.post(f"/console/customers/{shop.dupont}/portal-link")
    address = f"/console/customers/{shop.dupont}"
    assert "/portal/enter/" in said(owner, address)
    assert "/portal/enter/" not in said(owner, address)
    # The link is a secret: the audit trail knows that one was made, not which.
    assert "/portal/enter/" not in str(list(Action.objects.values_list("result", flat=True)))


def test_drafts_are_approved_as_they_were_shown_and_issued(shop: Any, owner: Client) -> None:
    shop.close()
    shown = drafts_shown(said(owner, "/console/review"))
    assert len(shown) == 4
    owner.post("/console/review/approve", {"mode": "chosen", "draft": shown[:1]})
    assert Invoice.objects.filter(state="issued").count() == 1
    assert Invoice.objects.get(state="issued").public_id == shown[0].split(".")[0]


def test_a_draft_that_changed_since_it_was_shown_is_not_approved(shop: Any, owner: Client) -> None:
    shop.close()
    shown = drafts_shown(said(owner, "/console/review"))[0]
    stale = f"{shown.split('.')[0]}.{'00' * 32}"
    owner.post("/console/review/approve", {"mode": "chosen", "draft": [stale]})
    assert not Invoice.objects.filter(state="issued").exists()
    assert not Invoice.objects.exclude(approved_digest=None).exists()


def test_all_is_what_the_page_showed_and_nothing_else(shop: Any, owner: Client) -> None:
    shop.close()
    page = said(owner, "/console/review")
    action = re.search(r'action="(/console/review/approve\?seen=[0-9a-f]+)"', page)
    assert action is not None
    left_out = drafts_shown(page)[0]
    held = Customer.objects.get(external_id="martin")
    owner.post(f"/console/customers/{held.public_id}/hold", {"reason": "look at it"})
    owner.post(action[1], {"mode": "all"})
    assert not Invoice.objects.filter(state="issued").exists(), (
        "the drafts that are ready are not those that were shown"
    )
    again = re.search(r'action="(/console/review/approve\?seen=[0-9a-f]+)"', said(owner, "/console/review"))
    assert again is not None
    owner.post(again[1], {"mode": "all", "except": [left_out]})
    issued = Invoice.objects.filter(state="issued")
    assert {one.customer.external_id for one in issued} == {"dupont"}
    assert left_out.split(".")[0] not in {one.public_id for one in issued}


def test_an_issued_invoice_is_verified_once_it_was_compared(shop: Any, owner: Client) -> None:
    shop.close()
    for _ in range(2):
        owner.post(
            "/console/review/approve",
            {"mode": "chosen", "draft": drafts_shown(said(owner, "/console/review"))},
        )
    assert Invoice.objects.filter(state="issued").count() == 4
    one = Invoice.objects.filter(customer__external_id="dupont").latest("due_at")
    render_document(one.public_id, now=clock.now())
    pdf = owner.get(f"/console/invoices/{one.public_id}/pdf")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    perform(reconcile, Reconcile(), now=clock.now(), by=SYSTEM)
    page = said(owner, "/console/")
    # 49.30 and 49.13: what the two customers owe at 1 March.
    assert "2 invoices, €98.43" in page


@pytest.fixture
def missing(shop: Any, owner: Client) -> Finding:  # noqa: ARG001  # it stands on this one
    """An invoice the platform lost, and the hold it raised."""
    shop.close()
    customer = Customer.objects.get(public_id=shop.dupont)
    invoice = Invoice.objects.filter(customer=customer).latest("due_at")
    money = {"minor": invoice.gross, "currency": {"code": "EUR", "digits": 2}}
    finding = Finding.objects.create(
        check_name="invoices ↔ sandbox",
        kind="missing",
        subject=invoice.public_id,
        customer=customer,
        currency="EUR",
        impact=invoice.gross,
        ours={"key": invoice.public_id, "amount": money},
        theirs=None,
        opened_at=clock.now(),
        seen_at=clock.now(),
    )
    Hold.objects.create(
        finding=finding,
        scope=f"customer:{customer.public_id}",
        customer=customer,
        stops=["issue", "push"],
        owner="finance",
        reason="missing",
        last_day=clock.now().date(),
        raised_at=clock.now(),
    )
    return finding


def test_the_inbox_shows_both_sides_and_the_hold(missing: Finding, owner: Client) -> None:
    page = said(owner, "/console/inbox")
    assert "€59.16" in page
    assert "nothing found" in page
    assert f"/console/inbox/findings/{missing.public_id}/push_again" in page
    assert "void_there" not in page


def test_a_finding_is_accepted_with_a_reason_and_frees_the_customer(missing: Finding, owner: Client) -> None:
    owner.post(f"/console/inbox/findings/{missing.public_id}/accept_finding", {"reason": ""})
    missing.refresh_from_db()
    assert missing.closed_at is None
    owner.post(f"/console/inbox/findings/{missing.public_id}/accept_finding", {"reason": "paid by cheque"})
    missing.refresh_from_db()
    assert missing.closed_reason == "paid by cheque"
    assert not Hold.objects.filter(released_at=None).exists()
    assert owner.post(f"/console/inbox/findings/{missing.public_id}/explode").status_code == 404
