from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import add
from abaque.core.pricing import Graduated, PerUnit, Tier, Volume, rate

TIERS = (Tier(Decimal(100), Decimal("0.10")), Tier(None, Decimal("0.05")))
metered = st.sampled_from([PerUnit(Decimal("0.10")), Graduated(TIERS), Volume(TIERS)])
figures = st.decimals(0, 10**6, places=3)


@given(metered, figures, figures)
def test_an_allowance_takes_the_first_units_off(price, quantity, allowance):
    rating = rate(price, quantity, allowance=allowance)
    beyond = max(quantity - allowance, Decimal(0))
    assert rating.exact == rate(price, beyond).exact
    assert add(*(step.quantity for step in rating.steps)) == quantity == rating.quantity


def test_what_is_included_is_said():
    included, paid = rate(PerUnit(Decimal(2)), Decimal(700), allowance=Decimal(500)).steps
    assert (included.kind, included.quantity, included.amount, included.last) == ("included", 500, 0, 500)
    assert (paid.kind, paid.quantity, paid.amount) == ("per_unit", 200, 400)
    assert [step.kind for step in rate(PerUnit(Decimal(2)), Decimal(0), allowance=Decimal(5)).steps] == [
        "per_unit"
    ]


@pytest.mark.parametrize("allowance", [Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_an_allowance_is_a_number_not_below_zero(allowance):
    with pytest.raises(Fault, match="bad_allowance"):
        rate(PerUnit(Decimal(1)), Decimal(1), allowance=allowance)


def test_beside_an_allowance_usage_below_zero_is_refused():
    with pytest.raises(Fault, match="negative_quantity"):
        rate(PerUnit(Decimal(1)), Decimal(-1), allowance=Decimal(0))
