from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.metering import (
    Aggregate,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Event,
    Exists,
    IsNot,
    Meter,
    Not,
    Prefix,
    judge,
)

TEN, TWENTY = Decimal(10), Decimal(20)
ATTRIBUTE_FILTERS = [
    Condition("x", ("a", TEN)),
    IsNot("x", ("a", TEN)),
    Comparison("x", at_least=TEN, below=TWENTY),
    Prefix("x", "a"),
]
values = st.none() | st.booleans() | st.integers(0, 30) | st.sampled_from(["a", "ab", "10", "15.5", ""])
data = values.map(lambda value: {"x": value}) | st.just({})
filters = st.recursive(
    st.sampled_from([*ATTRIBUTE_FILTERS, Exists("x"), Exists("x", exists=False)]),
    lambda inner: (
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Not, inner)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("wanted", "met", "unmet"),
    [
        (Comparison("x", above=TEN), [11, "10.5", Decimal("10.000000000001")], [10, "many", True, [11]]),
        (Comparison("x", at_least=TEN), [10, "10"], [Decimal("9.999")]),
        (Comparison("x", below=TEN), [9, -3], [10, "", "1e0"]),
        (Comparison("x", up_to=TEN), [10], [11]),
        (Comparison("x", above=TEN, up_to=TWENTY), [11, 20], [10, 21]),
        (IsNot("x", ("eu", TEN)), ["us", "10", False, 11], ["eu", 10, Decimal("10.0")]),
        (Prefix("x", "eu-"), ["eu-west", "eu-"], ["eu", "us-eu-", 7]),
        (Prefix("x", "4"), [42, Decimal("4.5")], [24]),
        (Exists("x"), ["", 0, False, {}], []),
        (Exists("x", exists=False), [], ["", 0]),
        (AllOf((Comparison("x", above=TEN), IsNot("x", (Decimal(15),)))), [14, 16], [10, 15]),
        (AnyOf((Condition("x", ("eu",)), Comparison("x", above=TEN))), ["eu", 11], ["us", 9]),
        (Not(Condition("x", ("eu",))), ["us", 1], ["eu"]),
    ],
)
def test_filters_by_hand(wanted, met, unmet):
    assert [wanted.met({"x": value}) for value in met] == [True] * len(met)
    assert [wanted.met({"x": value}) for value in unmet] == [False] * len(unmet)


@pytest.mark.parametrize("comparison", ATTRIBUTE_FILTERS)
@pytest.mark.parametrize("absent", [{}, {"x": None}, {"y": 1}])
def test_what_is_absent_meets_no_comparison(comparison, absent):
    assert not comparison.met(absent)
    assert Not(comparison).met(absent)
    assert Exists("x", exists=False).met(absent)


@given(filters, filters, data)
def test_filters_combine_as_logic_does(a, b, event):
    assert AllOf((a, b)).met(event) == (a.met(event) and b.met(event)) == AllOf((b, a)).met(event)
    assert Not(AllOf((a, b))).met(event) == AnyOf((Not(a), Not(b))).met(event)
    assert Not(Not(a)).met(event) == a.met(event)
    assert AllOf(()).met(event)
    assert not AnyOf(()).met(event)


@given(st.lists(filters, max_size=3), data)
def test_a_meter_asks_for_all_of_them(wanted, event):
    meter = Meter("m", ("doc",), Aggregate.COUNT, where=(Condition("y", ("z",)),), filters=tuple(wanted))
    for y in ("z", "other"):
        said = {**event, "y": y}
        judgement = judge(
            Event("app", "1", "doc", "acme", datetime(2026, 3, 1, tzinfo=UTC), said, "one"), meter
        )
        assert (judgement.reason != "filtered") == (y == "z" and AllOf(tuple(wanted)).met(said))


def test_paths_reach_into_objects():
    assert Comparison("a.b", above=TEN).met({"a": {"b": 11}})
    assert not Prefix("a.b", "x").met({"a": "x"})


@pytest.mark.parametrize(
    ("code", "bad"),
    [
        ("comparison_without_bound", lambda: Comparison("x")),
        ("condition_without_values", lambda: IsNot("x", ())),
        ("bad_attribute", lambda: Comparison("a..b", above=TEN)),
        ("bad_attribute", lambda: Prefix("", "x")),
        ("bad_attribute", lambda: Exists(".")),
        ("bad_attribute", lambda: IsNot("", ("x",))),
    ],
)
def test_filters_that_say_nothing_are_refused(code, bad):
    with pytest.raises(Fault, match=code):
        bad()
