from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from abaque.core.money import add, currency
from abaque.core.pricing import PerUnit, rate

prices = st.decimals(0, 10**6, places=12)
quantities = st.decimals(0, 10**12, places=12)


@given(prices, quantities, quantities)
def test_usage_split_in_two_costs_the_same_before_rounding(price, one, two):
    priced = PerUnit(price)
    apart = add(rate(priced, one).exact, rate(priced, two).exact)
    assert apart == rate(priced, add(one, two)).exact


def test_a_line_is_rounded_once():
    rating = rate(PerUnit(Decimal("0.0005")), Decimal(13))
    assert str(rating.exact) == "0.0065"
    assert rating.money(currency("EUR")).minor == 1
    (step,) = rating.steps
    assert (step.kind, step.quantity, step.unit) == ("per_unit", 13, Decimal("0.0005"))


def test_one_unit_may_have_twelve_digits_after_the_point():
    price = PerUnit(Decimal("0.1"), Decimal(10) ** 11)
    assert rate(price, Decimal(10) ** 12).exact == 1
