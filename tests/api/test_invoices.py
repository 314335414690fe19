"""From usage to a draft, to what explains it, to an issued invoice, over the API."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from abaque.billing.permissions import SYSTEM
from abaque.billing.render_document import render_document
from abaque.billing.seal import seal_all
from abaque.storage import hot
from abaque.storage.models import Hold, Hour

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def closed(shop: Any, product: Any) -> Any:
    """The shop after the close of February."""
    product.february()
    shop.made("POST", "/close", {"until": "2026-03-01T00:00:00Z"})
    return shop


@pytest.fixture
def february(closed: Any) -> str:
    """The public id of February's invoice: its charges in arrears, and March's in advance."""
    found = closed.made("GET", "/invoices?customer=dupont&state=draft")["items"]
    return str(next(one["id"] for one in found if one["due_at"] == "2026-03-01T00:00:00Z"))


def explained(call: Any, invoice: str, query: str = "") -> dict[str, Any]:
    lines = call.made("GET", f"/invoices/{invoice}/explain{query}")["lines"]
    return {line["charge"]: line for line in lines}


def test_a_draft_has_lines_taxes_and_money_in_minor_units(closed: Any, february: str) -> None:
    draft = closed.made("GET", f"/invoices/{february}")
    net = {line["charge"]: line["net"] for line in draft["lines"]}
    # 6 documents, 2 of them included, 2 at 0.10 and 2 at 0.05; 54.5 pages at 0.001; 2 readers at 3; 30 at 0.01
    assert net == {
        "base": {"amount": 4900, "currency": "EUR"},
        "docs": {"amount": 30, "currency": "EUR"},
        "pages": {"amount": 5, "currency": "EUR"},
        "readers": {"amount": 600, "currency": "EUR"},
        "largest": {"amount": 30, "currency": "EUR"},
    }
    assert (draft["net"]["amount"], draft["tax"]["amount"], draft["gross"]["amount"]) == (5565, 1113, 6678)
    assert [(tax["category"], tax["percent"]) for tax in draft["taxes"]] == [("S", "20")]
    assert (draft["state"], draft["status"], draft["approved"]) == ("draft", "draft", False)


def test_close_twice_changes_nothing(closed: Any) -> None:
    before = closed.made("GET", "/invoices")
    again = closed.made("POST", "/close", {"until": "2026-03-01T00:00:00Z"})
    assert (again["changed"], again["refused"]) == (0, [])
    assert closed.made("GET", "/invoices") == before


def test_a_day_closes_at_midnight_where_each_customer_is(shop: Any) -> None:
    shop.made("PUT", "/customers/tokyo", {"zone": "Asia/Tokyo"})
    start = "2026-02-10T00:00:00Z"
    shop.made("POST", "/subscriptions", {"customer": "tokyo", "plan": "pro", "starts_at": start})
    shop.made("POST", "/close", {"until": "2026-03-01"})
    due = {(one["customer"], one["due_at"]) for one in shop.made("GET", "/invoices")["items"]}
    assert {("tokyo", "2026-02-28T15:00:00Z"), ("dupont", "2026-03-01T00:00:00Z")} <= due


def test_a_close_in_the_future_is_refused(shop: Any) -> None:
    answer = shop("POST", "/close", {"until": "2026-03-11T00:00:00Z"})
    assert (answer.status, answer.body["code"], answer.body["pointer"]) == (422, "close_in_future", "/until")


def test_each_level_adds_up_to_the_line(closed: Any, february: str) -> None:
    lines = explained(closed, february, "?events=true")
    for charge, add_up in {"docs": sum, "pages": sum, "readers": sum, "largest": max}.items():
        line = lines[charge]
        assert Decimal(line["quantity"]) == Decimal(line["hours_quantity"]), charge
        assert add_up(Decimal(hour["quantity"]) for hour in line["hours"]) == Decimal(line["quantity"]), (
            charge
        )
        assert add_up(Decimal(event["quantity"]) for event in line["events"]) == Decimal(line["quantity"]), (
            charge
        )
        assert len(line["events"]) == line["events_count"], charge
        assert line["arrived_since"] == "0", charge
    assert lines["base"]["hours"] == []
    assert lines["base"]["quantity"] is None or lines["base"]["hours_quantity"] is None


def test_steps_add_up_to_the_money_and_say_themselves(closed: Any, february: str) -> None:
    for line in explained(closed, february).values():
        exact = sum(Decimal(step["amount"]) for step in line["steps"])
        assert abs(exact * 100 - line["net"]["amount"]) <= Decimal("0.5")
        assert all(step["words"]["en"] and step["words"]["fr"] for step in line["steps"])


def test_an_hour_shows_what_was_counted_and_what_was_not(closed: Any, february: str) -> None:
    hours = explained(closed, february)["docs"]["hours"]
    assert [(h["hour"], h["quantity"], h["events"], h["not_billable"]) for h in hours] == [
        ("2026-02-03T08:00:00Z", "2", 2, 0),
        ("2026-02-03T23:00:00Z", "0", 0, 1),
        ("2026-02-04T00:00:00Z", "1", 1, 0),
        ("2026-02-20T12:00:00Z", "2", 2, 0),
        ("2026-02-21T09:00:00Z", "1", 1, 0),
    ]


def test_events_come_by_pages_and_are_shown_as_sent(closed: Any, february: str) -> None:
    position = explained(closed, february)["docs"]["position"]
    seen, cursor = [], ""
    while True:
        query = f"?line={position}&events=true&limit=2{cursor}"
        line = explained(closed, february, query)["docs"]
        seen += line["events"]
        if line["cursor"] is None:
            break
        cursor = f"&cursor={line['cursor']}"
    assert [event["id"] for event in seen] == ["1", "2", "4", "6", "7", "8"]
    assert closed("GET", f"/invoices/{february}/explain?line={position}&events=true&cursor=W10").status == 422
    assert seen[1]["data"] == {"document_id": "b", "pages": "2.5"}
    assert seen[4]["time"] == "2026-02-20T12:14:59Z"


def test_explaining_takes_a_bounded_number_of_statements(
    closed: Any, february: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(9):  # one of them looks the key up
        closed.made("GET", f"/invoices/{february}/explain")
    with django_assert_num_queries(14):  # four lines have a meter; one asks what is archived
        closed.made("GET", f"/invoices/{february}/explain?events=true")


def test_no_digit_of_an_event_is_lost(closed: Any, february: str, product: Any) -> None:
    exact = "123456789012345.123456789012"
    product.send(
        product("x", "2026-02-10T10:00:00Z", document_id="x", pages=2.5, note={"long": 0, "list": [1, 0.1]})
    )
    product.send(product("y", "2026-02-10T10:00:01Z", document_id="y", pages=exact))
    events = {event["id"]: event for event in explained(closed, february, "?events=true")["pages"]["events"]}
    assert events["x"]["data"] == {"document_id": "x", "pages": 2.5, "note": {"long": 0, "list": [1, 0.1]}}
    assert (events["y"]["data"]["pages"], events["y"]["quantity"]) == (exact, exact)


def test_what_cannot_be_explained(closed: Any, february: str) -> None:
    assert closed("GET", "/invoices/inv_none/explain").status == 404
    assert closed("GET", f"/invoices/{february}/explain?line=99").body["code"] == "unknown_line"
    assert closed("GET", f"/invoices/{february}/explain?cursor=x").body["code"] == "cursor_needs_line"
    assert closed("GET", f"/invoices/{february}/explain?events=maybe").body["parameter"] == "events"


def test_hours_say_how_sure_they_are(closed: Any, february: str) -> None:
    states = {hour["state"] for hour in explained(closed, february)["docs"]["hours"]}
    assert states <= {"sealed", "consistent"}
    first = (
        Hour.objects.filter(meter__code="docs").order_by("hour").first()
        or Hour.objects.filter(meter__code="documents").order_by("hour").first()
    )
    assert first is not None
    Hour.objects.filter(pk=first.pk).update(consistent_at=NOW, verified_at=NOW)
    assert explained(closed, february)["docs"]["hours"][0]["state"] == "verified"
    hot.run("RESET ROLE")  # only the owner of the database could
    Hour.objects.filter(meter=first.meter, hour=first.hour).delete()
    assert explained(closed, february)["docs"]["hours"][0]["state"] == "open"


def test_late_events_are_named_not_hidden(closed: Any, february: str, product: Any) -> None:
    product.send(product("late", "2026-02-10T10:00:00Z", document_id="z", pages=1))
    line = explained(closed, february)["docs"]
    assert (line["quantity"], line["hours_quantity"], line["arrived_since"]) == ("6", "7", "1")


def test_what_was_billed_too_much_is_a_credit_note_that_names_its_invoice(
    closed: Any, february: str, product: Any, seal_everything: Callable[[], None]
) -> None:
    seal_everything()
    digest = closed.made("GET", f"/invoices/{february}")["digest"]
    closed.made("POST", f"/invoices/{february}/approve", {"digest": digest})
    number = closed.made("POST", f"/invoices/{february}/issue")["number"]
    said = {"source": "/test", "id": "8", "reason": "counted by mistake"}
    product.send(product("void", "2026-03-10T11:00:00Z", "abaque.void") | {"data": said})
    closed.made("POST", "/close", {"until": "2026-03-01T00:00:00Z"})
    [note] = closed.made("GET", "/invoices?kind=credit_note")["items"]
    assert note["corrects"] == {"id": february, "number": number}
    detail = closed.made("GET", f"/invoices/{note['id']}")
    # One document at 0.05 less; 50.5 pages at 0.001 are rounded to 0.05 as 54.5 were.
    assert [(line["charge"], line["net"]["amount"], line["earlier"]) for line in detail["lines"]] == [
        ("docs", 5, {"id": february, "number": number})
    ]
    assert explained(closed, note["id"])["docs"]["earlier"]["number"] == number
    closed.made("POST", f"/invoices/{note['id']}/approve", {"digest": note["digest"]})
    closed.made("POST", f"/invoices/{note['id']}/issue")
    assert closed.made("GET", f"/invoices/{note['id']}")["status"] == "credit_note"
    invoice = closed.made("GET", f"/invoices/{february}")
    assert (invoice["status"], invoice["credited"]["amount"]) == ("open", 6)
    assert invoice["open"]["amount"] == invoice["gross"]["amount"] - 6


def test_approve_binds_what_was_seen(closed: Any, february: str) -> None:
    digest = closed.made("GET", f"/invoices/{february}")["digest"]
    wrong = closed("POST", f"/invoices/{february}/approve", {"digest": "0" * 64})
    assert (wrong.status, wrong.body["code"]) == (409, "draft_changed")
    assert closed("POST", f"/invoices/{february}/approve", {"digest": "zz"}).status == 422
    assert closed("POST", "/invoices/inv_none/approve", {"digest": digest}).status == 404
    assert closed.made("POST", f"/invoices/{february}/approve", {"digest": digest})["approved"] is True


def test_a_draft_is_issued_only_when_approved_and_only_once(
    closed: Any, february: str, seal_everything: Callable[[], None]
) -> None:
    seal_everything()
    refused = closed("POST", f"/invoices/{february}/issue")
    assert (refused.status, refused.body["code"]) == (409, "not_approved")
    assert closed("GET", f"/invoices/{february}/pdf").body["code"] == "no_document"
    digest = closed.made("GET", f"/invoices/{february}")["digest"]
    closed.made("POST", f"/invoices/{february}/approve", {"digest": digest})
    issued = closed.made("POST", f"/invoices/{february}/issue", **{"Idempotency-Key": "issue-1"})
    assert issued["number"].startswith("TEST-")
    assert closed.made("POST", f"/invoices/{february}/issue", **{"Idempotency-Key": "issue-1"}) == issued
    found = closed.made("GET", f"/invoices/{issued['number']}")
    assert (found["id"], found["state"], found["status"], found["issue_date"]) == (
        february,
        "issued",
        "open",
        "2026-03-10",
    )
    assert found["open"] == found["gross"]
    assert closed("GET", f"/invoices/{february}/pdf").body["code"] == "document_not_ready"
    render_document(february, now=NOW)
    pdf = closed("GET", f"/invoices/{february}/pdf")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.body.startswith(b"%PDF-")
    assert issued["number"] in pdf.headers["Content-Disposition"]


def test_a_key_used_for_one_invoice_issues_no_other(
    closed: Any, february: str, seal_everything: Callable[[], None]
) -> None:
    seal_everything()
    first = next(one["id"] for one in closed.made("GET", "/invoices")["items"] if one["id"] != february)
    for invoice in (first, february):
        digest = closed.made("GET", f"/invoices/{invoice}")["digest"]
        closed.made("POST", f"/invoices/{invoice}/approve", {"digest": digest})
    closed.made("POST", f"/invoices/{first}/issue", **{"Idempotency-Key": "one"})
    other = closed("POST", f"/invoices/{february}/issue", **{"Idempotency-Key": "one"})
    assert (other.status, other.body["code"]) == (409, "key_reused")
    assert closed.made("GET", f"/invoices/{february}")["state"] == "draft"


@pytest.mark.parametrize("scope", ["everything", "customer:{customer}", "invoice:{invoice}", "meter:pages"])
def test_a_hold_shows_on_exactly_what_it_stops(closed: Any, february: str, scope: str) -> None:
    customer = closed.made("GET", "/customers/dupont")["id"]
    Hold.objects.create(
        scope=scope.format(customer=customer, invoice=february),
        stops=["issue"],
        owner="zoe",
        reason="looks doubled",
        last_day=NOW.date(),
        raised_at=NOW,
    )
    draft = closed.made("GET", f"/invoices/{february}")
    assert (draft["held"], draft["status"], draft["holds"][0]["reason"]) == (True, "held", "looks doubled")
    assert february in {one["id"] for one in closed.made("GET", "/invoices?held=true")["items"]}
    Hold.objects.update(released_at=NOW)
    assert closed.made("GET", f"/invoices/{february}")["holds"] == []
    assert closed.made("GET", "/invoices?held=true")["items"] == []


def test_a_hold_on_another_meter_or_step_leaves_it_alone(closed: Any, february: str) -> None:
    for scope, stops in (("meter:other", ["issue"]), ("everything", ["push"])):
        Hold.objects.create(
            scope=scope, stops=stops, owner="z", reason="r", last_day=NOW.date(), raised_at=NOW
        )
    assert closed.made("GET", f"/invoices/{february}")["held"] is False


@pytest.fixture
def seal_everything() -> Callable[[], None]:
    """Seal every hour, and take the recomputation as done."""

    def sealed() -> None:
        seal_all(now=NOW, by=SYSTEM)
        Hour.objects.update(consistent_at=NOW)

    return sealed


def test_a_line_hands_over_its_events_and_their_proof(closed: Any, february: str) -> None:
    line = next(
        line["position"]
        for line in closed.made("GET", f"/invoices/{february}")["lines"]
        if line["charge"] == "pages"
    )
    address = f"/invoices/{february}/lines/{line}"
    proof = closed.made("GET", f"{address}/proof")
    assert (proof["meter"], proof["quantity"]) == ("pages", "54.5")
    response = closed.client.get(
        f"/v1{address}/events.csv", headers={"Authorization": f"Bearer {closed.key}"}
    )
    assert response.headers["Content-Type"].startswith("text/csv")
    rows = response.content.decode().splitlines()
    assert rows[0] == "id,source,time,reference,quantity"
    assert sum(Decimal(row.split(",")[-1]) for row in rows[1:]) == Decimal("54.5")
    assert closed("GET", f"/invoices/{february}/lines/99/proof").status == 404
