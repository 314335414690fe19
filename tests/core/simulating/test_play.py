from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.simulating.lives import VAT, lived

from abaque.core import subscription as sub
from abaque.core.invoicing import Credit, CreditPack, Discount, Line
from abaque.core.money import Money, currency
from abaque.core.period import Alignment, Interval, Unit, local_midnight
from abaque.core.pricing import Bill, Charge, Flat, PerUnit, Plan
from abaque.core.simulating import Life, play

EUR = currency("EUR")
BASE = Charge("base", Flat(Decimal(49)), bill=Bill.ADVANCE)
DOCS = Charge("docs", PerUnit(Decimal("0.10")), "docs")
PLAN = Plan("pro", 1, EUR, Interval(Unit.MONTH), Alignment.CALENDAR, (DOCS, BASE))
ZONES = ["UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]


def figures(played):
    return [
        (
            [line.net.minor for line in one.invoice.lines],
            one.invoice.totals.tax.minor,
            one.invoice.totals.gross.minor,
        )
        for one in played
    ]


def test_a_start_on_the_10th_pays_22_of_31_days_and_then_whole_months():
    zone = "Europe/Paris"
    used = {0: Decimal(250), 1: Decimal(101)}
    life = lived(PLAN, local_midnight(date(2026, 1, 10), zone), lambda due: used[due.index])
    played = play(life, until=local_midnight(date(2026, 3, 1), zone))
    # 10 January: 49.00 − 49.00 × 9/31 (14.2258 → 14.23) = 34.77; tax 6.954 → 6.95.
    # 1 February: 250 × 0.10 = 25.00, and 49.00: 74.00; tax 14.80.
    # 1 March: 101 × 0.10 = 10.10, and 49.00: 59.10; tax 11.82.
    assert figures(played) == [([3477], 695, 4172), ([2500, 4900], 1480, 8880), ([1010, 4900], 1182, 7092)]


def test_apia_pays_thirty_days_for_the_december_that_has_thirty():
    start = local_midnight(date(2011, 12, 16), "Pacific/Apia")
    # 16 to 31 December without the 30th: 15 of 30 days; 49.00 − 49.00 × 15/30 = 24.50; tax 4.90.
    assert figures(play(lived(PLAN, start, zone="Pacific/Apia"), until=start)) == [([2450], 490, 2940)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 900), st.integers(0, 900))
def test_playing_until_later_begins_with_playing_until_earlier(zone, one, other):
    first = date(2010, 10, 31)
    days = [datetime.fromordinal(first.toordinal() + n).replace(tzinfo=UTC) for n in sorted((one, other))]
    life = lived(PLAN, local_midnight(first, zone), lambda due: Decimal(due.index % 7), zone=zone)
    short, long = (play(life, until=day) for day in days)
    assert long[: len(short)] == short


def test_a_discount_of_two_invoices_and_a_credit_that_was_given_take_off_the_net():
    zone = "Europe/Paris"
    start = local_midnight(date(2026, 1, 1), zone)
    happened = (
        (start, Discount("spring", percent=Decimal(10), times=2)),
        (start, Credit("gift", Money(1000, EUR), start)),
    )
    life = lived(PLAN, start, lambda _: Decimal(100), happened=happened)
    played = play(life, until=local_midnight(date(2026, 3, 1), zone))
    # 49.00 − 4.90 − 10.00 = 34.10; 10.00 + 49.00 − 5.90 = 53.10; 59.00.
    assert [one.invoice.totals.net.minor for one in played] == [3410, 5310, 5900]


def test_a_pack_that_runs_low_is_bought_again():
    zone = "Europe/Paris"
    start = local_midnight(date(2026, 1, 1), zone)
    pack = CreditPack("pack", Money(6000, EUR), Money(0, EUR), top_up=Money(2000, EUR))
    life = lived(PLAN, start, happened=((start, pack),))
    played = play(life, until=local_midnight(date(2026, 4, 1), zone))
    # 58.80 with tax each month: 60.00 − 58.80 leaves 1.20, less than 20.00: bought again each time.
    assert [one.invoice.due.minor for one in played] == [0, 0, 0, 0]
    assert [[credit.left.minor for credit in one.bought] for one in played] == [
        [6000],
        [6000],
        [6000],
        [6000],
    ]


def test_a_line_charged_by_hand_stands_on_an_invoice_of_its_own_day():
    zone = "Europe/Paris"
    start, day = (local_midnight(date(2026, 1, day), zone) for day in (1, 20))
    setup = Line("setup", Decimal(1), Decimal(150), Money(15000, EUR), VAT)
    played = play(lived(PLAN, start, happened=((day, setup),)), until=day)
    assert [(one.at, one.invoice.totals.net.minor) for one in played] == [(start, 4900), (day, 15000)]


def test_nothing_happens_before_the_start():
    assert play(Life("UTC", (), lambda *_: Decimal(0), VAT), until=datetime(2026, 1, 1, tzinfo=UTC)) == ()
    with pytest.raises(Exception, match="not_in_state"):
        play(
            Life("UTC", ((datetime(2026, 1, 1, tzinfo=UTC), sub.Resume("")),), lambda *_: Decimal(0), VAT),
            until=datetime(2026, 1, 1, tzinfo=UTC),
        )


def test_zeros_that_fall_due_within_a_period_make_no_invoice():
    # Cancelled on the 10th: its pages are due when the day is over; there are none.
    zone = "Europe/Paris"
    start, tenth = (local_midnight(date(2026, 1, day), zone) for day in (1, 10))
    only = Plan("only", 1, EUR, Interval(Unit.MONTH), Alignment.CALENDAR, (DOCS,))
    cancelled = ((tenth, sub.Cancel("", sub.When.NOW)),)
    until = local_midnight(date(2026, 3, 1), zone)
    assert play(lived(only, start, happened=cancelled), until=until) == ()
    (one,) = play(lived(only, start, lambda _: Decimal(3), happened=cancelled), until=until)
    assert one.invoice.totals.net.minor == 30
