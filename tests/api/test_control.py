"""Reconciling, findings and holds over the API."""

from datetime import UTC, datetime
from typing import Any

from abaque.storage.models import Customer, Finding, Hold

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def finding(**more: Any) -> Finding:
    facts = {"check_name": "totals", "kind": "differing", "subject": "s", "opened_at": NOW, "seen_at": NOW}
    return Finding.objects.create(**(facts | more))


def test_a_control_total_that_disagrees_is_found(shop: Any, product: Any) -> None:
    product.february()
    shop.made("POST", "/control-totals", {"totals": [{
        "meter": "documents", "customer": "dupont", "starts_at": "2026-02-01T00:00:00Z",
        "ends_at": "2026-03-01T00:00:00Z", "quantity": "60",
    }]})  # fmt: skip
    done = shop.made("POST", "/reconcile")
    assert done["opened"] >= 1
    found = shop.made("GET", "/findings?customer=dupont")["items"]
    assert [one["customer"] for one in found] == ["dupont"] * len(found)
    assert found
    again = shop.made("POST", "/reconcile")
    assert again["opened"] == 0


def test_findings_say_their_impact_as_money(shop: Any) -> None:
    customer = Customer.objects.get()
    finding(customer=customer, currency="EUR", impact=1234, subject="a")
    finding(kind="unknown", subject="b")
    finding(subject="c", closed_at=NOW, closed_by="zoe")
    found = {one["subject"]: one for one in shop.made("GET", "/findings")["items"]}
    assert found["a"]["impact"] == {"amount": 1234, "currency": "EUR"}
    assert found["b"]["impact"] is None
    assert set(found) == {"a", "b"}
    assert len(shop.made("GET", "/findings?closed=true")["items"]) == 3
    assert [one["subject"] for one in shop.made("GET", "/findings?kind=unknown")["items"]] == ["b"]


def test_holds_are_listed_with_what_raised_them(shop: Any) -> None:
    customer = Customer.objects.get()
    raised = finding(customer=customer)
    Hold.objects.create(
        finding=raised, scope=f"customer:{customer.public_id}", customer=customer, stops=["issue", "push"],
        owner="finance", reason="differs", last_day=NOW.date(), raised_at=NOW,
    )  # fmt: skip
    (hold,) = shop.made("GET", "/holds?customer=dupont")["items"]
    assert (hold["finding"], hold["stops"], hold["last_day"]) == (
        raised.public_id,
        ["issue", "push"],
        "2026-03-10",
    )
    assert shop.made("GET", "/findings")["items"][0]["holds"] == [hold["id"]]
    Hold.objects.update(released_at=NOW)
    assert shop.made("GET", "/holds")["items"] == []
    assert len(shop.made("GET", "/holds?released=true")["items"]) == 1


def test_only_a_person_releases_a_hold(shop: Any) -> None:
    Hold.objects.create(
        scope="everything", stops=["issue"], owner="z", reason="r", last_day=NOW.date(), raised_at=NOW
    )
    hold = shop.made("GET", "/holds")["items"][0]["id"]
    answer = shop("POST", f"/holds/{hold}/release", {"reason": "checked by hand"})
    assert (answer.status, answer.body["code"]) == (403, "forbidden")
    assert "person" in answer.body["detail"]
    assert Hold.objects.get().released_at is None
