from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import add, currency
from abaque.core.pricing import GraduatedPercentage, Percentage, PercentTier, rate

EUR = currency("EUR")
percents = st.decimals(0, 100, places=3)
money = st.decimals(0, 10**7, places=2)


@st.composite
def tables(draw):
    bounds = sorted(draw(st.sets(st.decimals("0.01", 10**6, places=2), max_size=4)))
    return tuple(PercentTier(bound, draw(percents), draw(percents)) for bound in [*bounds, None])


@given(tables(), money, money)
def test_more_money_never_costs_less(tiers, one, more):
    price = GraduatedPercentage(tiers)
    assert rate(price, one).exact <= rate(price, add(one, more)).exact


@given(percents, money)
def test_one_tier_is_a_percentage(percent, amount):
    price = GraduatedPercentage((PercentTier(None, percent),))
    assert rate(price, amount).exact == rate(Percentage(percent), amount).exact


@given(tables(), money)
def test_tiers_hold_all_the_money(tiers, amount):
    rating = rate(GraduatedPercentage(tiers), amount)
    assert add(*(step.quantity for step in rating.steps)) == amount


# 2 % up to 1,000 €, 1 % above, and 5 € once money is above 1,000 €.
@pytest.mark.parametrize(
    ("amount", "cents"),
    [("0", 0), ("1000", 2000), ("1000.01", 2500), ("1500", 3000)],  # 20.00; 20.0001 + 5; 20 + 5 + 5
)
def test_each_part_of_the_money_costs_its_own_percentage(amount, cents):
    price = GraduatedPercentage(
        (PercentTier(Decimal(1000), Decimal(2)), PercentTier(None, Decimal(1), Decimal(5)))
    )
    assert rate(price, Decimal(amount)).money(EUR).minor == cents


@pytest.mark.parametrize(
    ("amount", "at_zero", "begun"), [("0", 500, 0), ("0.01", 500, 500), ("200", 700, 700)]
)
def test_the_first_flat_fee_may_wait_for_money(amount, at_zero, begun):
    # 1 % and 5 €: of a cent, a hundredth of a cent beside the fee.
    tiers = (PercentTier(None, Decimal(1), Decimal(5)),)
    assert rate(GraduatedPercentage(tiers), Decimal(amount)).money(EUR).minor == at_zero
    waiting = GraduatedPercentage(tiers, flat_at_zero=False)
    assert rate(waiting, Decimal(amount)).money(EUR).minor == begun


@pytest.mark.parametrize(
    ("code", "tiers"),
    [
        ("percent_over_100", (PercentTier(None, Decimal(101)),)),
        ("tiers_without_end", (PercentTier(Decimal(5), Decimal(1)),)),
        ("no_tiers", ()),
    ],
)
def test_tiers_of_percentages_are_checked_like_any(code, tiers):
    with pytest.raises(Fault, match=code):
        GraduatedPercentage(tiers)
