"""One customer's portal: their own figures, in their language, and nobody else's."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from abaque.billing.estimate import estimate
from abaque.billing.issue import issue_approved
from abaque.billing.permissions import SYSTEM
from abaque.billing.portal_link import new_link
from abaque.storage import clock
from abaque.storage.models import Customer, Hold, Invoice
from abaque.web.portal import access


def opened(customer: str, **headers: str) -> Client:
    """Return a browser that followed a fresh link of the customer."""
    client = Client(headers=headers)
    link = new_link(customer, now=clock.now(), by=SYSTEM)
    response = client.get(link[link.index("/portal/") :])
    assert response.status_code == 302
    assert response.headers["Location"] == "/portal/"
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    plain = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))
    return plain.replace("\u202f", " ").replace("\xa0", " ")


def issued(shop: Any) -> None:
    shop.close()
    for invoice in Invoice.objects.all():
        Invoice.objects.filter(pk=invoice.pk).update(approved_digest=bytes(invoice.digest))
    assert len(issue_approved(now=clock.now(), by=SYSTEM)["issued"]) == 4


def test_a_link_becomes_a_cookie_for_one_customer(shop: Any) -> None:
    client = opened(shop.dupont)
    cookie = client.cookies[access.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/portal/"
    assert 0 < int(cookie["max-age"]) <= access.OPEN_FOR.total_seconds()
    assert "Dupont & Fils" in text_of(client.get("/portal/"))


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "address", ["/portal/", "/portal/usage.json", "/portal/invoices/inv_x", "/portal/enter/x.y.z"]
)
def test_without_a_link_there_is_nothing(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 403
    assert "Dupont" not in response.content.decode()


def test_a_forged_or_expired_cookie_opens_nothing(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = opened(shop.dupont)
    good = client.cookies[access.COOKIE].value
    client.cookies[access.COOKIE] = signing.dumps(
        {"c": shop.martin}, key="another folder's key", salt="abaque.portal.cookie"
    )
    assert client.get("/portal/").status_code == 403
    client.cookies[access.COOKIE] = good
    assert client.get("/portal/").status_code == 200
    monkeypatch.setattr(access, "OPEN_FOR", timedelta(seconds=-1))
    assert client.get("/portal/").status_code == 403


def test_a_link_is_no_cookie(shop: Any) -> None:
    """What a link is signed for cannot be used in place of the cookie: a link ends when it says."""
    link = new_link(shop.dupont, now=clock.now(), by=SYSTEM)
    client = Client()
    client.cookies[access.COOKIE] = link.rsplit("/", 1)[1]
    assert client.get("/portal/").status_code == 403


def test_another_customers_invoice_is_403(shop: Any) -> None:
    issued(shop)
    theirs = Invoice.objects.filter(customer__public_id=shop.martin).latest("due_at").public_id
    mine = Invoice.objects.filter(customer__public_id=shop.dupont).latest("due_at").public_id
    client = opened(shop.dupont)
    assert client.get(f"/portal/invoices/{mine}").status_code == 200
    assert client.get(f"/portal/invoices/{theirs}").status_code == 403
    assert client.get(f"/portal/invoices/{theirs}/pdf").status_code == 403
    assert client.get("/portal/invoices/inv_none").status_code == 403


def test_a_portal_cookie_opens_no_console(shop: Any) -> None:
    assert opened(shop.dupont).get("/console/").status_code == 302


def test_the_customer_reads_their_language_unless_they_choose(shop: Any) -> None:
    french = opened(shop.dupont, **{"Accept-Language": "en"})
    assert french.get("/portal/").headers["Content-Language"] == "fr"
    assert french.get("/portal/?lang=en").headers["Content-Language"] == "en"
    assert french.get("/portal/").headers["Content-Language"] == "en"
    english = opened(shop.martin, **{"Accept-Language": "fr"})
    assert english.get("/portal/").headers["Content-Language"] == "en"


def test_the_usage_says_what_each_day_added(shop: Any) -> None:
    usage = opened(shop.dupont).get("/portal/usage.json").json()
    meters = {meter["code"]: meter for meter in usage["meters"]}
    assert usage["period"] == {"start": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"}
    assert usage["upcoming_net"] == {"amount": 5512, "currency": "EUR", "digits": 2}
    assert {code: meter["quantity"] for code, meter in meters.items()} == {
        "documents": "2",
        "largest": "12",
        "readers": "2",
    }
    for meter in meters.values():
        assert len(meter["series"]) == 10, "every day up to today"
        assert len(meter["previous"]) == 28
        assert sum(Decimal(day["quantity"]) for day in meter["series"]) == Decimal(meter["quantity"])
    # The largest document grew from 7 to 12 pages; the second reader was new on the 5th.
    added = {day["day"]: day["quantity"] for day in meters["largest"]["series"]}
    assert (added["2026-03-02"], added["2026-03-04"]) == ("7", "5")
    assert {day["day"]: day["quantity"] for day in meters["readers"]["series"]}["2026-03-05"] == "1"
    assert meters["documents"]["included"] == "2"
    assert meters["readers"]["included"] is None
    assert meters["documents"]["not_billed"] == 1
    assert meters["documents"]["name"] == "Documents traités"


def test_what_failed_is_shown_once_and_not_billed(shop: Any) -> None:
    said = text_of(opened(shop.martin).get("/portal/"))
    assert "Nothing failed in this period" in said
    page = opened(shop.dupont).get("/portal/?lang=en").content.decode()
    assert page.count(">failed</") == 1
    assert "1 in this period" in page


def test_a_draft_is_not_shown_until_it_is_issued_or_verified(shop: Any) -> None:
    shop.close()
    draft = Invoice.objects.filter(customer__public_id=shop.dupont).latest("due_at")
    client = opened(shop.dupont)
    assert draft.public_id not in client.get("/portal/").content.decode()
    assert client.get(f"/portal/invoices/{draft.public_id}").status_code == 404
    customer = Customer.objects.get(public_id=shop.dupont)
    Hold.objects.create(
        scope=f"customer:{shop.dupont}",
        customer=customer,
        stops=["issue", "push"],
        owner="finance",
        reason="lost",
        last_day=clock.now().date(),
        raised_at=clock.now(),
    )
    page = text_of(client.get("/portal/"))
    assert "suspen" not in page, "customers are told that figures are being verified, never of a hold"
    assert "vérifi" in page
    assert draft.public_id in client.get("/portal/").content.decode()


def test_an_invoice_explains_itself_in_the_customers_words(shop: Any) -> None:
    issued(shop)
    mine = Invoice.objects.filter(customer__public_id=shop.dupont).latest("due_at")
    said = text_of(opened(shop.dupont).get(f"/portal/invoices/{mine.public_id}"))
    assert "SPECIMEN" in said
    assert str(mine.number) in said
    assert "59,16 €" in said
    assert "3 février 2026" in said


def test_the_estimate_is_the_next_invoice_if_nothing_more_were_used(shop: Any) -> None:
    customer = Customer.objects.get(public_id=shop.martin)
    expected = estimate(customer, datetime(2026, 2, 28, 12, tzinfo=UTC))
    shop.close()
    assert expected.net.minor == Invoice.objects.filter(customer=customer).latest("due_at").net == 4913


def test_without_a_subscription_the_estimate_is_nothing_of_this_month(shop: Any) -> None:
    customer = Customer.objects.get(public_id=shop.martin)
    before = estimate(customer, datetime(2025, 12, 31, 12, tzinfo=UTC))
    assert before.net.minor == 0
    assert before.period.start == datetime(2025, 12, 1, tzinfo=UTC)


def test_a_line_hands_over_its_proof_and_the_script_once_its_hours_are_sealed(shop: Any) -> None:
    from abaque.billing.seal import seal_all

    seal_all(now=clock.now(), by=SYSTEM)
    issued(shop)
    client = opened(shop.dupont)
    mine = Invoice.objects.filter(customer__public_id=shop.dupont, lines__quantity__gt=0).first()
    assert mine is not None
    page = client.get(f"/portal/invoices/{mine.public_id}").content.decode()
    links = re.findall(r'href="([^"]+/lines/[^"]+)"', page)
    assert len(links) >= 2
    for link in links:
        assert client.get(link).status_code == 200
    assert client.get("/static/check_proof.py").content.startswith(b'"""Check the proof')
    other = Client()
    assert other.get(links[0]).status_code == 403
    assert opened(shop.martin).get(links[0]).status_code == 403
