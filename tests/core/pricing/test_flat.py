from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from abaque.core.pricing import Flat, rate


@given(st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_a_flat_price_is_the_same_whatever_is_used(amount, quantity):
    rating = rate(Flat(amount), quantity)
    assert (rating.exact, rating.quantity) == (amount, 1)
    assert [(step.kind, step.quantity, step.unit) for step in rating.steps] == [("flat", Decimal(1), amount)]
