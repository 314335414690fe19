from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.money import add, currency
from abaque.core.pricing import Graduated, PerUnit, Tier, rate

EUR = currency("EUR")
prices = st.decimals(0, 1000, places=6)
quantities = st.decimals(0, 10**9, places=6)


@st.composite
def tier_tables(draw):
    bounds = sorted(draw(st.sets(st.decimals("0.01", 10**6, places=2), max_size=5)))
    return tuple(Tier(bound, draw(prices), draw(prices)) for bound in [*bounds, None])


@given(tier_tables(), quantities)
def test_steps_sum_to_the_line_and_their_quantities_to_the_usage(tiers, quantity):
    rating = rate(Graduated(tiers), quantity)
    assert rating.exact == add(*(step.amount for step in rating.steps))
    assert add(*(step.quantity for step in rating.steps)) == quantity == rating.quantity


@given(tier_tables(), quantities, quantities)
def test_more_never_costs_less(tiers, one, more):
    assert rate(Graduated(tiers), one).exact <= rate(Graduated(tiers), add(one, more)).exact


@given(tier_tables(), quantities)
def test_each_unit_costs_what_its_own_tier_says(tiers, quantity):
    # Recomputed another way: each tier's price is paid on what lies between its bounds.
    expected, floor = Decimal(0), Decimal(0)
    for number, tier in enumerate(tiers):
        above = max(quantity - floor, Decimal(0))
        beyond = Decimal(0) if tier.up_to is None else max(quantity - tier.up_to, Decimal(0))
        entered = number == 0 or above > 0
        expected = add(expected, (above - beyond) * tier.unit, tier.flat if entered else Decimal(0))
        floor = tier.up_to or floor
    assert rate(Graduated(tiers), quantity).exact == expected


@given(prices, quantities)
def test_one_tier_without_end_is_a_price_per_unit(price, quantity):
    graduated = Graduated((Tier(None, price),))
    assert rate(graduated, quantity).exact == rate(PerUnit(price), quantity).exact


PRICE = Graduated(
    (
        Tier(Decimal(1000), Decimal("0.10"), Decimal(5)),
        Tier(Decimal(5000), Decimal("0.05")),
        Tier(None, Decimal("0.01"), Decimal(20)),
    )
)


@pytest.mark.parametrize(
    ("quantity", "cents"),
    [(0, 500), (1, 510), (1000, 10500), (1001, 10505), (5000, 30500), (5001, 32501), (6000, 33500)],
)
def test_bounds_are_inclusive_and_the_first_flat_fee_is_due_at_zero(quantity, cents):
    assert rate(PRICE, Decimal(quantity)).money(EUR).minor == cents


@given(tier_tables(), quantities.filter(bool))
def test_that_no_flat_fee_is_due_at_zero_changes_nothing_else(tiers, quantity):
    begun = Graduated(tiers, flat_at_zero=False)
    assert rate(begun, quantity) == rate(Graduated(tiers), quantity)
    assert rate(begun, Decimal(0)).exact == 0


@pytest.mark.parametrize(
    ("quantity", "cents"), [("0", 0), ("0.01", 500), ("1", 510), ("1000", 10500), ("5001", 32501)]
)
def test_the_first_flat_fee_may_wait_for_usage(quantity, cents):
    # A hundredth of a unit costs a tenth of a cent, and the fee.
    assert rate(Graduated(PRICE.tiers, flat_at_zero=False), Decimal(quantity)).money(EUR).minor == cents


def test_what_is_included_is_no_usage_of_a_tier():
    begun = Graduated(PRICE.tiers, flat_at_zero=False)
    assert rate(begun, Decimal(50), allowance=Decimal(50)).exact == 0
    assert rate(begun, Decimal(51), allowance=Decimal(50)).exact == Decimal("5.10")


def test_steps_read_like_the_price_list():
    steps = rate(PRICE, Decimal(5001)).steps
    assert [(step.kind, int(step.quantity), str(step.amount)) for step in steps] == [
        ("tier", 1000, "100.00"),
        ("tier_flat", 0, "5"),
        ("tier", 4000, "200.00"),
        ("tier", 1, "0.01"),
        ("tier_flat", 0, "20"),
    ]
    assert [(step.first, step.last) for step in steps if step.kind == "tier"] == [
        (0, 1000),
        (1000, 5000),
        (5000, None),
    ]
