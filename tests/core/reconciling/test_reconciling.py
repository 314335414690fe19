from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.money import Money, currency
from abaque.core.reconciling import Difference, Fact, Kind, Tolerance, compare, holds

EUR, USD = currency("EUR"), currency("USD")
moneys = st.integers(-(10**6), 10**6).map(lambda minor: Money(minor, EUR))
facts = st.builds(
    Fact,
    st.sampled_from(["inv-1", "inv-2", "inv-3", "inv-4"]),
    st.none() | moneys,
    st.none() | st.decimals(0, 1000, places=2),
    st.none() | st.sampled_from(["open", "paid", "disputed"]),
)
sides = st.lists(facts, max_size=7)


def euros(key, minor, **more):
    return Fact(key, Money(minor, EUR), **more)


def found(ours, theirs, **more):
    return [
        (item.kind.value, item.key, item.impact.minor, item.aspects)
        for item in compare(ours, theirs, currency=EUR, **more)
    ]


@given(sides, st.randoms())
def test_reconciling_a_thing_with_itself_finds_nothing(side, random):
    mixed = list(side)
    random.shuffle(mixed)
    assert compare(side, mixed, currency=EUR) == ()


@given(sides, sides)
def test_missing_and_unexpected_are_mirror_images(ours, theirs):
    there, back = compare(ours, theirs, currency=EUR), compare(theirs, ours, currency=EUR)

    def keys(side, kind):
        return [item.key for item in side if item.kind is kind]

    assert keys(there, Kind.MISSING) == keys(back, Kind.UNEXPECTED)
    assert keys(there, Kind.UNEXPECTED) == keys(back, Kind.MISSING)
    assert len(there) == len(back)


@given(sides, sides)
def test_what_differs_is_found_and_nothing_else(ours, theirs):
    for item in compare(ours, theirs, currency=EUR):
        assert item.impact >= Money.zero(EUR)
        assert item.ours is None or item.ours in ours
        assert item.theirs is None or item.theirs in theirs
    same = sorted(map(repr, ours)) == sorted(map(repr, theirs))
    assert same <= (compare(ours, theirs, currency=EUR) == ())
    if len(ours) != len(theirs):
        assert compare(ours, theirs, currency=EUR)


def test_a_platform_that_loses_three_and_doubles_one():
    ours = [euros(f"INV-{n}", n * 1000) for n in range(1, 9)]
    theirs = [fact for fact in ours if fact.key not in {"INV-2", "INV-5", "INV-7"}] + [ours[3]]
    assert found(ours, theirs) == [
        ("missing", "INV-2", 2000, ()),
        ("unexpected", "INV-4", 4000, ("doubled",)),
        ("missing", "INV-5", 5000, ()),
        ("missing", "INV-7", 7000, ()),
    ]


def test_what_only_they_have_is_unexpected_and_its_twin_doubled():
    assert found([], [euros("x", 5), euros("x", 5)]) == [
        ("unexpected", "x", 5, ()),
        ("unexpected", "x", 5, ("doubled",)),
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "impact", "aspects"),
    [
        (euros("k", 1000), euros("k", 900), 100, ("amount",)),
        (euros("k", 900), euros("k", 1000), 100, ("amount",)),
        (euros("k", 1000, state="open"), euros("k", 1000, state="paid"), 1000, ("state",)),
        (euros("k", 1000, state="open"), euros("k", 999, state="paid"), 1, ("amount", "state")),
        (Fact("k", quantity=Decimal(10)), Fact("k", quantity=Decimal(7)), 60, ("quantity",)),
        (euros("k", 1000), Fact("k", Money(1000, USD)), 1000, ("currency",)),
        (euros("k", 1000), Fact("k"), 1000, ("amount",)),
    ],
)
def test_differences_say_what_and_how_much(ours, theirs, impact, aspects):
    assert found([ours], [theirs], unit=Decimal("0.20")) == [("differing", "k", impact, aspects)]


def test_could_not_compare_is_unknown_never_equal():
    assert found([euros("a", 100), Fact("b", quantity=Decimal(3))], None, unit=Decimal(2)) == [
        ("unknown", "a", 100, ()),
        ("unknown", "b", 600, ()),
    ]
    assert found([], None) == [("unknown", "", 0, ())]


def test_an_old_copy_that_differs_is_stale_and_a_dispute_disputed():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    old = euros("k", 900, as_of=now - timedelta(hours=2))
    assert found([euros("k", 1000)], [old], fresh_since=now)[0][0] == "stale"
    assert found([euros("k", 1000)], [old], fresh_since=now - timedelta(hours=2))[0][0] == "differing"
    assert found([euros("k", 900)], [old], fresh_since=now) == []
    assert found([euros("k", 1, state="open")], [euros("k", 1, state="disputed")])[0][0] == "disputed"


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        (100_000, 99_501, False),  # 0.499 %, 4.99
        (100_000, 99_500, True),  # 0.5 %, 5.00: the units alone suffice
        (100, 99, True),  # 1 %, 0.01: the percentage alone suffices
        (101, 100, False),
        (0, 1, True),  # any share of nothing is too much
        (-100_000, -99_501, False),
    ],
)
def test_only_what_is_below_both_one_percent_and_five_units_does_not_hold(ours, theirs, wanted):
    (difference,) = compare([euros("k", ours)], [euros("k", theirs)], currency=EUR)
    assert holds(difference) is wanted


def test_five_units_are_five_of_any_currency():
    yen = currency("JPY")
    for apart, wanted in [(4, False), (5, True)]:
        ours, theirs = Fact("k", Money(10_000, yen)), Fact("k", Money(10_000 + apart, yen))
        (difference,) = compare([ours], [theirs], currency=yen)
        assert holds(difference) is wanted


def test_a_missing_doubled_or_disputed_document_always_holds():
    generous = Tolerance(Decimal(100), Decimal(10**6))
    for kind in (Kind.MISSING, Kind.UNEXPECTED, Kind.DISPUTED):
        assert holds(Difference(kind, "k", None, None, Money.zero(EUR)), generous)


def test_unknown_holds_only_what_is_due_soon():
    (unknown,) = compare([euros("k", 100)], None, currency=EUR)
    assert not holds(unknown)
    assert holds(unknown, due_soon=True)


@pytest.mark.parametrize(("theirs", "wanted"), [(991, False), (990, True), (None, True)])
def test_quantities_without_a_price_are_judged_by_their_share(theirs, wanted):
    quantity = None if theirs is None else Decimal(theirs)
    (difference,) = compare([Fact("k", quantity=Decimal(1000))], [Fact("k", quantity=quantity)], currency=EUR)
    assert holds(difference) is wanted


def test_another_currency_always_holds():
    (difference,) = compare([euros("k", 1)], [Fact("k", Money(1, USD))], currency=EUR)
    assert holds(difference, Tolerance(Decimal(100), Decimal(10**6)))
