"""Series, ranks, running periods and counts of events over the API, against figures worked out by hand."""

from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest

FEBRUARY = "from=2026-02-01&to=2026-03-01"


@pytest.fixture
def used(shop: Any, product: Any) -> Any:
    """Dupont's February, and of another customer two readers and a tenth of a page."""
    shop.made("PUT", "/customers/martin", {"legal_name": "Martin"})
    product.february()
    product.send(
        product("m", "2026-02-28T23:59:59Z", document_id="m", pages="0.1") | {"subject": "martin"},
        product("q", "2026-02-05T10:00:00Z", "document.read", reader="ann", office="north")
        | {"subject": "martin"},
        product("s", "2026-02-07T10:00:00Z", "document.read", reader="eve") | {"subject": "martin"},
    )
    return shop


def series(call: Any, query: str) -> dict[str, Any]:
    found: dict[str, Any] = call.made("GET", f"/usage/series?{query}")
    return found


def by_key(found: dict[str, Any]) -> dict[tuple[Any, ...], tuple[str, list[str]]]:
    """What came to something, by customer and group."""
    return {
        (item["customer"], *item["group"].values()): (
            item["quantity"],
            [each for each in item["quantities"] if each != "0"],
        )
        for item in found["items"]
    }


def test_days_are_all_there_also_those_without_usage(used: Any) -> None:
    found = series(used, f"{FEBRUARY}&meter=pages&window=day&customer=dupont")
    (item,) = found["items"]
    assert len(found["windows"]) == len(item["quantities"]) == 28
    days = {
        window["starts_at"][8:10]: quantity
        for window, quantity in zip(found["windows"], item["quantities"], strict=True)
    }
    assert {day: quantity for day, quantity in days.items() if quantity != "0"} == {
        "03": "12.5",
        "04": "8",
        "20": "30",
        "21": "4",
    }
    assert item["quantity"] == "54.5"
    assert (item["customer"], item["group"], found["cursor"]) == (None, {}, None)


def test_windows_tile_the_span_in_every_zone(used: Any) -> None:
    for window, zone, many in (
        ("hour", "UTC", 24 * 28),
        ("hour", "Asia/Kolkata", 24 * 28),
        ("day", "America/New_York", 28),
        ("week", "Europe/Paris", 5),
        ("month", "Pacific/Auckland", 1),
    ):
        windows = series(used, f"{FEBRUARY}&meter=pages&window={window}&zone={zone}")["windows"]
        assert len(windows) == many, window
        assert all(one["ends_at"] == next_["starts_at"] for one, next_ in pairwise(windows))


def test_weeks_begin_on_monday_where_the_zone_is(used: Any) -> None:
    """1 February 2026 was a Sunday; Dupont's 23:30 of the 3rd in UTC is the 4th in Paris, the same week."""
    found = series(used, f"{FEBRUARY}&meter=pages&window=week&zone=Europe/Paris&customer=dupont")
    assert [window["starts_at"] for window in found["windows"]] == [
        "2026-01-31T23:00:00Z",
        "2026-02-01T23:00:00Z",
        "2026-02-08T23:00:00Z",
        "2026-02-15T23:00:00Z",
        "2026-02-22T23:00:00Z",
    ]
    assert found["items"][0]["quantities"] == ["0", "20.5", "0", "34", "0"]


def test_a_maximum_is_that_of_the_whole_span_not_the_sum_of_its_days(used: Any) -> None:
    found = series(used, f"{FEBRUARY}&meter=largest&window=day&by=customer")
    assert by_key(found) == {
        ("dupont",): ("30", ["10", "7", "30", "4"]),
        ("martin",): ("0.1", ["0.1"]),
    }


def test_customers_add_up_windows_of_distinct_values_do_not(used: Any) -> None:
    """Ann and Bob read at Dupont's, another Ann and Eve at Martin's: four readers, five days of one."""
    found = series(used, f"{FEBRUARY}&meter=readers&window=day")
    assert by_key(found) == {(None,): ("4", ["2", "2", "1"])}


def test_groups_are_told_apart(used: Any) -> None:
    found = series(used, f"{FEBRUARY}&meter=readers&window=day&by=group.office")
    assert by_key(found) == {
        (None, "north"): ("2", ["2"]),
        (None, "south"): ("2", ["1", "2"]),
        (None, None): ("1", ["1"]),
    }
    both = series(used, f"{FEBRUARY}&meter=readers&by=customer,group.office")
    assert by_key(both) == {
        ("dupont", "north"): ("1", ["1"]),
        ("dupont", "south"): ("2", ["2"]),
        ("martin", "north"): ("1", ["1"]),
        ("martin", None): ("1", ["1"]),
    }


@pytest.mark.parametrize(("office", "readers"), [("north", "2"), ("south", "2"), ("", "1"), ("moon", "0")])
def test_only_one_group(used: Any, office: str, readers: str) -> None:
    found = series(used, f"{FEBRUARY}&meter=readers&{quote('group[office]')}={office}")
    assert [item["quantity"] for item in found["items"]] == [readers]


def test_a_series_agrees_with_usage(used: Any) -> None:
    """The other endpoint is another statement; what both can say must be the same."""
    for meter in ("documents", "pages", "largest", "readers"):
        for window in ("hour", "day", "month"):
            query = f"{FEBRUARY}&meter={meter}&window={window}&zone=America/New_York"
            rows = used.made("GET", f"/usage?{query}&limit=500")["items"]
            expected = {
                (row["customer"], row["starts_at"]): row["quantity"] for row in rows if row["quantity"] != "0"
            }
            found = series(used, f"{query}&by=customer")
            assert expected
            assert expected == {
                (item["customer"], at["starts_at"]): quantity
                for item in found["items"]
                for at, quantity in zip(found["windows"], item["quantities"], strict=True)
                if quantity != "0"
            }


def test_what_does_not_fold_slot_by_slot_is_measured(used: Any) -> None:
    """A meter whose definition says more than the plain ones do gives the same figures by another way."""
    from abaque.storage.models import Meter

    plain = series(used, f"{FEBRUARY}&meter=largest&window=day&by=customer")
    ranked = used.made("GET", f"/usage/top?{FEBRUARY}&meter=largest")
    meter = Meter.objects.get(code="largest")
    meter.definition |= {"empty": "zero"}
    meter.save()
    assert series(used, f"{FEBRUARY}&meter=largest&window=day&by=customer") == plain
    assert used.made("GET", f"/usage/top?{FEBRUARY}&meter=largest") == ranked
    assert series(used, f"{FEBRUARY}&meter=largest")["items"][0]["quantity"] == "30.1"


def test_what_is_measured_one_by_one_has_a_bound_and_no_groups(used: Any, monkeypatch: Any) -> None:
    from abaque.storage.models import Meter
    from abaque.storage.read import slices

    meter = Meter.objects.get(code="readers")
    meter.definition |= {"level_at_start": "carry"}
    meter.save()
    refused = used("GET", f"/usage/series?{FEBRUARY}&meter=readers&by=group.office")
    assert (refused.status, refused.body["code"]) == (422, "not_by_group")
    monkeypatch.setattr(slices, "MEASURED_MAX", 55)
    refused = used("GET", f"/usage/series?{FEBRUARY}&meter=readers&window=day&by=customer")
    assert (refused.status, refused.body["code"]) == (422, "too_many_figures")
    assert refused.body["params"] == {"asked": 56, "most": 55}


def test_a_customer_without_usage_has_a_series_of_zeros(used: Any) -> None:
    used.made("PUT", "/customers/blanc", {"legal_name": "Blanc"})
    found = series(used, f"{FEBRUARY}&meter=pages&window=week&customer=blanc&by=customer")
    assert [(item["customer"], item["quantities"]) for item in found["items"]] == [("blanc", ["0"] * 5)]


@pytest.mark.parametrize("by", ["customer", "group.office", "customer,group.office"])
def test_pages_of_series_tile_the_list(used: Any, by: str) -> None:
    query = f"{FEBRUARY}&meter=readers&window=week&by={by}"
    whole = series(used, query)["items"]
    paged, cursor = [], ""
    while True:
        page = series(used, f"{query}&limit=1{cursor}")
        assert len(page["items"]) == 1
        paged += page["items"]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert paged == whole
    assert len(whole) > 1


def test_many_windows_make_short_pages(used: Any, monkeypatch: Any) -> None:
    from abaque.storage.read import series as reading

    monkeypatch.setattr(reading, "FIGURES_MAX", 30)
    page = series(used, f"{FEBRUARY}&meter=pages&window=day&by=customer")
    assert (len(page["items"]), page["cursor"] is None) == (1, False)


def test_the_most_comes_first_with_its_share(used: Any) -> None:
    found = used.made("GET", f"/usage/top?{FEBRUARY}&meter=pages")
    assert [(one["rank"], one["customer"], one["name"], one["quantity"]) for one in found["items"]] == [
        (1, "dupont", "Dupont & Fils", "54.5"),
        (2, "martin", "Martin", "0.1"),
    ]
    assert [one["share"] for one in found["items"]] == ["0.998168", "0.001832"]
    assert (found["quantity"], found["count"], found["cursor"]) == ("54.6", 2, None)
    first = used.made("GET", f"/usage/top?{FEBRUARY}&meter=pages&limit=1")
    second = used.made("GET", f"/usage/top?{FEBRUARY}&meter=pages&limit=1&cursor={first['cursor']}")
    assert first["items"] + second["items"] == found["items"]
    assert (second["quantity"], second["count"], second["cursor"]) == ("54.6", 2, None)


def test_groups_are_ranked_too(used: Any) -> None:
    found = used.made("GET", f"/usage/top?{FEBRUARY}&meter=readers&by=group.office&customer=dupont")
    assert [(one["group"], one["quantity"], one["share"]) for one in found["items"]] == [
        ({"office": "south"}, "2", "0.666667"),
        ({"office": "north"}, "1", "0.333333"),
    ]


def test_nothing_used_ranks_nobody(used: Any) -> None:
    found = used.made("GET", "/usage/top?from=2025-02-01&to=2025-03-01&meter=pages")
    assert (found["items"], found["quantity"], found["count"]) == ([], "0", 0)


def test_the_running_period_with_money(used: Any, product: Any) -> None:
    """10 March, noon: 9.5 of 31 days are gone. Four documents, of which two are included; 19 pages."""
    product.send(
        *(
            product(f"c{n}", f"2026-03-0{n}T10:00:00Z", document_id=f"c{n}", pages="4.75")
            for n in range(1, 5)
        ),
        product("c5", "2026-03-05T10:00:00Z", document_id="c5", pages=1, outcome="failure"),
    )
    found = used.made("GET", "/customers/dupont/current")
    (one,) = found["subscriptions"]
    assert (one["external_id"], one["plan"], one["version"]) == ("s-1", "pro", 1)
    assert (one["starts_at"], one["ends_at"]) == ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
    charges = {charge["charge"]: charge for charge in one["charges"]}
    documents, pages, base = charges["docs"], charges["pages"], charges["base"]
    assert (documents["quantity"], documents["included"], documents["not_billable"]) == ("4", "2", 1)
    assert (documents["net"], documents["state"]) == ({"amount": 20, "currency": "EUR"}, "provisional")
    # 4 / 9.5 × 31 = 13.05…: eleven beyond what is included, two of them for 10 cents.
    assert documents["expected"] == {"quantity": "13", "net": {"amount": 65, "currency": "EUR"}}
    assert (pages["quantity"], pages["net"]["amount"], pages["expected"]["quantity"]) == ("19", 2, "62")
    assert charges["largest"]["expected"]["quantity"] == charges["largest"]["quantity"] == "4.75"
    assert (base["starts_at"], base["quantity"], base["state"]) == ("2026-04-01T00:00:00Z", None, None)
    assert base["net"] == base["expected"]["net"] == {"amount": 4900, "currency": "EUR"}
    nets = [charge["net"]["amount"] for charge in one["charges"]]
    assert found["net"]["amount"] == one["net"]["amount"] == sum(nets)
    expected = [charge["expected"]["net"]["amount"] for charge in one["charges"]]
    assert found["expected"]["amount"] == one["expected"]["amount"] == sum(expected)
    assert found["state"] == one["state"] == "provisional"


def test_at_the_very_start_there_is_no_pace(used: Any, product: Any) -> None:
    from datetime import UTC, datetime

    from abaque.storage.models import Clock

    product.send(product("p", "2026-03-01T10:00:00Z", document_id="p", pages=1))
    dawn = datetime(2026, 3, 1, 12, tzinfo=UTC) - datetime.now(UTC)
    Clock.objects.update(offset=dawn)
    found = used.made("GET", "/customers/dupont/current")
    assert found["expected"] is None
    assert found["net"]["amount"] == 4900 + 1
    expected = {each["charge"]: each["expected"] is None for each in found["subscriptions"][0]["charges"]}
    assert expected == {"base": False, "docs": True, "pages": True, "readers": False, "largest": False}


def test_without_a_subscription_nothing_runs(used: Any) -> None:
    found = used.made("GET", "/customers/martin/current")
    assert (found["subscriptions"], found["net"]["amount"], found["expected"]["amount"]) == ([], 0, 0)
    assert used("GET", "/customers/nobody/current").status == 404


def test_events_are_counted_whatever_meters_make_of_them(used: Any, product: Any) -> None:
    """Dupont sent twelve in February, Martin three; one of a type that is not metered has no customer."""
    product.send(product("u", "2026-02-10T00:00:00Z", "unheard.of") | {"subject": "stranger"})
    found = used.made("GET", f"/events/counts?{FEBRUARY}&by=type,customer")
    assert [(one["type"], one["source"], one["customer"], one["count"]) for one in found["items"]] == [
        ("document.processed", None, "dupont", 8),
        ("document.processed", None, "martin", 1),
        ("document.read", None, "dupont", 4),
        ("document.read", None, "martin", 2),
        ("unheard.of", None, None, 1),
    ]
    assert used.made("GET", f"/events/counts?{FEBRUARY}")["items"][0]["count"] == 16
    span = "from=2026-02-01T00:00:00Z&to=2026-03-01T00:00:00Z"
    one = used.made("GET", f"/events/counts?{span}&window=day&zone=Europe/Paris&customer=martin")
    (row,) = one["items"]
    # The last second of February in UTC is March in Paris.
    assert (len(one["windows"]), row["count"]) == (29, 3)
    assert {day: count for day, count in enumerate(row["counts"], 1) if count} == {5: 1, 7: 1, 29: 1}


def test_events_need_no_quarter_hour(used: Any) -> None:
    query = "from=2026-02-03T08:05:00Z&to=2026-02-03T08:05:01Z&by=source"
    found = used.made("GET", f"/events/counts?{query}")
    assert [(one["source"], one["count"]) for one in found["items"]] == [("/test", 1)]


def test_nothing_counted_is_zero(used: Any) -> None:
    found = used.made("GET", "/events/counts?from=2025-02-01&to=2025-02-04&window=day")
    assert [(one["count"], one["counts"]) for one in found["items"]] == [(0, [0, 0, 0])]


def test_pages_of_counts_tile_the_list(used: Any) -> None:
    query = f"{FEBRUARY}&window=week&by=type,source,customer"
    whole = used.made("GET", f"/events/counts?{query}")["items"]
    paged, cursor = [], ""
    while True:
        page = used.made("GET", f"/events/counts?{query}&limit=1{cursor}")
        paged += page["items"]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert paged == whole
    assert len(whole) == 4


def test_events_are_listed_by_filters(used: Any) -> None:
    query = "type=document.processed&customer=dupont&meter=documents"
    found = used.made("GET", f"/events?{query}&fate=counted")["items"]
    assert {one["id"] for one in found} == {"1", "2", "4", "6", "7", "8"}
    assert {(one["customer"], one["fate"]) for one in found} == {("Dupont & Fils", "counted")}
    day = used.made("GET", "/events?from=2026-02-05&to=2026-02-06&zone=UTC")["items"]
    assert {one["id"] for one in day} == {"r1", "r2", "q"}
    first = used.made("GET", "/events?limit=2")
    second = used.made("GET", f"/events?limit=2&cursor={first['cursor']}")
    assert len({one["id"] for one in first["items"] + second["items"]}) == 4


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (f"/usage/series?{FEBRUARY}&meter=nothing", "unknown_meter"),
        (f"/usage/series?{FEBRUARY}", "missing_field"),
        (f"/usage/series?{FEBRUARY}&meter=pages&customer=nobody", "unknown_customer"),
        (f"/usage/series?{FEBRUARY}&meter=pages&by=group.office", "unknown_group"),
        (f"/usage/series?{FEBRUARY}&meter=pages&group[office]=x", "unknown_group"),
        (f"/usage/series?{FEBRUARY}&meter=pages&by=colour", "string_pattern_mismatch"),
        (f"/usage/series?{FEBRUARY}&meter=pages&groups[office]=x", "unknown_parameter"),
        (f"/usage/series?{FEBRUARY}&meter=pages&window=year", "unknown_value"),
        ("/usage/series?from=2020-01-01&to=2026-01-01&meter=pages&window=day", "too_many_windows"),
        ("/usage/series?from=2026-01-01T00:01:00Z&to=2026-02-01&meter=pages", "not_a_quarter_hour"),
        ("/usage/series?from=9999-12-31&to=9999-12-31T23:45:00Z&meter=pages&window=hour", "date_out_of_range"),
        (f"/usage/top?{FEBRUARY}&meter=pages&limit=0", "out_of_range"),
        (f"/usage/top?{FEBRUARY}&meter=pages&by=", "string_pattern_mismatch"),
        (f"/events/counts?{FEBRUARY}&by=fate", "unknown_value"),
        (f"/events/counts?{FEBRUARY}&cursor=bm9uc2Vuc2U", "bad_cursor"),
        (f"/events/counts?{FEBRUARY}&customer=nobody", "unknown_customer"),
        ("/events?fate=conflict&meter=pages", "not_of_conflicts"),
        ("/events?fate=lost", "unknown_value"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(used: Any, address: str, code: str) -> None:
    answer = used("GET", address)
    assert (answer.status, answer.body["code"]) == (422, code), answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "address",
    [
        f"/usage/series?{FEBRUARY}&meter=pages",
        f"/usage/top?{FEBRUARY}&meter=pages",
        "/customers/dupont/current",
        f"/events/counts?{FEBRUARY}",
        "/events",
    ],
)
def test_reading_needs_a_key_that_may_read(shop: Any, caller_with: Any, address: str) -> None:
    assert shop("GET", address).status == 200
    assert caller_with("events:write")("GET", address).status == 403


def test_a_sum_over_many_customers_is_exact(used: Any) -> None:
    found = used.made("GET", f"/usage/top?{FEBRUARY}&meter=pages")
    assert Decimal(found["quantity"]) == sum(Decimal(one["quantity"]) for one in found["items"])


def test_archived_events_are_said_to_be_archived(used: Any) -> None:
    from abaque.storage import hot

    hot.run("RESET ROLE")  # only the owner of the database archives
    hot.run(
        "INSERT INTO archived_month"
        " (starts_at, ends_at, path, rows, replacements, sha256, meters, archived_at, archived_by)"
        " VALUES ('2026-02-01 00:00+00', '2026-03-01 00:00+00', '2026-02.parquet', 0, 0, '', '{}', now(), 'test')"
    )
    for asked in (f"events/counts?{FEBRUARY}", f"events?{FEBRUARY}", "events?to=2026-03-01T00:00:00Z"):
        refused = used("GET", f"/{asked}")
        assert (refused.status, refused.body["code"]) == (422, "events_archived")
    assert used("GET", "/events?from=2026-03-01T00:00:00Z").status == 200
