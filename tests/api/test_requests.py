"""What every request has in common: keys, scopes, strict bodies, problems, idempotency, the description."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from abaque.billing.permissions import SYSTEM
from abaque.billing.revoke_key import RevokeKey, revoke_key
from abaque.billing.runner import perform
from abaque.storage.models import Action, ApiKey, Meter, Subscription


def test_no_key_wrong_key_revoked_key(call: Any, settings: Any) -> None:
    settings.LOGGING_CONFIG = None
    for key in ("", "ab_wrong", "é"):
        call_with = type(call)(call.client, key)
        answer = call_with("GET", "/customers")
        assert (answer.status, answer.body["code"], answer.headers["WWW-Authenticate"]) == (
            401,
            "wrong_key",
            "Bearer",
        )
    assert Client().get("/v1/customers").status_code == 401
    stored = ApiKey.objects.get()
    perform(revoke_key, RevokeKey(stored.public_id), now=stored.created_at, by=SYSTEM)
    assert call("GET", "/customers").status == 401


@pytest.mark.parametrize(
    ("scope", "method", "address", "needed"),
    [
        ("events:write", "GET", "/customers", "read"),
        ("events:write", "GET", "/usage?from=2026-01-01&to=2026-02-01", "read"),
        ("read", "PUT", "/customers/c", "customers:write"),
        ("read", "PUT", "/issuers/i", "customers:write"),
        ("customers:write", "POST", "/close", "billing:write"),
        ("customers:write", "POST", "/meters", "catalogue:write"),
        ("read", "POST", "/control-totals", "usage:write"),
        ("read", "POST", "/reconcile", "billing:write"),
    ],
)
def test_a_missing_scope_is_named(
    caller_with: Any, scope: str, method: str, address: str, needed: str
) -> None:
    answer = caller_with(scope)(method, address, {} if method != "GET" else None)
    assert (answer.status, answer.body["code"]) == (403, "forbidden")
    assert needed in answer.body["detail"]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b'{"legal_name": ', 400, "malformed_json"),
        (b'{"legal_name": "\xff"}', 400, "not_utf8"),
        (b'{"legal_name": "a", "legal_name": "b"}', 400, "duplicate_key"),
        (b'{"vat_percent": NaN}', 400, "malformed_json"),
        (b'{"vat_percent": ' + b"1" * 41 + b"}", 400, "number_too_long"),
        (b"[" * 20_000 + b"]" * 20_000, 400, "too_deep"),
        (b"[]", 422, "wrong_type"),
        (b'"text"', 422, "wrong_type"),
        (b"", 422, "missing_field"),
        (b'{"city": "\\ud800"}', 422, "bad_character"),
    ],
)
def test_a_body_that_is_not_what_it_should_be(call: Any, raw: bytes, status: int, code: str) -> None:
    answer = call("PUT", "/issuers/i", raw=raw)
    assert (answer.status, answer.body["code"]) == (status, code), answer.body
    assert call("GET", "/issuers/i").status == 404


def test_malformed_json_names_the_place(call: Any) -> None:
    assert "line 2, column 9" in call("PUT", "/issuers/i", raw='{\n"city": }').body["detail"]


def test_a_body_of_another_type_is_refused(call: Any) -> None:
    answer = call("PUT", "/issuers/i", raw="city=Paris", content_type="application/x-www-form-urlencoded")
    assert (answer.status, answer.body["code"]) == (415, "unknown_content_type")


def test_a_body_over_the_limit_is_refused(call: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = call("PUT", "/issuers/i", {"city": "x" * 2000})
    assert (answer.status, answer.body["code"]) == (413, "body_too_large")


def test_nothing_is_silently_ignored(shop: Any) -> None:
    assert shop("POST", "/reconcile", {"platform": "stripe"}).body["code"] == "unexpected_body"
    assert shop("GET", "/customers?offset=3").body["code"] == "unknown_parameter"


def test_addresses_and_methods_that_are_not_there(call: Any) -> None:
    missing = call("GET", "/nothing/here")
    assert (missing.status, missing.body["code"]) == (404, "no_such_address")
    method = call("DELETE", "/customers/c")
    assert (method.status, method.body["code"]) == (405, "method_not_allowed")
    assert "PUT" in method.headers["Allow"]


def test_a_nul_in_an_address_is_refused(call: Any) -> None:
    answer = call("GET", "/customers/a%00b")
    assert (answer.status, answer.body["code"]) == (422, "bad_character")


def test_the_same_key_gives_the_same_answer_once(shop: Any) -> None:
    shop.made("PUT", "/customers/martin", {})
    body = {"customer": "martin", "plan": "pro", "starts_at": "2026-03-01T00:00:00+01:00"}
    first = shop("POST", "/subscriptions", body, **{"Idempotency-Key": "k-1"})
    again = shop("POST", "/subscriptions", body, **{"Idempotency-Key": "k-1"})
    assert (again.status, again.body) == (201, first.body)
    assert Subscription.objects.filter(customer__external_id="martin").count() == 1
    other = shop("POST", "/subscriptions", body | {"version": 1}, **{"Idempotency-Key": "k-1"})
    assert (other.status, other.body["code"]) == (409, "key_reused")


def test_an_idempotency_key_is_the_callers_own(shop: Any, caller_with: Any) -> None:
    total = {"meter": "pages", "starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"}
    for caller, quantity in ((shop, "1"), (caller_with("usage:write"), "2")):
        headers = {"Idempotency-Key": "same"}
        caller.made("POST", "/control-totals", {"totals": [total | {"quantity": quantity}]}, **headers)
    assert Action.objects.filter(verb="state_control_total").count() == 2


@pytest.mark.parametrize("key", ["x" * 256, "clé"])
def test_a_bad_idempotency_key_is_refused(shop: Any, key: str) -> None:
    answer = shop("POST", "/control-totals", {"totals": [{
        "meter": "pages", "starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z", "quantity": "1",
    }]}, **{"Idempotency-Key": key})  # fmt: skip
    assert (answer.status, answer.body["code"]) == (400, "bad_idempotency_key")


def test_make_a_meter_from_this(call: Any, product: Any) -> None:
    call.made("PUT", "/issuers/papier", {})
    call.made("PUT", "/customers/dupont", {})
    product.send(product("1", "2026-02-03T08:05:00Z", "page.printed", sheets=3))
    body = {
        "code": "sheets",
        "event_type": "page.printed",
        "aggregate": "sum",
        "value": "sheets",
        "name": "Sheets",
    }
    made = call.made("POST", "/meters", body)
    assert (made["code"], made["event_types"], made["level"]) == ("sheets", ["page.printed"], "consistent")
    product.send()
    usage = call.made("GET", "/usage?from=2026-02-01&to=2026-03-01")["items"]
    assert [(row["meter"], row["quantity"]) for row in usage] == [("sheets", "3")]
    assert call("POST", "/meters", body).status == 409
    assert [meter["code"] for meter in call.made("GET", "/meters")["items"]] == ["sheets"]


@pytest.mark.parametrize("fields", [{"aggregate": "sum"}, {"code": "Sheets!"}, {"aggregate": "mode"}])
def test_a_meter_that_cannot_be(call: Any, fields: Any) -> None:
    answer = call("POST", "/meters", {"code": "sheets", "event_type": "page.printed"} | fields)
    assert answer.status == 422, answer.body
    assert not Meter.objects.exists()


def test_plans_say_their_prices_in_words(shop: Any) -> None:
    (plan,) = shop.made("GET", "/plans")["items"]
    words = {price["charge"]: price["words"] for price in plan["prices"]}
    assert "49.00" in words["base"]["en"]
    assert "0.10" in words["docs"]["en"]
    assert "document" in words["docs"]["fr"]
    assert plan["subscriptions"] == 1


@pytest.mark.usefixtures("folder")
def test_the_description_names_every_operation() -> None:
    schema = Client().get("/v1/openapi.json").json()
    operations = {
        f"{method.upper()} {address}" for address, methods in schema["paths"].items() for method in methods
    }
    assert operations == {
        "POST /v1/events",
        "PUT /v1/issuers/{external_id}",
        "GET /v1/issuers/{external_id}",
        "GET /v1/issuers",
        "PUT /v1/customers/{external_id}",
        "GET /v1/customers/{external_id}",
        "GET /v1/customers",
        "POST /v1/customers/{external_id}/portal-link",
        "POST /v1/subscriptions",
        "GET /v1/subscriptions",
        "GET /v1/subscriptions/{subscription_id}",
        "POST /v1/subscriptions/{subscription_id}/end",
        "POST /v1/meters",
        "GET /v1/meters",
        "GET /v1/plans",
        "GET /v1/usage",
        "GET /v1/usage/series",
        "GET /v1/usage/top",
        "GET /v1/customers/{external_id}/current",
        "GET /v1/events/counts",
        "GET /v1/events",
        "POST /v1/control-totals",
        "GET /v1/control-totals",
        "GET /v1/invoices",
        "GET /v1/invoices/{invoice_id}",
        "GET /v1/invoices/{invoice_id}/explain",
        "GET /v1/invoices/{invoice_id}/pdf",
        "POST /v1/invoices/{invoice_id}/approve",
        "POST /v1/invoices/{invoice_id}/issue",
        "GET /v1/invoices/{invoice_id}/lines/{line}/events.csv",
        "GET /v1/invoices/{invoice_id}/lines/{line}/proof",
        "POST /v1/meter-versions",
        "GET /v1/meter-versions",
        "GET /v1/meter-versions/{version}/preview",
        "POST /v1/meter-versions/{version}/adopt",
        "POST /v1/meter-versions/{version}/discard",
        "POST /v1/backfills",
        "GET /v1/backfills",
        "POST /v1/backfills/{backfill}/events",
        "GET /v1/backfills/{backfill}/preview",
        "POST /v1/backfills/{backfill}/close",
        "POST /v1/backfills/{backfill}/revert",
        "GET /v1/quarantine",
        "POST /v1/quarantine/replay",
        "POST /v1/quarantine/dismiss",
        "POST /v1/quarantine/take-back",
        "POST /v1/close",
        "POST /v1/reconcile",
        "GET /v1/findings",
        "GET /v1/holds",
        "POST /v1/holds/{hold_id}/release",
    }
    # An event's identity is its idempotency, and the door rejects events one by one.
    del schema["paths"]["/v1/events"]["post"], schema["paths"]["/v1/backfills/{backfill}/events"]["post"]
    for methods in schema["paths"].values():
        for method, operation in methods.items():
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert ("Idempotency-Key" in names) == (method == "post")
            assert operation["security"]
            assert "application/problem+json" in operation["responses"]["422"]["content"]
    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(schema))) <= known
    asked = {parameter["name"] for parameter in schema["paths"]["/v1/usage"]["get"]["parameters"]}
    assert {"from", "to", "window", "zone", "limit", "cursor"} <= asked


@pytest.mark.usefixtures("folder")
def test_the_page_of_the_description_is_ours_alone() -> None:
    page = Client().get("/v1/docs").content.decode()
    assert "/v1/usage" in page
    assert "<script" not in page
    assert "http" not in page.replace("http_", "")
