from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import add
from abaque.core.period import Interval, Unit
from abaque.core.pricing import Allowance, Pool, Rollover, draw, opened

units = st.integers(0, 1000).map(Decimal)
rollovers = st.none() | st.builds(Rollover, st.integers(1, 3), st.none() | units)


@given(units, rollovers, st.lists(units, max_size=12))
def test_no_more_units_are_free_than_were_granted(granted, rollover, wanted):
    allowance = Allowance(granted, rollover=rollover)
    pool, drawn = Pool(), Decimal(0)
    for period, want in enumerate(wanted):
        pool = opened(pool, allowance, period, granted)
        assert opened(pool, allowance, period, granted) == pool
        if rollover is not None and rollover.limit is not None:
            assert pool.left <= add(rollover.limit, granted)
        free, pool = draw(pool, want)
        assert free <= want
        assert free >= min(want, granted)
        assert pool.left >= 0
        drawn = add(drawn, free)
    assert add(drawn, pool.left) <= granted * len(wanted)


@given(st.lists(units, min_size=1, max_size=12))
def test_a_pool_drawn_in_parts_gives_what_it_gives_at_once(wanted):
    pool = opened(Pool(), Allowance(Decimal(1200)), 0, Decimal(1200))
    at_once, _ = draw(pool, add(*wanted))
    drawn = Decimal(0)
    for want in wanted:
        free, pool = draw(pool, want)
        drawn = add(drawn, free)
    assert drawn == at_once


def test_a_yearly_pool_is_drawn_by_monthly_invoices():
    # 1,200 a year; 500 used in January, 600 in February, 300 in March: 500, 600, 100 are free.
    allowance = Allowance(Decimal(1200), Interval(Unit.YEAR))
    pool = opened(Pool(), allowance, 0, allowance.quantity)
    frees = []
    for used in (500, 600, 300):
        free, pool = draw(pool, Decimal(used))
        frees.append(int(free))
    assert frees == [500, 600, 100]


def test_unused_units_are_kept_up_to_the_limit_and_the_oldest_are_used_first():
    # 100 a month, kept for two more months, at most 150 of them. 20, 30 and 0 used; then 400 wanted.
    allowance = Allowance(Decimal(100), rollover=Rollover(2, Decimal(150)))
    pool = Pool()
    for period, used in enumerate((20, 30, 0)):
        _, pool = draw(opened(pool, allowance, period, Decimal(100)), Decimal(used))
    # Left: 50 of January (80 − 30), 100 of February, 100 of March.
    assert pool.grants == ((0, Decimal(50)), (1, Decimal(100)), (2, Decimal(100)))
    pool = opened(pool, allowance, 3, Decimal(100))
    # January's are too old; of February's and March's 200, 150 are kept: all of March's, 50 of February's.
    assert pool.grants == ((1, Decimal(50)), (2, Decimal(100)), (3, Decimal(100)))
    assert draw(pool, Decimal(400))[0] == 250


def test_without_rollover_what_is_left_is_lost():
    pool = opened(Pool(((0, Decimal(80)),)), Allowance(Decimal(100)), 1, Decimal(100))
    assert pool.left == 100


def test_a_seasonal_trade_has_another_allowance_in_its_months():
    allowance = Allowance(Decimal(500), by_month=((7, Decimal(900)), (8, Decimal(900))))
    assert [int(allowance.in_month(month)) for month in (6, 7, 8, 9)] == [500, 900, 900, 500]


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("bad_allowance", lambda: Allowance(Decimal(-1))),
        ("bad_month", lambda: Allowance(Decimal(1), by_month=((13, Decimal(1)),))),
        ("bad_month", lambda: Allowance(Decimal(1), by_month=((1, Decimal(1)), (1, Decimal(2))))),
        (
            "seasonal_needs_months",
            lambda: Allowance(Decimal(1), Interval(Unit.YEAR), ((1, Decimal(1)),)),
        ),
        ("bad_rollover", lambda: Rollover(0)),
    ],
)
def test_an_allowance_that_means_nothing_is_refused(code, make):
    with pytest.raises(Fault, match=code):
        make()
