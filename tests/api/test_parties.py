"""Issuers, customers and subscriptions over the API."""

from typing import Any

import pytest


def test_put_creates_then_changes_what_is_given(call: Any) -> None:
    made = call(
        "PUT", "/issuers/papier", {"legal_name": "Papier SAS", "country": "FR", "zone": "Europe/Paris"}
    )
    assert made.status == 201
    assert made.body["id"].startswith("iss_")
    changed = call("PUT", "/issuers/papier", {"city": "Lyon", "vat_percent": "5.5", "register": "RCS Lyon"})
    assert changed.status == 200
    assert {name: changed.body[name] for name in ("legal_name", "city", "vat_percent", "register")} == {
        "legal_name": "Papier SAS",
        "city": "Lyon",
        "vat_percent": "5.5",
        "register": "RCS Lyon",
    }
    assert call.made("GET", "/issuers/papier") == changed.body
    assert call.made("GET", f"/issuers/{made.body['id']}") == changed.body


def test_a_customer_takes_after_its_issuer(call: Any) -> None:
    call.made("PUT", "/issuers/swiss", {"currency": "CHF", "zone": "Europe/Zurich", "language": "en"})
    made = call.made("PUT", "/customers/c 1", {"aliases": ["old-c1"], "vat_number": "de 123.456.789"})
    assert {name: made[name] for name in ("currency", "zone", "language", "vat_number", "issuer")} == {
        "currency": "CHF",
        "zone": "Europe/Zurich",
        "language": "en",
        "vat_number": "DE123456789",
        "issuer": "swiss",
    }
    assert made["aliases"] == ["c 1", "old-c1"]
    assert call.made("GET", "/customers/c 1") == made


def test_a_customer_needs_an_issuer_first(call: Any) -> None:
    answer = call("PUT", "/customers/c1", {})
    assert (answer.status, answer.body["code"], answer.body["pointer"]) == (422, "issuer_needed", "/issuer")


def test_two_customers_never_share_a_subject(shop: Any) -> None:
    answer = shop("PUT", "/customers/other", {"aliases": ["dupont"]})
    assert (answer.status, answer.body["code"]) == (409, "alias_taken")
    assert shop("GET", "/customers/other").status == 404


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"country": "France"}, "/country", "bad_country"),
        ({"country": "EN"}, "/country", "bad_country"),
        ({"currency": "eur"}, "/currency", "unknown_currency"),
        ({"zone": "Paris"}, "/zone", "unknown_zone"),
        ({"language": "de"}, "/language", "unknown_language"),
        ({"email": "zoe"}, "/email", "bad_email"),
        ({"vat_number": "FR123"}, "/vat_number", "bad_vat_number"),
        ({"vat_number": "GR123456789"}, "/vat_number", "bad_vat_number"),
        ({"vat_number": "123456789"}, "/vat_number", "bad_vat_number"),
        ({"tax": "reverse"}, "/tax", "unknown_value"),
        ({"payment_term_days": "30"}, "/payment_term_days", "wrong_type"),
        ({"payment_term_days": 121}, "/payment_term_days", "out_of_range"),
        ({"legal_name": None}, "/legal_name", "wrong_type"),
        ({"contacts": [{"name": "Z", "mail": "z@example.com"}]}, "/contacts/0/mail", "unknown_field"),
        ({"legalname": "Dupont"}, "/legalname", "unknown_field"),
        ({"legal_name": "a\0b"}, "/legal_name", "bad_character"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(shop: Any, fields: Any, pointer: str, code: str) -> None:
    answer = shop("PUT", "/customers/dupont", fields)
    assert (answer.status, answer.body["code"], answer.body["pointer"]) == (422, code, pointer), answer.body
    assert answer.body["detail"].endswith(".")
    assert shop.made("GET", "/customers/dupont")["legal_name"] == "Dupont & Fils"


def test_every_wrong_field_is_named_at_once(shop: Any) -> None:
    answer = shop("PUT", "/customers/dupont", {"zone": "Paris", "currency": "eur", "colour": "red"})
    assert {error["pointer"] for error in answer.body["errors"]} == {"/zone", "/currency", "/colour"}


def test_an_iban_with_a_wrong_digit_is_refused(call: Any) -> None:
    assert call("PUT", "/issuers/i", {"iban": "FR76 3000 6000 0112 3456 7890 188"}).body["code"] == "bad_iban"
    made = call.made("PUT", "/issuers/i", {"iban": "FR76 3000 6000 0112 3456 7890 189"})
    assert made["iban"] == "FR7630006000011234567890189"


def test_customers_are_listed_by_pages_and_found(call: Any) -> None:
    call.made("PUT", "/issuers/papier", {})
    for number in range(5):
        call.made("PUT", f"/customers/c{number}", {"legal_name": f"Firm {number}"})
    first = call.made("GET", "/customers?limit=3")
    second = call.made("GET", f"/customers?limit=3&cursor={first['cursor']}")
    assert [c["external_id"] for c in first["items"] + second["items"]] == ["c0", "c1", "c2", "c3", "c4"]
    assert second["cursor"] is None
    assert [c["external_id"] for c in call.made("GET", "/customers?search=firm 3")["items"]] == ["c3"]


def test_a_subscription_begins_and_ends(shop: Any) -> None:
    found = shop.made("GET", "/subscriptions/s-1")
    assert {
        name: found[name] for name in ("customer", "plan", "version", "starts_at", "anchor", "ends_at")
    } == {
        "customer": "dupont",
        "plan": "pro",
        "version": 1,
        "starts_at": "2026-02-01T00:00:00Z",
        "anchor": "2026-02-01",
        "ends_at": None,
    }
    ended = shop.made("POST", f"/subscriptions/{found['id']}/end")
    assert ended["ends_at"] == "2026-04-01T00:00:00Z"
    assert shop.made("GET", "/subscriptions?customer=dupont")["items"] == [ended]
    assert shop.made("GET", "/subscriptions?plan=basic")["items"] == []


@pytest.mark.parametrize(
    ("fields", "status", "code", "pointer"),
    [
        ({"plan": "gold"}, 422, "unknown_plan", "/plan"),
        ({"version": 2}, 422, "unknown_plan", "/plan"),
        ({"customer": "nobody"}, 422, "unknown_customer", "/customer"),
        ({"starts_at": "2026-02-01"}, 422, "bad_time", "/starts_at"),
        ({"starts_at": "2026-02-01T00:00:00"}, 422, "bad_time", "/starts_at"),
        ({}, 409, "meter_claimed_twice", None),
        ({"external_id": "s-1"}, 409, "subscription_exists", "/external_id"),
    ],
)
def test_a_subscription_that_cannot_be(
    shop: Any, fields: Any, status: int, code: str, pointer: str | None
) -> None:
    answer = shop("POST", "/subscriptions", {"customer": "dupont", "plan": "pro"} | fields)
    assert (answer.status, answer.body["code"], answer.body.get("pointer")) == (status, code, pointer), (
        answer.body
    )


def test_a_portal_link_is_for_one_customer(shop: Any) -> None:
    made = shop.made("POST", "/customers/dupont/portal-link", {"hours": 2})
    assert "/portal/enter/" in made["url"]
    assert made["hours"] == 2
    assert shop("POST", "/customers/nobody/portal-link").status == 404
    assert shop("POST", "/customers/dupont/portal-link", {"hours": 10_000}).body["pointer"] == "/hours"
