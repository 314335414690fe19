from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import currency
from abaque.core.pricing import (
    Cell,
    Dynamic,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Tier,
    Usage,
    Volume,
    rate,
)

EUR = currency("EUR")
ONE = Decimal(1)
TIERS = (Tier(Decimal(10), ONE), Tier(None, ONE))


@given(
    st.sampled_from([PerUnit(Decimal("0.0371")), Dynamic(Decimal(120)), Percentage(Decimal("1.4"))]),
    st.decimals(0, 10**6, places=4),
)
def test_where_every_unit_costs_the_same_usage_below_zero_mirrors_usage(price, quantity):
    charge, refund = rate(price, quantity), rate(price, -quantity)
    assert refund.money(EUR) == -charge.money(EUR)
    assert refund == charge.negated()


def test_orders_that_come_back_are_paid_back():
    # 3 orders sold and 5 returned, at 2.50 each: 5.00 to give back.
    assert rate(PerUnit(Decimal("2.50")), Decimal(3 - 5)).money(EUR).minor == -500


@pytest.mark.parametrize(
    "price",
    [
        Graduated(TIERS),
        Volume(TIERS),
        Package(ONE, ONE),
        GraduatedPercentage((PercentTier(None, ONE),)),
        Percentage(ONE, fixed=ONE),
        Percentage(ONE, free_events=1),
        Percentage(ONE, free_amount=ONE),
        Percentage(ONE, minimum=ONE),
        Percentage(ONE, maximum=ONE),
        Matrix(("model",), (Cell(("large",), PerUnit(ONE)),)),
    ],
)
def test_where_units_cost_differently_usage_below_zero_is_refused(price):
    with pytest.raises(Fault, match="negative_quantity"):
        rate(price, Usage(Decimal(-1), events=1))


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "-Infinity"])
def test_usage_is_a_number(figure):
    with pytest.raises(Fault, match="bad_quantity"):
        rate(PerUnit(ONE), Decimal(figure))
    with pytest.raises(Fault, match="bad_quantity"):
        Usage(Decimal(figure))
    with pytest.raises(Fault, match="bad_quantity"):
        Usage(ONE, 1, (Decimal(figure),))


def test_an_event_or_a_group_below_zero_is_refused_where_the_price_looks_at_it():
    usage = Usage(ONE, 2, (Decimal(2), Decimal(-1)), {("large",): Decimal(2), ("small",): Decimal(-1)})
    for price in (
        Percentage(ONE, maximum=ONE),
        Matrix(("m",), (Cell(("large",), PerUnit(ONE)),), PerUnit(ONE)),
    ):
        with pytest.raises(Fault, match="negative_quantity"):
            rate(price, usage)


@pytest.mark.parametrize(
    "price",
    [PerUnit(ONE), Graduated(TIERS), Volume(TIERS), Package(ONE, ONE), Dynamic(), Percentage(Decimal(100))],
)
def test_events_below_zero_are_only_part_of_the_sum_where_it_does_not(price):
    # A refund among payments, or a seat given back: two and minus one are one, at one each.
    assert rate(price, Usage(ONE, 2, (Decimal(2), Decimal(-1)))).exact == 1


def test_a_fixed_fee_is_due_without_usage():
    assert rate(Flat(ONE), Decimal(0)).exact == 1
