"""Every page of the console answers in both languages, with figures that follow from what was sent."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from abaque.storage import hot
from abaque.storage.models import Customer, Invoice


def text_of(response: Any) -> str:
    """Return what a page says, without its marks."""
    assert response.status_code == 200, response.status_code
    page = response.content.decode()
    body = page[page.index("<main") : page.index("</main>")]
    return (
        re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))
        .replace("\u202f", " ")
        .replace("\xa0", " ")
    )


ADDRESSES = (
    "/console/",
    "/console/customers",
    "/console/customers/{dupont}",
    "/console/events",
    "/console/events?fate=recorded",
    "/console/events?fate=quarantined",
    "/console/events?fate=conflict",
    "/console/event?source=/test&id=late",
    "/console/event?source=/test&id=note-1",
    "/console/invoices",
    "/console/invoices?period=2026-02&state=draft",
    "/console/invoices/{invoice}",
    "/console/review",
    "/console/inbox",
    "/console/search?q=d",
    "/console/meters",
    "/console/meters?propose=note.written",
    "/console/meters/versions",
    "/console/backfills",
    "/console/keys",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_answers_in_both_languages(shop: Any, owner: Client, address: str) -> None:
    shop.close()
    invoice = Invoice.objects.filter(customer__external_id="dupont").latest("due_at").public_id
    path = address.format(dupont=shop.dupont, invoice=invoice)
    english = owner.get(path, headers={"Accept-Language": "en"})
    french = owner.get(path, headers={"Accept-Language": "fr"})
    assert english.status_code == french.status_code == 200
    assert english.headers["Content-Language"] == "en"
    assert french.headers["Content-Language"] == "fr"
    assert '<html lang="fr"' in french.content.decode()
    assert english.headers["Cache-Control"] == "no-store"
    assert "script-src 'self';" in english.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/console/", "/console/keys", "/console/events"])
def test_empty_pages_answer_too(owner: Client, address: str) -> None:
    assert owner.get(address).status_code == 200


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("address", [*ADDRESSES, "/console/intake"])
def test_strangers_are_sent_to_sign_in(address: str) -> None:
    response = Client().get(address.format(dupont="cus_x", invoice="inv_x"))
    assert response.status_code == 302
    assert "login" in response.headers["Location"]


def test_the_overview_begins_with_a_verdict(shop: Any, owner: Client) -> None:
    shop.close()
    said = text_of(owner.get("/console/"))
    # Two drafts fell due on 1 March: nothing of them is verified before they are issued and compared.
    assert "February 2026: 0 invoices, €0.00 net verified · 0 held (€0.00) · 2 not compared" in said
    assert "4 drafts to review before issue" in said
    assert "1 event in quarantine" in said


@pytest.mark.usefixtures("shop")
def test_what_comes_in_is_looked_at_again_by_itself(owner: Client) -> None:
    assert 'hx-get="/console/intake"' in owner.get("/console/").content.decode()
    events = int(hot.rows("SELECT sum(accepted) FROM intake")[0][0])
    for lang, said in (
        ("en", f"Rate {events} per minute Metered {events} per minute Lag 0 s Backlog 0"),
        ("fr", f"Débit {events} par minute Traité {events} par minute Retard 0 s Restant à traiter 0"),
    ):
        answer = owner.get("/console/intake", headers={"Accept-Language": lang})
        part = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
        assert said in part.replace("\u202f", " ")
    hot.run("UPDATE intake SET metered_at = NULL")
    assert f"Backlog {events} " in re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", owner.get("/console/intake?lang=en").content.decode())
    )


def test_a_customer_shows_usage_and_what_it_costs_so_far(shop: Any, owner: Client) -> None:
    said = text_of(owner.get(f"/console/customers/{shop.dupont}"))
    # Two documents are included; the largest page count is 12 at 0.01; two readers at 3; the April fee is 49.
    assert "Readers reader 2 – 0 €6.00" in said
    assert "Largest page 12 – 1 €0.12" in said
    assert "Upcoming, net of tax €55.12" in said


def test_what_the_law_misses_is_named(shop: Any, owner: Client) -> None:
    Customer.objects.filter(public_id=shop.dupont).update(street="", city="")
    said = text_of(owner.get(f"/console/customers/{shop.dupont}"))
    assert "the customer’s address" in said
    assert "the customer’s city" in said


def test_events_are_found_by_what_became_of_them(shop: Any, owner: Client) -> None:
    assert "unknown" in text_of(owner.get("/console/events?fate=quarantined"))
    recorded = text_of(owner.get("/console/events?fate=recorded"))
    assert "note-1" in recorded
    assert "late" not in recorded.split("Quantity")[1]
    of_hour = text_of(
        owner.get(f"/console/events?fate=counted&customer={shop.dupont}&hour=2026-03-02T09:00:00Z")
    )
    shown = of_hour.split("Quantity")[1]
    assert " late " in shown
    assert "later" not in shown


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "query", ["from=yesterday", "until=9999-12-31", "hour=x", "page=-1", "page=x", "fate=x", "type=%00"]
)
def test_nonsense_in_a_filter_is_no_error(owner: Client, query: str) -> None:
    assert owner.get(f"/console/events?{query}").status_code == 200


def test_an_invoice_explains_itself_down_to_its_hours(shop: Any, owner: Client) -> None:
    shop.close()
    draft = Invoice.objects.filter(customer__external_id="dupont").latest("due_at")
    said = text_of(owner.get(f"/console/invoices/{draft.public_id}"))
    # Five documents: two included, two at 0.10, one at 0.05.
    assert "2 included €0.00 Tier 0 to 2: 2 at €0.10 each €0.20 Tier from 2: 1 at €0.05 each €0.05" in said
    assert "3 Feb 2026, 10:00" in said


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("Dupont & Fils", "/console/customers/{dupont}"),
        ("martin", "/console/customers/{martin}"),
        ("late", "/console/event?source=%2Ftest&id=late"),
    ],
)
def test_one_search_box_opens_what_is_named_alone(shop: Any, owner: Client, text: str, leads_to: str) -> None:
    response = owner.get("/console/search", {"q": text})
    assert response.status_code == 302
    assert response.headers["Location"] == leads_to.format(dupont=shop.dupont, martin=shop.martin)


@pytest.mark.usefixtures("shop")
def test_a_search_lists_what_is_not_alone(owner: Client) -> None:
    assert "Nothing found" in text_of(owner.get("/console/search", {"q": "100% _nobody_"}))
    found = text_of(owner.get("/console/search", {"q": "t"}))
    assert "Dupont & Fils" in found
    assert "Martin Ltd" in found


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "address", ["/console/customers/cus_none", "/console/invoices/inv_none", "/console/event?id=x"]
)
def test_what_is_not_there_is_404(owner: Client, address: str) -> None:
    assert owner.get(address).status_code == 404


def test_the_language_asked_for_is_remembered(owner: Client) -> None:
    assert owner.get("/console/?lang=fr").headers["Content-Language"] == "fr"
    assert owner.get("/console/", headers={"Accept-Language": "en"}).headers["Content-Language"] == "fr"


def test_a_reader_who_may_not_act_is_offered_nothing(shop: Any, signed_in: Callable[[str], Client]) -> None:
    shop.close()
    auditor = signed_in("auditor")
    assert "Approve and issue" not in text_of(auditor.get("/console/review"))
    assert "Create the key" not in text_of(auditor.get("/console/keys"))
