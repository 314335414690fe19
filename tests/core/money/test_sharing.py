import itertools
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import Money, allocate, cumulative_share, currency

EUR = currency("EUR")
minors = st.integers(-(10**15), 10**15)
weights = st.lists(
    st.one_of(st.integers(0, 10**6), st.decimals(0, 10**6, places=6)), min_size=1, max_size=12
).filter(any)


@given(minors, weights)
def test_allocate_loses_nothing_and_stays_within_one_minor_unit(minor, shares):
    parts = allocate(Money(minor, EUR), shares)
    whole = sum(Fraction(share) for share in shares)
    assert sum(part.minor for part in parts) == minor
    for part, share in zip(parts, shares, strict=True):
        assert abs(part.minor - minor * Fraction(share) / whole) < 1
        assert part.minor == 0 or share != 0


@given(minors, weights)
def test_a_refund_splits_as_the_charge_did(minor, shares):
    charged, refunded = allocate(Money(minor, EUR), shares), allocate(Money(-minor, EUR), shares)
    assert refunded == tuple(-part for part in charged)


@pytest.mark.parametrize(
    ("minor", "shares", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [Decimal("0.3"), Decimal("0.7")], [2, 3]),
        (1, [0, 0, 1], [0, 0, 1]),
        (0, [1, 2], [0, 0]),
        (101, [50, 30, 20], [51, 30, 20]),
        # 2.86 and 7.14: the larger remainder is served, not the larger share.
        (10, [2, 5], [3, 7]),
        # 16.67, 16.67 and 66.67: two cents are over, and of equal remainders the first are served.
        (100, [1, 1, 4], [17, 17, 66]),
    ],
)
def test_allocate_by_hand(minor, shares, parts):
    assert [part.minor for part in allocate(Money(minor, EUR), shares)] == parts


@pytest.mark.parametrize(
    "shares", [[], [0], [1, -1], [Decimal(-1), 3], [Decimal("NaN")], [Decimal("Infinity")]]
)
def test_weights_that_split_nothing_are_refused(shares):
    with pytest.raises(Fault, match="bad_weights"):
        allocate(Money(1, EUR), shares)


@given(minors, st.integers(1, 400), st.data())
def test_parts_of_a_period_sum_to_the_whole_however_it_is_cut(minor, whole, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, whole), max_size=6)))
    edges = [0, *cuts, whole]
    money = Money(minor, EUR)
    parts = [cumulative_share(money, a, b, whole) for a, b in itertools.pairwise(edges)]
    assert sum(part.minor for part in parts) == minor
    for part, a, b in zip(parts, edges, edges[1:], strict=False):
        assert abs(part.minor - Fraction(minor * (b - a), whole)) <= 1


def test_thirty_one_euros_over_january():
    money = Money(4900, EUR)
    assert cumulative_share(money, 0, 10, 31) == Money(1581, EUR)
    assert cumulative_share(money, 10, 31, 31) == Money(3319, EUR)


@pytest.mark.parametrize(("begin", "end", "whole"), [(-1, 1, 2), (2, 1, 3), (0, 4, 3), (0, 0, 0)])
def test_a_part_lies_within_its_whole(begin, end, whole):
    with pytest.raises(Fault, match="bad_share"):
        cumulative_share(Money(1, EUR), begin, end, whole)


def test_parts_are_of_the_currency_of_the_whole():
    yen = currency("JPY")
    assert allocate(Money(3, yen), [1, 2]) == (Money(1, yen), Money(2, yen))
    assert cumulative_share(Money(3, yen), 0, 1, 3) == Money(1, yen)
