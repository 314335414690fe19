from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import Line, totals
from abaque.core.money import Money, currency, total
from abaque.core.tax import Rate

EUR = currency("EUR")
STANDARD = Rate("S", Decimal(20))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=10))
def test_the_total_is_the_sum_of_the_lines_as_printed(minors):
    lines = [Line("docs", Decimal(1), None, Money(minor, EUR), STANDARD) for minor in minors]
    found = totals(lines)
    assert found.net == total([line.net for line in lines], EUR)
    assert found.gross == found.net + found.tax


def test_no_lines_have_totals_only_in_a_currency():
    assert totals([], EUR).gross == Money.zero(EUR)
    with pytest.raises(Fault, match="no_lines"):
        totals([])


def test_totals_by_hand():
    # 19.99 + 0.01 net, 4.00 of tax.
    lines = [Line("docs", Decimal(1), None, Money(minor, EUR), STANDARD) for minor in (1999, 1)]
    found = totals(lines)
    assert (found.net.minor, found.tax.minor, found.gross.minor) == (2000, 400, 2400)
