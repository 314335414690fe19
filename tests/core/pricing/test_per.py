"""Prices of so many units: pro rata, or of packages that count whole once they are begun."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import add, currency, multiply
from abaque.core.pricing import Graduated, Package, PerUnit, Tier, Volume, rate, unit_price

EUR = currency("EUR")
prices = st.decimals(0, 1000, places=4)
quantities = st.decimals(0, 10**9, places=3)
sizes = st.integers(1, 10**4).map(Decimal)
powers = st.sampled_from([Decimal(10) ** n for n in range(1, 7)] + [Decimal(8), Decimal("0.5")])


@st.composite
def packed(draw):
    """Return a size, and tiers that end between packages of it."""
    size = draw(sizes)
    bounds = sorted(draw(st.sets(st.integers(1, 10**6), max_size=4)))
    return size, tuple(
        Tier(None if n is None else multiply(size, Decimal(n)), draw(prices), draw(prices))
        for n in (*bounds, None)
    )


@given(prices, powers, quantities)
def test_a_price_per_thousand_is_that_of_one_a_thousand_times(price, per, quantity):
    each = unit_price(price, per)
    assert multiply(each, per) == price
    assert rate(PerUnit(price, per), quantity) == rate(PerUnit(each), quantity)
    assert rate(PerUnit(price, per), multiply(quantity, per)).exact == multiply(price, quantity)


@given(prices, prices, powers, st.decimals("0.01", 10**6, places=2), quantities)
def test_tiers_priced_per_thousand_are_those_of_one(first, second, per, bound, quantity):
    tiers = (Tier(bound, first, Decimal(3)), Tier(None, second))
    single = (Tier(bound, unit_price(first, per), Decimal(3)), Tier(None, unit_price(second, per)))
    assert rate(Graduated(tiers, per=per), quantity) == rate(Graduated(single), quantity)
    assert rate(Volume(tiers, per=per), quantity) == rate(Volume(single), quantity)


@pytest.mark.parametrize(
    ("quantity", "cents"), [("0", 0), ("1", 0), ("99", 0), ("100", 1), ("12345", 62), ("1000000", 5000)]
)
def test_five_cents_per_thousand(quantity, cents):
    # 12,345 × 0.00005 = 0.61725; of 99 units, 0.495 cents are none.
    rating = rate(PerUnit(Decimal("0.05"), Decimal(1000)), Decimal(quantity))
    assert rating.money(EUR).minor == cents
    assert str(rating.steps[0].unit) == "0.00005"


@given(packed(), quantities)
def test_packages_in_tiers_are_the_fewest_that_hold_the_quantity(offer, quantity):
    size, tiers = offer
    for price in (Graduated(tiers, per=size, whole=True), Volume(tiers, per=size, whole=True)):
        steps = [step for step in rate(price, quantity).steps if step.kind == "package"]
        (alone,) = rate(Package(size, Decimal(1)), quantity).steps
        assert add(*(step.quantity for step in steps)) == alone.quantity
        assert add(*(step.first for step in steps)) == quantity


@given(packed(), quantities)
def test_packages_in_tiers_cost_what_filled_ones_cost_by_the_unit(offer, quantity):
    # Rounded up to whole packages, units are at a size-th of the price; here in units of a package.
    size, tiers = offer
    (alone,) = rate(Package(size, Decimal(1)), quantity).steps
    counted = tuple(Tier(None if t.up_to is None else t.up_to / size, t.unit, t.flat) for t in tiers)
    for kind in (Graduated, Volume):
        assert (
            rate(kind(tiers, per=size, whole=True), quantity).exact
            == rate(kind(counted), alone.quantity).exact
        )


@given(packed(), quantities, quantities)
def test_more_packages_never_cost_less(offer, one, more):
    size, tiers = offer
    price = Graduated(tiers, per=size, whole=True)
    assert rate(price, one).exact <= rate(price, add(one, more)).exact


@given(sizes, prices, quantities)
def test_packages_in_one_tier_are_packages(size, price, quantity):
    tiered = Graduated((Tier(None, price),), per=size, whole=True)
    assert rate(tiered, quantity) == rate(Package(size, price), quantity)


# The first 10 packages of 100 at 5 €, further ones at 4 €; or all of them at 4 € beyond 10.
PACKS = (Tier(Decimal(1000), Decimal(5)), Tier(None, Decimal(4)))


@pytest.mark.parametrize(
    ("quantity", "graduated", "volume"),
    [
        ("0", 0, 0),
        ("0.5", 500, 500),
        ("100", 500, 500),
        ("101", 1000, 1000),
        ("1000", 5000, 5000),
        ("1000.5", 5400, 4400),
        ("1001", 5400, 4400),
        ("1250", 6200, 5200),
    ],
)
def test_tiers_of_packages_by_hand(quantity, graduated, volume):
    size = Decimal(100)
    for price, cents in ((Graduated, graduated), (Volume, volume)):
        assert rate(price(PACKS, per=size, whole=True), Decimal(quantity)).money(EUR).minor == cents


def test_each_tier_says_how_many_packages():
    steps = rate(Graduated(PACKS, per=Decimal(100), whole=True), Decimal(1250)).steps
    assert [(step.kind, step.quantity, step.unit, step.first, step.last) for step in steps] == [
        ("package", 10, 5, 1000, 100),
        ("package", 3, 4, 250, 100),
    ]


@given(st.integers(1, 10**4).map(Decimal), prices)
def test_one_unit_has_an_exact_price_or_there_is_no_price(per, price):
    if (price * 10**12) % per:
        with pytest.raises(Fault, match="unit_not_exact"):
            unit_price(price, per)
    else:
        assert multiply(unit_price(price, per), per) == price


@pytest.mark.parametrize("kind", [Graduated, Volume])
def test_tiers_without_an_exact_price_are_refused_unless_packages_are_whole(kind):
    third = (Tier(None, Decimal(1)),)
    with pytest.raises(Fault, match="unit_not_exact"):
        kind(third, per=Decimal(3))
    assert rate(kind(third, per=Decimal(3), whole=True), Decimal(4)).exact == 2


@pytest.mark.parametrize(
    ("per", "code"),
    [
        ("0", "bad_per"),
        ("-1", "bad_per"),
        ("NaN", "bad_per"),
        ("1E+12", "too_many_digits"),
        ("7", "unit_not_exact"),
    ],
)
def test_a_price_is_per_something(per, code):
    with pytest.raises(Fault, match=code):
        PerUnit(Decimal(1), Decimal(per))
    if code != "unit_not_exact":
        with pytest.raises(Fault, match=code):
            Graduated(PACKS, per=Decimal(per), whole=True)


def test_a_unit_may_not_cost_more_digits_than_a_price_has():
    with pytest.raises(Fault, match="too_many_digits"):
        PerUnit(Decimal(10**11), Decimal("0.01"))
