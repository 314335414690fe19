from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from abaque.core.money import currency
from abaque.core.period import Alignment, Cycle, Interval, Unit, local_midnight
from abaque.core.pricing import Bill, Charge, Flat, PerUnit, Plan
from abaque.core.simulating import play
from abaque.core.subscription import Terms
from abaque.core.tax import Rate

BASE = Charge("base", Flat(Decimal(49)), bill=Bill.ADVANCE)
DOCS = Charge("docs", PerUnit(Decimal("0.10")), "docs")
PLAN = Plan("pro", 1, currency("EUR"), Interval(Unit.MONTH), Alignment.CALENDAR, (DOCS, BASE))
VAT = Rate("S", Decimal(20))
ZONES = ["UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]


def running(zone, start, end=None):
    cycle = Cycle(start, PLAN.interval, zone, PLAN.alignment)
    return Terms(local_midnight(start, zone), end, cycle)


def figures(played):
    return [
        ([line.net.minor for line in one.lines], one.totals.tax.minor, one.totals.gross.minor)
        for one in played
    ]


def test_a_start_on_the_10th_pays_22_of_31_days_and_then_whole_months():
    used = iter([Decimal(250), Decimal(101)])
    terms = running("Europe/Paris", date(2026, 1, 10))
    played = play(
        PLAN, terms, lambda _: next(used), VAT, until=local_midnight(date(2026, 3, 1), "Europe/Paris")
    )
    # 10 January: 49.00 − 49.00 × 9/31 (14.2258 → 14.23) = 34.77; tax 6.954 → 6.95.
    # 1 February: 250 × 0.10 = 25.00, and 49.00: 74.00; tax 14.80.
    # 1 March: 101 × 0.10 = 10.10, and 49.00: 59.10; tax 11.82.
    assert figures(played) == [([3477], 695, 4172), ([2500, 4900], 1480, 8880), ([1010, 4900], 1182, 7092)]


def test_apia_pays_thirty_days_for_the_december_that_has_thirty():
    terms = running("Pacific/Apia", date(2011, 12, 16))
    until = local_midnight(date(2011, 12, 16), "Pacific/Apia")
    # 16 to 31 December without the 30th: 15 of 30 days; 49.00 − 49.00 × 15/30 = 24.50; tax 4.90.
    assert figures(play(PLAN, terms, lambda _: Decimal(0), VAT, until=until)) == [([2450], 490, 2940)]


@settings(max_examples=100)
@given(st.sampled_from(ZONES), st.integers(0, 900), st.integers(0, 900))
def test_playing_until_later_begins_with_playing_until_earlier(zone, one, other):
    first = date(2010, 10, 31)
    days = [datetime.fromordinal(first.toordinal() + n).replace(tzinfo=UTC) for n in sorted((one, other))]
    terms = running(zone, first)
    short, long = (play(PLAN, terms, lambda item: Decimal(item.index % 7), VAT, until=day) for day in days)
    assert long[: len(short)] == short


@settings(max_examples=100)
@given(st.sampled_from(ZONES), st.integers(1, 400))
def test_each_boundary_adds_up_to_its_lines_and_its_tax(zone, length):
    end = datetime.fromordinal(date(2010, 10, 31).toordinal() + length).replace(tzinfo=UTC)
    for one in play(PLAN, running(zone, date(2010, 10, 30), end), lambda _: Decimal(3), VAT, until=end):
        assert one.totals.net.minor == sum(line.net.minor for line in one.lines)
        assert one.totals.gross.minor == one.totals.net.minor + one.totals.tax.minor
