from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from abaque.core.period import Cycle, Interval, Unit, local_midnight
from abaque.core.pricing import Allowance, Charge, PerUnit
from abaque.core.subscription import Terms, grants
from abaque.core.subscription.due import due_of

MONTH, YEAR, WEEK = Interval(Unit.MONTH), Interval(Unit.YEAR), Interval(Unit.WEEK)
ZONE = "Europe/Paris"


def day(month, number):
    return local_midnight(date(2026, month, number), ZONE)


def granted(allowance, first, last, until):
    charge = Charge("docs", PerUnit(Decimal(1)), "docs", allowance=allowance)
    terms = Terms(first, last, Cycle(date(2026, 1, 1), MONTH, ZONE))
    return [(item, grants(item, terms)) for item in due_of(charge, terms, until=until)]


def test_a_yearly_allowance_is_one_pool_of_twelve_months():
    found = granted(Allowance(Decimal(365), YEAR), day(1, 1), None, day(4, 1))
    assert [[(each.index, each.quantity) for each in parts] for _, parts in found] == [[(0, 365)]] * 3


def test_a_year_that_ends_early_grants_its_days():
    # 1 January to 31 March: 90 of 365 days.
    found = granted(Allowance(Decimal(365), YEAR), day(1, 1), day(4, 1), day(4, 1))
    assert {each.quantity for _, parts in found for each in parts} == {90}


def test_summer_has_its_own_quantity():
    seasonal = Allowance(Decimal(100), by_month=((7, Decimal(300)),))
    found = granted(seasonal, day(6, 1), None, day(9, 1))
    assert [parts[0].quantity for _, parts in found] == [100, 300, 100]


@given(st.sampled_from([WEEK, MONTH, YEAR]), st.integers(0, 60), st.integers(1, 200))
def test_the_grants_of_a_due_part_tile_it(interval, start, days):
    first = day(1, 1) + timedelta(days=start)
    last = first + timedelta(days=days)
    for item, parts in granted(Allowance(Decimal(70), interval), first, last, last + timedelta(days=40)):
        edges = [each.span.start for each in parts] + [parts[-1].span.end]
        assert edges[0] == item.span.start
        assert edges[1:-1] == [each.span.end for each in parts[:-1]]
        assert edges[-1] == item.span.end
