from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import Money, add, currency, total
from abaque.core.pricing import (
    Charge,
    Dynamic,
    Flat,
    Graduated,
    GraduatedPercentage,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Tier,
    Volume,
    bounded,
    further,
    rate,
)

EUR = currency("EUR")
TIERS = (Tier(Decimal(100), Decimal("0.333"), Decimal(1)), Tier(None, Decimal("0.111")))
metered = st.sampled_from(
    [
        PerUnit(Decimal("0.0371")),
        Graduated(TIERS),
        Volume(TIERS),
        Package(Decimal(7), Decimal("0.15")),
        Percentage(Decimal("1.4"), free_amount=Decimal(50)),
        GraduatedPercentage((PercentTier(Decimal(100), Decimal(3)), PercentTier(None, Decimal("0.7")))),
        Dynamic(Decimal("12.5")),
    ]
)
quantities = st.decimals(0, 10**4, places=3)
bounds = st.none() | st.decimals(0, 500, places=2)


@given(metered, quantities, bounds, st.none() | st.decimals(0, 500, places=2))
def test_a_line_never_leaves_its_bounds(price, quantity, low, room):
    high = None if room is None else add(low or Decimal(0), room)
    plain = rate(price, quantity)
    exact = bounded(plain, low, high).exact
    assert low is None or exact >= low
    assert high is None or exact <= high
    if (low is None or plain.exact >= low) and (high is None or plain.exact <= high):
        assert bounded(plain, low, high) == plain


# 30 units at 0.10 = 3.00: raised to 5.00 by 2.00; 900 units = 90.00: cut to 50.00 by 40.00.
@pytest.mark.parametrize(
    ("quantity", "kind", "change"), [(30, "minimum", "2.00"), (900, "maximum", "-40.00")]
)
def test_the_last_step_says_what_the_bound_changed(quantity, kind, change):
    rating = bounded(rate(PerUnit(Decimal("0.10")), Decimal(quantity)), Decimal(5), Decimal(50))
    assert (rating.steps[-1].kind, str(rating.steps[-1].amount)) == (kind, change)


@given(metered, st.lists(quantities, min_size=1, max_size=6))
def test_parts_of_a_period_sum_to_the_whole(price, parts):
    billed, so_far, lines = Money.zero(EUR), Decimal(0), []
    for part in parts:
        so_far = add(so_far, part)
        lines.append(further(rate(price, so_far), billed).money(EUR))
        billed = billed + lines[-1]
    assert total(lines, EUR) == rate(price, so_far).money(EUR)


def test_what_was_billed_before_is_taken_off():
    # 1,500 units so far at 0.02 = 30.00, of which 20.00 were billed at 1,000 units.
    rating = further(rate(PerUnit(Decimal("0.02")), Decimal(1500)), Money(2000, EUR))
    assert rating.money(EUR) == Money(1000, EUR)
    assert rating.steps[-1].kind == "billed_before"


@given(metered, quantities)
def test_a_refund_mirrors_its_charge(price, quantity):
    charge = rate(price, quantity)
    assert charge.negated().money(EUR) == -charge.money(EUR)
    assert charge.negated().negated() == charge


def test_a_refund_of_nothing_is_nothing_not_less():
    refund = rate(PerUnit(Decimal(2)), Decimal(0)).negated()
    assert [str(figure) for figure in (refund.quantity, refund.steps[0].amount, refund.exact)] == ["0"] * 3


def test_bounds_that_cannot_be_kept_are_refused():
    with pytest.raises(Fault, match="minimum_over_maximum"):
        Charge("x", Flat(Decimal(1)), minimum=Decimal(2), maximum=Decimal(1))


def test_a_charge_may_cost_one_amount_whatever_is_used():
    charge = Charge("x", PerUnit(Decimal(1)), "docs", minimum=Decimal(5), maximum=Decimal(5))
    exact = [bounded(rate(charge.price, Decimal(n)), charge.minimum, charge.maximum).exact for n in (0, 5, 9)]
    assert exact == [5, 5, 5]
