from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.money import add, currency
from abaque.core.pricing import Graduated, Step, Tier, Volume, rate

EUR = currency("EUR")
prices = st.decimals(0, 1000, places=6)
quantities = st.decimals(0, 10**9, places=6)
PRICE = Volume(
    (
        Tier(Decimal(100), Decimal(1), Decimal(3)),
        Tier(Decimal(1000), Decimal("0.5")),
        Tier(None, Decimal("0.25"), Decimal(10)),
    )
)


@pytest.mark.parametrize(
    ("quantity", "cents"), [("0", 300), ("100", 10300), ("100.5", 5025), ("1000", 50000), ("1001", 26025)]
)
def test_all_units_cost_what_the_tier_reached_says(quantity, cents):
    assert rate(PRICE, Decimal(quantity)).money(EUR).minor == cents


@given(quantities)
def test_steps_sum_to_the_line_and_their_quantities_to_the_usage(quantity):
    rating = rate(PRICE, quantity)
    assert add(*(step.amount for step in rating.steps)) == rating.exact
    assert add(*(step.quantity for step in rating.steps)) == quantity


@given(prices, prices, prices, st.decimals("0.01", 10**6, places=2), quantities)
def test_volume_and_graduated_agree_within_the_first_tier(first, second, flat, bound, quantity):
    tiers = (Tier(bound, first, flat), Tier(None, second))
    within = min(quantity, bound)
    assert rate(Volume(tiers), within).exact == rate(Graduated(tiers), within).exact


@given(prices, prices, quantities)
def test_they_agree_everywhere_where_there_is_one_tier(price, flat, quantity):
    tiers = (Tier(None, price, flat),)
    assert rate(Volume(tiers), quantity).exact == rate(Graduated(tiers), quantity).exact


@given(prices, st.decimals("0.01", 10**6, places=2), quantities)
def test_they_agree_everywhere_where_all_tiers_cost_the_same(price, bound, quantity):
    tiers = (Tier(bound, price), Tier(None, price))
    assert rate(Volume(tiers), quantity).exact == rate(Graduated(tiers), quantity).exact


@pytest.mark.parametrize(("quantity", "cents"), [("0", 0), ("1", 400), ("100", 10300), ("1001", 26025)])
def test_the_first_flat_fee_may_wait_for_usage(quantity, cents):
    assert rate(Volume(PRICE.tiers, flat_at_zero=False), Decimal(quantity)).money(EUR).minor == cents


def test_the_step_names_its_tier():
    (step,) = rate(PRICE, Decimal(500)).steps
    assert (step.kind, step.unit, step.first, step.last) == ("volume", Decimal("0.5"), 100, 1000)


def test_packages_of_the_tier_reached_say_their_price_and_size():
    price = Volume((Tier(Decimal(200), Decimal(5)), Tier(None, Decimal(4))), per=Decimal(100), whole=True)
    assert price.steps(Decimal(201)) == (
        Step("package", Decimal(3), Decimal(4), Decimal(12), Decimal(201), Decimal(100)),
    )
