from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.simulating.lives import invoices, lived

from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit, days_in, local_midnight
from abaque.core.pricing import Allowance, Charge, PerUnit, Plan, Rollover

ZONE = "Europe/Paris"
MONTH, QUARTER, YEAR = Interval(Unit.MONTH), Interval(Unit.MONTH, 3), Interval(Unit.YEAR)


def instant(*day):
    return local_midnight(date(*day), ZONE)


def played(allowance, usage, *, every=MONTH, start=(2026, 1, 1), end=None, until=(2026, 4, 1)):
    docs = Charge("docs", PerUnit(Decimal(1)), "docs", allowance=allowance)
    plan = Plan("pro", 1, currency("EUR"), every, Alignment.ANNIVERSARY, (docs,))
    life = lived(plan, instant(*start), usage, end=end and instant(*end))
    return [invoice.lines[0].line for invoice in invoices(life, instant(*until))]


def nets(lines):
    return [line.net.minor for line in lines]


def daily(due):
    """One unit each local day."""
    return Decimal(days_in(due.span, ZONE))


def test_a_quarterly_pool_is_drawn_by_monthly_invoices():
    # 80 units from January to March: 31, 28, and 21 of the 31 of March; April begins with 80 again.
    lines = played(Allowance(Decimal(80), QUARTER), daily, until=(2026, 5, 1))
    assert nets(lines) == [0, 0, 1000, 0]


def test_a_quarterly_invoice_draws_from_the_pool_of_each_month():
    # 30 units a month, one a day: the 31st of January and of March are paid; February leaves two that are lost.
    assert nets(played(Allowance(Decimal(30), MONTH), daily, every=QUARTER)) == [200]


def test_what_a_month_leaves_is_there_for_the_next_within_one_invoice():
    # What February leaves of its 30, two units, pays for the 31st of March; the 31st of January is paid.
    kept = Allowance(Decimal(30), MONTH, rollover=Rollover(1))
    assert nets(played(kept, daily, every=QUARTER)) == [100]


def test_a_year_that_ends_early_grants_its_part():
    # Ends after 31 days of 365: 365 × 31/365 = 31 units, of which 31 are used; 40 a month would cost 9.00.
    lines = played(Allowance(Decimal(365), YEAR), lambda _: Decimal(40), end=(2026, 2, 1))
    assert nets(lines) == [900]


def test_a_season_is_that_of_the_month_a_period_begins_in():
    # From the 15th: 15 January to 14 February is January's, the next February's.
    seasonal = Allowance(Decimal(10), by_month=((2, Decimal(25)),))
    lines = played(seasonal, daily, start=(2026, 1, 15), until=(2026, 3, 15))
    assert nets(lines) == [2100, 300]  # 31 − 10 and 28 − 25


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([None, MONTH, QUARTER, YEAR, Interval(Unit.WEEK)]),
    st.sampled_from([None, Rollover(1), Rollover(3, Decimal(7))]),
    st.sampled_from([MONTH, QUARTER, Interval(Unit.DAY, 10)]),
    st.integers(0, 40),
)
def test_no_more_is_free_than_was_granted_and_unlimited_pools_leave_nothing_to_pay(
    interval, rollover, every, units
):
    lines = played(Allowance(Decimal(units), interval, rollover=rollover), daily, every=every)
    used = sum(line.quantity for line in lines)
    paid = sum(line.net.minor for line in lines)
    periods = {None: 10, MONTH: 3, QUARTER: 1, YEAR: 1, Interval(Unit.WEEK): 13}[interval]
    assert 100 * (used - units * periods) <= paid <= 100 * used
    plenty = played(Allowance(Decimal(1000), interval, rollover=rollover), daily, every=every)
    assert not any(nets(plenty))
