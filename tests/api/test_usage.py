"""Usage over the API: exact figures, local windows, pages."""

from decimal import Decimal
from typing import Any

import pytest


@pytest.fixture
def used(shop: Any, product: Any) -> Any:
    shop.made("PUT", "/customers/martin", {"legal_name": "Martin"})
    product.february()
    product.send(product("m", "2026-02-28T23:59:59Z", document_id="m", pages="0.1") | {"subject": "martin"})
    return shop


def rows(call: Any, query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = call.made("GET", f"/usage?{query}")["items"]
    return items


def test_a_month_by_customer_and_meter(used: Any) -> None:
    found = rows(used, "from=2026-02-01&to=2026-03-01")
    assert [(r["customer"], r["meter"], r["quantity"], r["not_billable"]) for r in found] == [
        ("dupont", "documents", "6", 1),
        ("dupont", "largest", "30", 1),
        ("dupont", "pages", "54.5", 1),
        ("dupont", "readers", "2", 0),
        ("martin", "documents", "1", 0),
        ("martin", "largest", "0.1", 0),
        ("martin", "pages", "0.1", 0),
    ]
    assert found[0]["starts_at"] == "2026-02-01T00:00:00Z"
    assert found[0]["ends_at"] == "2026-03-01T00:00:00Z"


def test_what_happened_outside_the_span_is_not_in_it(used: Any) -> None:
    found = rows(used, "from=2026-02-20T12:15:00Z&to=2026-02-28T23:45:00Z&meter=documents")
    assert [(r["customer"], r["quantity"]) for r in found] == [("dupont", "1")]


def test_days_are_local(used: Any) -> None:
    utc = rows(used, "from=2026-02-03&to=2026-02-05&window=day&meter=pages&customer=dupont")
    assert [(r["starts_at"], r["quantity"], r["not_billable"]) for r in utc] == [
        ("2026-02-03T00:00:00Z", "12.5", 1),
        ("2026-02-04T00:00:00Z", "8", 0),
    ]
    paris = rows(
        used, "from=2026-02-03&to=2026-02-05&window=day&meter=pages&customer=dupont&zone=Europe/Paris"
    )
    assert [(r["starts_at"], r["quantity"], r["not_billable"]) for r in paris] == [
        ("2026-02-02T23:00:00Z", "12.5", 0),
        ("2026-02-03T23:00:00Z", "8", 1),
    ]


def test_days_through_a_change_of_the_clock_have_23_hours(used: Any, product: Any) -> None:
    product.send(product("d", "2026-03-08T07:30:00Z", document_id="dst", pages=1))
    found = rows(used, "from=2026-03-08&to=2026-03-09&window=day&meter=pages&zone=America/New_York")
    assert [(r["starts_at"], r["ends_at"]) for r in found] == [
        ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")
    ]


def test_hours_are_those_of_utc_and_add_up(used: Any) -> None:
    found = rows(used, "from=2026-02-01&to=2026-03-01&window=hour&meter=pages&customer=dupont")
    assert [r["starts_at"][5:13] for r in found] == [
        "02-03T08",
        "02-03T23",
        "02-04T00",
        "02-20T12",
        "02-21T09",
    ]
    assert sum(Decimal(r["quantity"]) for r in found) == Decimal("54.5")


def test_groups_count_distinct_values_each(used: Any) -> None:
    found = rows(used, "from=2026-02-01&to=2026-03-01&meter=readers&groups=true")
    assert [(r["group"], r["quantity"], r["events"]) for r in found] == [
        (["north"], "1", 1),
        (["south"], "2", 3),
    ]


def test_pages_tile_the_list(used: Any) -> None:
    whole = rows(used, "from=2026-02-01&to=2026-03-01&window=day&groups=true")
    paged, cursor = [], ""
    while True:
        page = used.made(
            "GET", f"/usage?from=2026-02-01&to=2026-03-01&window=day&groups=true&limit=2{cursor}"
        )
        paged += page["items"]
        assert len(page["items"]) <= 2
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert paged == whole
    assert len(whole) > 10


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=2026-02-01&to=2026-02-01", "empty_span"),
        ("from=2026-02-02&to=2026-02-01", "span_reversed"),
        ("from=2026-02-01T00:07:00Z&to=2026-03-01", "not_a_quarter_hour"),
        ("from=2026-02-01T00:00:00&to=2026-03-01", "bad_time"),
        ("from=yesterday&to=2026-03-01", "bad_time"),
        ("from=2026-02-30&to=2026-03-01", "bad_time"),
        ("from=2020-02-01&to=2026-03-01&window=hour", "too_many_windows"),
        ("from=2026-02-01&to=2026-03-01&zone=Mars/Base", "unknown_zone"),
        ("from=2026-02-01&to=2026-03-01&window=year", "unknown_value"),
        ("from=2026-02-01&to=2026-03-01&cursor=bm9uc2Vuc2U", "bad_cursor"),
        ("from=2026-02-01&to=2026-03-01&limit=501", "out_of_range"),
        ("from=2026-02-01&to=2026-03-01&mether=x", "unknown_parameter"),
        ("from=2026-02-01&to=2026-03-01&meter=x&meter=y", "repeated_parameter"),
        ("from=2026-02-01&to=2026-03-01&meter=%00", "bad_character"),
        ("to=2026-03-01", "missing_field"),
    ],
)
def test_what_cannot_be_asked(used: Any, query: str, code: str) -> None:
    answer = used("GET", f"/usage?{query}")
    assert (answer.status, answer.body["code"]) == (422, code), answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_control_total_is_replaced_by_a_later_one(used: Any) -> None:
    total = {
        "meter": "documents",
        "customer": "dupont",
        "starts_at": "2026-02-01T00:00:00Z",
        "ends_at": "2026-03-01T01:00:00+01:00",
        "quantity": "6.000",
    }
    first = used.made("POST", "/control-totals", {"totals": [total]})["totals"][0]
    assert (first["quantity"], first["ends_at"], first["replaced_at"]) == ("6", "2026-03-01T00:00:00Z", None)
    used.made("POST", "/control-totals", {"totals": [total | {"quantity": "7"}]})
    assert [t["quantity"] for t in used.made("GET", "/control-totals")["items"]] == ["7"]
    assert [t["quantity"] for t in used.made("GET", "/control-totals?replaced=true")["items"]] == ["7", "6"]


def test_a_wrong_control_total_stores_none(used: Any) -> None:
    total = {"meter": "documents", "starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"}
    both = {"totals": [total | {"quantity": 5}, total | {"quantity": "1e3"}]}
    answer = used("POST", "/control-totals", both)
    assert (answer.status, answer.body["pointer"]) == (422, "/totals/1/quantity")
    both["totals"][1] |= {"quantity": "1", "meter": "unknown"}
    assert used("POST", "/control-totals", both).body["code"] == "unknown_meter"
    assert used.made("GET", "/control-totals")["items"] == []
