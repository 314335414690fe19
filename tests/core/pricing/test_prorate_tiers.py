from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import add
from abaque.core.pricing import (
    Cell,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    PercentTier,
    PerUnit,
    Tier,
    Usage,
    Volume,
    rate,
    with_tiers_for,
)

TIERS = (Tier(Decimal(100), Decimal("0.10"), Decimal(1)), Tier(None, Decimal("0.05")))
FREE = PerUnit(Decimal(0))


@given(st.lists(st.integers(1, 31), min_size=1, max_size=5), st.decimals("0.001", 10**6, places=3))
def test_the_bounds_of_the_parts_of_a_period_sum_to_the_whole_bound(lengths, bound):
    price, whole, begin, bounds = Graduated((Tier(bound, Decimal(1)), TIERS[1])), sum(lengths), 0, []
    for length in lengths:
        part = with_tiers_for(price, begin, begin + length, whole)
        bounds.append(part.tiers[0].up_to)
        assert part.tiers[-1] == TIERS[1]
        begin += length
    assert add(*bounds) == bound


# Half of June: 100 units become 50, 1,000 € become 500 €; what a tier costs stays.
@pytest.mark.parametrize(
    ("whole", "half"),
    [
        (Graduated(TIERS), Graduated((Tier(Decimal(50), Decimal("0.10"), Decimal(1)), TIERS[1]))),
        (Volume(TIERS), Volume((Tier(Decimal(50), Decimal("0.10"), Decimal(1)), TIERS[1]))),
        (
            GraduatedPercentage((PercentTier(Decimal(1000), Decimal(2)), PercentTier(None, Decimal(1)))),
            GraduatedPercentage((PercentTier(Decimal(500), Decimal(2)), PercentTier(None, Decimal(1)))),
        ),
        (Flat(Decimal(5)), Flat(Decimal(5))),
    ],
)
def test_bounds_shrink_with_the_part_and_prices_do_not(whole, half):
    assert with_tiers_for(whole, 15, 30, 30) == half


def test_usage_of_half_a_period_meets_half_the_tier():
    # 80 units in half of June: 50 × 0.10 + 1 + 30 × 0.05 = 7.50, instead of 80 × 0.10 + 1 = 9.00.
    assert rate(with_tiers_for(Graduated(TIERS), 0, 15, 30), Decimal(80)).exact == Decimal("7.50")
    assert rate(Graduated(TIERS), Decimal(80)).exact == 9


def test_what_else_the_price_says_stays():
    price = Graduated(TIERS, flat_at_zero=False, per=Decimal(100), whole=True)
    half = with_tiers_for(price, 0, 15, 30)
    assert (half.flat_at_zero, half.per, half.whole) == (False, 100, True)
    # A package costs what the tier says in which it begins: of 130 units one begins below 50, one above.
    assert rate(half, Decimal(130)).exact == Decimal("0.10") + 1 + Decimal("0.05")
    assert [step.quantity for step in rate(half, Decimal(130)).steps if step.kind == "package"] == [1, 1]


def test_a_tier_that_shrinks_to_nothing_is_left_out():
    price = Graduated((Tier(Decimal("1E-12"), Decimal(1)), TIERS[1]))
    assert with_tiers_for(price, 0, 1, 30).tiers == (TIERS[1],)


def test_a_part_lies_within_its_period():
    with pytest.raises(Fault, match="bad_share"):
        with_tiers_for(Graduated(TIERS), 0, 31, 30)


def test_of_three_tiers_each_bound_is_shared_out_by_itself():
    # A third of the period: bounds 90 and 300 become 30 and 100.
    price = Graduated((Tier(Decimal(90), Decimal(3)), Tier(Decimal(300), Decimal(2)), Tier(None, Decimal(1))))
    part = with_tiers_for(price, 10, 20, 30)
    assert [(tier.up_to, tier.unit) for tier in part.tiers] == [(30, 3), (100, 2), (None, 1)]


def test_the_tiers_of_each_cell_shrink_as_the_same_tiers_would_alone():
    # Half a month: 80 large units meet a bound of 50, 50 × 0.10 + 1 + 30 × 0.05 = 7.50; 60 others likewise 6.50.
    price = Matrix(("model",), (Cell(("large",), Graduated(TIERS)), Cell(("free",), FREE)), Graduated(TIERS))
    half = with_tiers_for(price, 0, 15, 30)
    used = Usage(Decimal(140), cells={("large",): Decimal(80), ("small",): Decimal(60)})
    assert rate(half, used).exact == 14
    assert half.cells[1].price == FREE
    assert with_tiers_for(replace(price, default=None), 0, 15, 30).default is None
