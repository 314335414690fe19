from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import add, currency
from abaque.core.pricing import Dynamic, rate

EUR = currency("EUR")
amounts = st.lists(st.decimals(0, 10**4, places=4), max_size=10)


@given(amounts, st.decimals(0, 300, places=2))
def test_the_line_is_the_sum_of_the_amounts_of_its_events(amounts, percent):
    each = [rate(Dynamic(percent), amount).exact for amount in amounts]
    assert rate(Dynamic(percent), add(*amounts)).exact == add(*each)


# What a supplier charged, as it is and with a margin of 20 %: 12.345 € and 14.814 €.
@pytest.mark.parametrize(("percent", "cents"), [(100, 1235), (120, 1481), (0, 0)])
def test_the_amount_the_events_carry_is_charged(percent, cents):
    assert rate(Dynamic(Decimal(percent)), Decimal("12.345")).money(EUR).minor == cents


def test_a_margin_is_not_negative():
    with pytest.raises(Fault, match="negative_price"):
        Dynamic(Decimal(-1))
