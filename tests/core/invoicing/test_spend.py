from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.invoicing import (
    Line,
    apply_discounts,
    maximum_discount,
    minimum_line,
    prorated,
    true_up_line,
)
from abaque.core.money import Money, add, currency
from abaque.core.period import Span
from abaque.core.tax import Rate

EUR, S20 = currency("EUR"), Rate("S", Decimal(20))
ZONE = "UTC"


def day(month, number):
    return datetime(2026, month, number, tzinfo=UTC)


JUNE = Span(day(6, 1), day(7, 1))


def of(*minors):
    return [Line("docs", Decimal(1), None, Money(minor, EUR), S20) for minor in minors]


minors = st.lists(st.integers(0, 10**6), max_size=5)


@given(minors, st.integers(0, 10**6))
def test_a_period_comes_to_its_minimum_at_least(nets, minimum):
    extra = minimum_line(of(*nets), Money(minimum, EUR), S20, JUNE)
    assert sum(nets) + (extra.net.minor if extra else 0) == max(sum(nets), minimum)
    assert extra is None or add(*(step.amount for step in extra.steps)) == extra.net.decimal()


@given(minors, st.integers(0, 10**6))
def test_a_period_comes_to_its_maximum_at_most(nets, maximum):
    over = maximum_discount(of(*nets), Money(maximum, EUR))
    left = apply_discounts(of(*nets), [over] if over else [])
    assert sum(line.net.minor for line in left) == min(sum(nets), maximum)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 29), max_size=4, unique=True).map(sorted))
def test_parts_of_a_commitment_sum_to_it(committed, cuts):
    marks = [JUNE.start, *(day(6, 1 + cut) for cut in cuts), JUNE.end]
    parts = [prorated(Money(committed, EUR), Span(start, end), JUNE, ZONE) for start, end in pairwise(marks)]
    assert sum(part.minor for part in parts) == committed


@pytest.mark.parametrize(
    ("billed", "missing"), [([], 10000), ([2500, 2500], 5000), ([10000], None), ([10001], None)]
)
def test_true_up_by_hand(billed, missing):
    line = true_up_line([Money(minor, EUR) for minor in billed], Money(10000, EUR), S20, JUNE)
    assert (line and line.net.minor) == missing
    assert line is None or (line.charge, line.unit, line.span) == ("true_up", line.net.decimal(), JUNE)


def test_a_maximum_comes_off_each_line_by_what_it_holds():
    # 120.00 and 40.00 against at most 100.00: 60.00 too much, 45.00 and 15.00 of it.
    over = maximum_discount(of(12000, 4000), Money(10000, EUR))
    assert [line.net.minor for line in apply_discounts(of(12000, 4000), [over])] == [7500, 2500]


def test_a_commitment_for_ten_days_of_thirty_is_a_third():
    assert prorated(Money(10000, EUR), Span(day(6, 1), day(6, 11)), JUNE, ZONE).minor == 3333
    assert prorated(Money(10000, EUR), Span(day(6, 11), day(7, 1)), JUNE, ZONE).minor == 6667
