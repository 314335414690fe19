"""What staff and customers do, in a real browser on a running folder."""

import re
import time
from typing import Any

from playwright.sync_api import expect


def document(number: str, customer: str = "martin") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": "/shop",
        "id": number,
        "type": "document.processed",
        "subject": customer,
        "time": "2026-03-09T10:00:00Z",
        "data": {"document_id": number, "pages": 1},
    }


def test_every_script_and_style_is_allowed_by_our_own_policy(visit: Any) -> None:
    staff = visit("owner")
    for address in ("/console/", "/console/inbox", "/console/customers"):
        staff.open(address)
    customer = visit("dupont")
    expect(customer.open("/portal/").locator("abaque-usage canvas").first).to_be_visible()
    assert (staff.errors, customer.errors) == ([], [])


def test_a_customer_sees_an_event_within_two_seconds(visit: Any, site: Any) -> None:
    page = visit("martin", lang="en").open("/portal/")
    row = page.locator("abaque-usage tr", has=page.get_by_role("rowheader", name="Documents"))
    used = row.get_by_role("cell").first
    expect(page.locator("abaque-usage [role=status]")).to_have_text("live")
    before = int(used.inner_text())
    sent = time.monotonic()
    site.send(document("live-1"), document("live-2"))
    expect(used).to_have_text(str(before + 2), timeout=5000)
    assert time.monotonic() - sent < 2


def test_a_link_opens_one_customers_pages_only(visit: Any, site: Any) -> None:
    customer = visit("dupont")
    theirs = f"/portal/invoices/{site.invoice('martin')}"
    customer.open(theirs, status=403)
    customer.open(f"{theirs}/pdf", status=403)
    customer.open("/portal/invoices/inv_0", status=403)
    page = customer.open("/console/")
    assert "/accounts/login/" in page.url


def test_a_link_that_is_forged_or_over_opens_nothing(visit: Any, site: Any) -> None:
    stranger = visit("nobody")
    link = site.found["portal"]["dupont"]
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    for dead in (forged, site.found["expired"]):
        page = stranger.open(dead, status=403)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        stranger.open("/portal/", status=403)


def test_a_hold_is_released_from_the_inbox_with_a_reason(visit: Any) -> None:
    staff = visit("owner")
    page = staff.open("/console/inbox")
    expect(
        page.get_by_role("heading", name=re.compile("Control total Documents, 1 – 28 February 2026"))
    ).to_be_visible()
    page.get_by_text("Release by hand").click()
    reason = page.get_by_label("Why may it be billed?")
    page.get_by_role("button", name="Release").click()
    assert not reason.evaluate("box => box.checkValidity()"), "without a reason the form is not sent"
    reason.fill("The product counted a test run.")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("The hold is released.")).to_be_visible()
    expect(page.get_by_text("Release by hand")).to_have_count(0)
    assert staff.errors == []


def test_a_difference_is_accepted_with_a_reason(visit: Any) -> None:
    page = visit("owner").open("/console/inbox")
    page.locator("summary", has_text="Accept the difference").click()
    page.get_by_label("Why is this difference right?").fill("The test run was agreed with the customer.")
    page.get_by_role("button", name="Accept the difference").click()
    expect(page.get_by_text("All sides agree.")).to_be_visible()


def test_a_draft_is_reviewed_approved_issued_and_read_by_its_customer(visit: Any, site: Any) -> None:
    page = visit("owner").open("/console/review")
    page.get_by_role("checkbox", name="All drafts of this page").uncheck()
    page.get_by_role("checkbox", name=re.compile("Dupont & Fils, 1 February – 31 March")).check()
    page.get_by_role("button", name="Approve and issue the ticked ones").click()
    expect(page.get_by_text("1 invoice is issued.")).to_be_visible()

    customer = visit("dupont", lang="fr")
    portal = customer.open("/portal/")
    link = portal.get_by_role("rowheader").get_by_role("link", name=re.compile(r"\d{4}"))
    invoice = customer.open(link.first.get_attribute("href"))
    invoice.locator("summary", has_text="Documents").first.click()
    expect(invoice.get_by_text("6 sur cette période, soit").first).to_be_visible()
    pdf = customer.context.request.get(
        site.url + invoice.get_by_role("link", name="PDF").get_attribute("href")
    )
    assert pdf.body().startswith(b"%PDF")
    assert customer.errors == []


def test_a_meter_is_made_from_what_was_recorded(visit: Any, site: Any) -> None:
    page = visit("owner").open("/console/events?fate=recorded")
    page.get_by_role("link", name=re.compile("Make a meter from this")).first.click()
    page.get_by_role("button", name="Make the meter").click()
    expect(page.get_by_role("rowheader", name=re.compile("note.written|note_written"))).to_be_visible()
    page.goto(f"{site.url}/console/event?source=/shop&id=note-1")
    counted = page.locator(".verdict", has_text="counted")
    end = time.monotonic() + 10
    while not counted.count():
        assert time.monotonic() < end, page.locator(".verdict").inner_text()
        page.reload()
