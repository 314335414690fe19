"""What people see of usage that comes after its invoice: why, how much, on which document."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from tests.web.conftest import event
from tests.web.test_portal import issued, opened, text_of

from abaque.billing.close_period import close
from abaque.billing.issue import issue_approved
from abaque.billing.permissions import SYSTEM
from abaque.billing.reconcile import Reconcile, reconcile
from abaque.billing.runner import perform
from abaque.storage import clock
from abaque.storage.models import Clock, Customer, Invoice

APRIL = datetime(2026, 4, 10, 12, tzinfo=UTC)


def issue_all(now: datetime) -> None:
    for draft in Invoice.objects.filter(state="draft"):
        Invoice.objects.filter(pk=draft.pk).update(approved_digest=bytes(draft.digest))
    assert issue_approved(now=now, by=SYSTEM)["kept"] == []


def void(identity: str) -> dict[str, Any]:
    said = {"source": "/test", "id": identity, "reason": "counted by mistake"}
    return event(f"void-{identity}", "2026-03-10T11:00:00Z", "abaque.void") | {"data": said}


@pytest.fixture
def credited(shop: Any) -> Invoice:
    """Dupont's February is issued with five documents, of which there were three: a draft gives 0.17 back."""
    issued(shop)
    shop.send(void("dupont-3"), void("dupont-4"))
    shop.close()
    return Invoice.objects.select_related("corrects").get(kind="credit_note")


@pytest.fixture
def adjusted(shop: Any) -> Invoice:
    """Two documents of February come after its invoice and are on the draft of March."""
    issued(shop)
    late = [event(f"l{n}", "2026-02-20T10:00:00Z", document_id=f"l{n}", pages=1) for n in range(2)]
    shop.send(*late)
    Clock.objects.update(offset=APRIL - datetime.now(UTC))
    close(APRIL, now=APRIL, by=SYSTEM)
    dupont = Customer.objects.get(public_id=shop.dupont)
    return Invoice.objects.get(customer=dupont, due_at=datetime(2026, 4, 1, tzinfo=UTC))


def test_the_review_shows_what_is_given_back_and_why_it_deserves_a_look(
    credited: Invoice, owner: Client
) -> None:
    page = text_of(owner.get("/console/review"))
    assert "Dupont & Fils Credit note · " in page
    assert "-€0.17" in page
    assert "late usage of an earlier period" in page
    assert credited.corrects


def test_a_credit_note_says_what_it_is_on_its_page_in_the_list_and_on_its_invoice(
    credited: Invoice, owner: Client
) -> None:
    address = f"/console/invoices/{credited.public_id}"
    assert credited.corrects is not None
    earlier = str(credited.corrects.number)
    draft = text_of(owner.get(address))
    for words in (
        "Draft credit note",
        f"Corrects {earlier}",
        "It becomes a credit note once",
        "Total credited €0.20",
    ):
        assert words in draft
    assert (
        f"invoice {earlier}: rated again with everything known; what was billed too much is given back."
        in draft
    )
    issue_all(clock.now())
    number = str(Invoice.objects.get(pk=credited.pk).number)
    assert f"Credit note {number}" in text_of(owner.get(address))
    assert f"{number} Credit note" in text_of(owner.get("/console/invoices"))
    assert number in text_of(owner.get("/console/invoices?state=credit_note"))
    invoice = text_of(owner.get(f"/console/invoices/{credited.corrects.public_id}"))
    assert "Credited €0.20" in invoice
    assert "to be paid" in invoice
    assert "Paid €" not in invoice


def test_an_invoice_that_is_given_back_whole_is_cancelled_and_not_paid(shop: Any, owner: Client) -> None:
    """A credit note on all of an invoice, as a person would write it."""
    issued(shop)
    invoice = Invoice.objects.filter(customer__public_id=shop.martin).earliest("due_at")
    note = Invoice.objects.get(pk=invoice.pk)
    note.pk, note.public_id, note.kind, note.corrects = None, "inv_whole", "credit_note", invoice
    note.number = "TEST-2026-999999"
    note.save(force_insert=True)
    for path in (f"/console/invoices/{invoice.public_id}", "/console/invoices?state=cancelled"):
        assert "cancelled" in text_of(owner.get(path))
    assert "cancelled" in text_of(opened(shop.martin, **{"Accept-Language": "en"}).get("/portal/"))


def test_a_late_line_says_which_period_and_invoice_it_is_about(adjusted: Invoice, owner: Client) -> None:
    february = Invoice.objects.get(customer=adjusted.customer, due_at=datetime(2026, 3, 1, tzinfo=UTC))
    said = f"invoice {february.number}: rated again with everything known, less what was billed."
    assert said in text_of(owner.get(f"/console/invoices/{adjusted.public_id}"))
    assert "late usage of an earlier period" in text_of(owner.get("/console/review"))


def test_its_customer_reads_why_in_french(adjusted: Invoice, shop: Any) -> None:
    issue_all(APRIL)
    page = text_of(
        opened(shop.dupont, **{"Accept-Language": "fr"}).get(f"/portal/invoices/{adjusted.public_id}")
    )
    assert "Consommation tardive, du 1er au 28 février 2026, facture TEST-2026-" in page
    assert "moins ce qui est déjà facturé." in page


def test_its_customer_sees_the_credit_note_and_what_it_corrects(credited: Invoice, shop: Any) -> None:
    portal = opened(shop.dupont, **{"Accept-Language": "fr"})
    assert portal.get(f"/portal/invoices/{credited.public_id}").status_code == 404  # a draft is ours
    issue_all(clock.now())
    number = str(Invoice.objects.get(pk=credited.pk).number)
    home = text_of(portal.get("/portal/"))
    assert f"{number} Avoir" in home
    assert "porté à votre crédit" in home
    page = text_of(portal.get(f"/portal/invoices/{credited.public_id}"))
    assert credited.corrects is not None
    for words in (
        f"Avoir {number}",
        f"Corrige {credited.corrects.number}",
        "Ce qui vous est rendu, et pourquoi",
        "Total de l’avoir 0,20 €",
    ):
        assert words in page
    assert "Total à payer" not in page


def test_the_inbox_says_what_becomes_of_it(credited: Invoice, owner: Client, shop: Any) -> None:
    perform(reconcile, Reconcile(), now=clock.now(), by=SYSTEM)
    page = text_of(owner.get("/console/inbox"))
    assert "A draft credit note that waits for approval gives it back." in page
    assert "to be credited" in page
    issue_all(clock.now())
    perform(reconcile, Reconcile(), now=clock.now(), by=SYSTEM)
    assert "Since then it is billed as it was used." in text_of(owner.get("/console/inbox?state=resolved"))
    shop.send(event("l", "2026-02-20T10:00:00Z", document_id="l", pages=1))
    perform(reconcile, Reconcile(), now=clock.now(), by=SYSTEM)
    assert "The next close drafts what is to be billed" in text_of(owner.get("/console/inbox"))
    assert credited.corrects
