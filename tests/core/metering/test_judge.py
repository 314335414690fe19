from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from abaque.core.fault import Fault
from abaque.core.metering import (
    Aggregate,
    Condition,
    Event,
    Fate,
    Judgement,
    Meter,
    Outcome,
    hour_of,
    judge,
    slot_of,
)

NOW = datetime(2026, 3, 1, 12, 7, 30, 5, tzinfo=UTC)
COUNT = Meter("docs", ("doc",), Aggregate.COUNT)
SUM = Meter("pages", ("doc",), Aggregate.SUM, "pages")
UNIQUE = Meter("people", ("doc",), Aggregate.UNIQUE, "by.name")


def event(customer="cus", **data):
    return Event("app", "1", "doc", "acme", NOW, data, customer)


def fate(meter, customer="cus", **data):
    found = judge(event(customer, **data), meter)
    return found.fate.value, found.reason


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({}, ("counted", None)),
        ({"outcome": None}, ("counted", None)),
        ({"outcome": "success"}, ("counted", None)),
        ({"outcome": "failure"}, ("not_billable", "failure")),
        ({"outcome": "Success"}, ("not_billable", "failure")),
        ({"outcome": ["success"]}, ("not_billable", "failure")),
    ],
)
def test_outcomes_count_not_attempts(data, wanted):
    assert fate(COUNT, **data) == wanted


def test_outcomes_may_be_named_otherwise_or_ignored():
    ok = Meter("m", ("doc",), Aggregate.COUNT, outcome=Outcome("http.ok", ("true",)))
    assert fate(ok, http={"ok": True})[0] == "counted"
    assert fate(ok, http={"ok": False}) == ("not_billable", "failure")
    assert fate(Meter("m", ("doc",), Aggregate.COUNT, outcome=None), outcome="failure")[0] == "counted"


def test_outcome_comes_before_filter_before_value():
    meter = Meter("m", ("doc",), Aggregate.SUM, "pages", where=(Condition("region", ("eu", "us")),))
    assert fate(meter, outcome="failure", region="asia") == ("not_billable", "failure")
    assert fate(meter, region="asia", pages="many") == ("not_billable", "filtered")
    assert fate(meter, pages=1) == ("not_billable", "filtered")
    assert fate(meter, region="eu") == ("quarantined", "missing_value")
    assert fate(meter, region="us", pages=3) == ("counted", None)


def test_what_nobody_can_place_is_quarantined_first():
    assert fate(COUNT, customer=None, outcome="failure") == ("quarantined", "unknown_customer")
    ahead = judge(event(), COUNT, horizon=NOW - timedelta(seconds=1))
    assert (ahead.fate, ahead.reason) == (Fate.QUARANTINED, "future")
    assert judge(event(), COUNT, horizon=NOW).fate is Fate.COUNTED
    assert judge(Event("app", "1", "other", "acme", NOW), COUNT) == Judgement(Fate.RECORDED)


@pytest.mark.parametrize(
    ("value", "quantity"),
    [
        (3, "3"),
        (-3, "-3"),
        (Decimal("1.50"), "1.50"),
        ("12.000000000001", "12.000000000001"),
        ("-0", "0"),
        (Decimal("-0.0"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-12"), "0.000000000001"),
        (10**18 - 1, "999999999999999999"),
        ("007", "7"),
    ],
)
def test_numbers_and_decimal_strings_are_values(value, quantity):
    assert judge(event(pages=value), SUM).quantity == Decimal(quantity)


@pytest.mark.parametrize(
    "value",
    [
        10**18,
        Decimal("1E-13"),
        Decimal("1E+1000000"),
        Decimal("NaN"),
        "NaN",
        "Infinity",
        "1e3",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "1.",
        ".5",
        "1,5",
        "",
        "٣",
        "many",
        True,
        [1],
        {"n": 1},
        "1" * 19,
        "0." + "1" * 13,
    ],
)
def test_nothing_else_is_coerced(value):
    assert fate(SUM, pages=value) == ("quarantined", "bad_value")


def test_a_missing_value_is_named():
    assert fate(SUM) == ("quarantined", "missing_value")
    assert fate(SUM, pages=None) == ("quarantined", "missing_value")
    assert fate(UNIQUE, by="nobody") == ("quarantined", "missing_value")
    assert fate(UNIQUE, by={"name": ["x"]}) == ("quarantined", "bad_value")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("ann", "ann"),
        ("", ""),
        (7, "7"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+2"), "100"),
        (True, "true"),
        (Decimal("-0.0"), "0.0"),
    ],
)
def test_a_unique_meter_remembers_words(value, word):
    found = judge(event(by={"name": value}), UNIQUE)
    assert (found.value, found.quantity) == (word, None)


@pytest.mark.parametrize(
    ("values", "value", "met"),
    [
        (("eu",), "eu", True),
        (("eu",), "us", False),
        ((Decimal(1),), 1, True),
        ((Decimal(1),), Decimal("1.0"), True),
        ((Decimal(1),), "1", False),
        (("1",), 1, False),
        ((True,), True, True),
        ((True,), 1, False),
        ((Decimal(1),), True, False),
        ((False,), None, False),
    ],
)
def test_conditions_compare_like_with_like(values, value, met):
    meter = Meter("m", ("doc",), Aggregate.COUNT, where=(Condition("x", values),))
    assert (fate(meter, x=value)[0] == "counted") is met


def test_groups_and_operations_are_read_by_path():
    meter = Meter("m", ("doc",), Aggregate.COUNT, group_by=("model", "a.b"), operation="job.id")
    found = judge(event(model="small", a={"b": 2}, job={"id": "j1"}), meter)
    assert (found.group, found.operation, found.quantity) == (("small", "2"), "j1", 1)
    assert judge(event(a=1), meter).group == (None, None)
    assert judge(event(outcome="failure", model="small"), meter).group == ("small", None)


@pytest.mark.parametrize(
    ("code", "bad"),
    [
        ("meter_without_value", lambda: Meter("m", ("doc",), Aggregate.SUM)),
        ("meter_without_value", lambda: Meter("m", ("doc",), Aggregate.MAX)),
        ("meter_without_value", lambda: Meter("m", ("doc",), Aggregate.UNIQUE)),
        ("operation_needs_count_or_sum", lambda: Meter("m", ("doc",), Aggregate.MAX, "v", operation="o")),
        ("operation_needs_count_or_sum", lambda: Meter("m", ("doc",), Aggregate.UNIQUE, "v", operation="o")),
        ("meter_without_events", lambda: Meter("m", (), Aggregate.COUNT)),
        ("meter_without_events", lambda: Meter("m", ("",), Aggregate.COUNT)),
        ("bad_attribute", lambda: Meter("m", ("doc",), Aggregate.SUM, "a..b")),
        ("bad_attribute", lambda: Meter("m", ("doc",), Aggregate.COUNT, group_by=("",))),
        ("bad_attribute", lambda: Condition(".", ("x",))),
        ("bad_attribute", lambda: Outcome("")),
        ("duplicate_group", lambda: Meter("m", ("doc",), Aggregate.COUNT, group_by=("a", "a"))),
        ("condition_without_values", lambda: Condition("a", ())),
        ("outcome_without_success", lambda: Outcome("a", ())),
    ],
)
def test_meters_that_cannot_count_are_refused(code, bad):
    with pytest.raises(Fault, match=code):
        bad()


def test_slots_are_quarter_hours_of_utc():
    assert slot_of(NOW) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert slot_of(NOW + timedelta(minutes=8)) == datetime(2026, 3, 1, 12, 15, tzinfo=UTC)
    assert slot_of(datetime(2026, 3, 1, 12, 45, tzinfo=UTC)) == datetime(2026, 3, 1, 12, 45, tzinfo=UTC)
    assert hour_of(NOW + timedelta(minutes=50)) == datetime(2026, 3, 1, 12, tzinfo=UTC)
