"""Charges with an interval of their own, on subscribed quantities, and with bounds, in parts of a period."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import Money, currency, total
from abaque.core.period import Alignment, Cycle, Interval, Unit, YearlyDates, local_midnight
from abaque.core.pricing import Allowance, Bill, Charge, Flat, Graduated, PerUnit, Plan, Tier
from abaque.core.subscription import Terms, due, rate_due

EUR = currency("EUR")
MONTH, YEAR = Interval(Unit.MONTH), Interval(Unit.YEAR)
ZONE = "Europe/Paris"
YEARLY = Charge("licence", Flat(Decimal(1200)), bill=Bill.ADVANCE, interval=YEAR)
MONTHLY = Charge("calls", PerUnit(Decimal("0.01")), "calls")


def plan(*charges):
    return Plan("p", 1, EUR, MONTH, Alignment.ANNIVERSARY, charges)


def terms(start, end=None):
    first = local_midnight(start, ZONE)
    return Terms(first, None if end is None else local_midnight(end, ZONE), Cycle(start, MONTH, ZONE))


def test_a_yearly_fee_stands_beside_monthly_usage():
    owed = due(plan(YEARLY, MONTHLY), terms(date(2026, 1, 31)), until=datetime(2027, 2, 1, tzinfo=UTC))
    fees = [item.due_at for item in owed if item.charge is YEARLY]
    assert fees == [local_midnight(date(year, 1, 31), ZONE) for year in (2026, 2027)]
    assert sum(item.charge is MONTHLY for item in owed) == 12


def test_billing_on_dates_of_each_year():
    on_dates = Terms(local_midnight(date(2026, 2, 1), ZONE), None, YearlyDates(((1, 15), (7, 1)), ZONE))
    owed = due(plan(Charge("fee", Flat(Decimal(90)))), on_dates, until=datetime(2027, 2, 1, tzinfo=UTC))
    assert [item.due_at for item in owed] == [
        local_midnight(date(2026, 7, 1), ZONE),
        local_midnight(date(2027, 1, 15), ZONE),
    ]
    licence = due(plan(YEARLY), on_dates, until=datetime(2027, 2, 1, tzinfo=UTC))
    assert [item.due_at for item in licence] == [
        local_midnight(date(year, 2, 1), ZONE) for year in (2026, 2027)
    ]


@given(st.integers(1, 30), st.integers(0, 500))
def test_subscribed_units_of_the_parts_of_a_month_sum_to_the_whole(cut, seats):
    price = Graduated((Tier(Decimal(10), Decimal("0.005")), Tier(None, Decimal("0.0049"))))
    seat = Charge("seats", price, quantity="seats", minimum=Decimal("0.03"))
    middle = date(2026, 3, 1 + cut)
    before = due(plan(seat), terms(date(2026, 3, 1), middle), until=datetime(2026, 5, 1, tzinfo=UTC))
    cycle = Cycle(date(2026, 3, 1), MONTH, ZONE)
    after = due(plan(seat), Terms(local_midnight(middle, ZONE), None, cycle), until=cycle.boundary(1))
    whole = due(plan(seat), terms(date(2026, 3, 1)), until=cycle.boundary(1))
    parts = [rate_due(item, Decimal(seats), EUR, ZONE)[1] for item in (*before, *after)]
    assert total(parts, EUR) == rate_due(whole[0], Decimal(seats), EUR, ZONE)[1]


def test_five_seats_for_half_of_april():
    # 5 × 12.00 = 60.00; 15 of 30 days: 30.00, of which the last step takes 30.00 off.
    seat = Charge("seats", PerUnit(Decimal(12)), bill=Bill.ADVANCE, quantity="seats")
    (item,) = due(
        plan(seat),
        Terms(local_midnight(date(2026, 4, 16), ZONE), None, Cycle(date(2026, 4, 1), MONTH, ZONE)),
        until=datetime(2026, 4, 20, tzinfo=UTC),
    )
    rating, net = rate_due(item, Decimal(5), EUR, ZONE)
    assert net == Money(3000, EUR)
    assert [(step.kind, str(step.amount), step.first, step.last) for step in rating.steps] == [
        ("per_unit", "60", None, None),
        ("part", "-30.00", 15, 30),
    ]


def test_a_pool_of_its_own_is_drawn_by_who_knows_it():
    charge = Charge("calls", PerUnit(Decimal(1)), "calls", allowance=Allowance(Decimal(1200), YEAR))
    (item,) = due(plan(charge), terms(date(2026, 3, 1)), until=local_midnight(date(2026, 4, 1), ZONE))
    with pytest.raises(Fault) as refused:
        rate_due(item, Decimal(500), EUR, ZONE)
    assert (refused.value.code, refused.value.params) == ("pool_needed", {"charge": "calls"})
    assert rate_due(item, Decimal(500), EUR, ZONE, free=Decimal(400))[1] == Money(10000, EUR)


def of_april(charge, first=16):
    """What `charge` owes for April from that day on."""
    start = local_midnight(date(2026, 4, first), ZONE)
    (item,) = due(
        plan(charge),
        Terms(start, None, Cycle(date(2026, 4, 1), MONTH, ZONE)),
        until=local_midnight(date(2026, 5, 1), ZONE),
    )
    return item


TIERED = Graduated((Tier(Decimal(100), Decimal("0.10")), Tier(None, Decimal("0.05"))))


@pytest.mark.parametrize(
    ("shrinks", "cents"),
    [
        (False, 800),  # 80 units, all within the first 100: 8.00
        (True, 650),  # 15 of 30 days: the first tier holds 50: 50 × 0.10 + 30 × 0.05
    ],
)
def test_tier_bounds_shrink_with_the_period_only_where_the_charge_says_so(shrinks, cents):
    item = of_april(Charge("calls", TIERED, "calls", prorate_tiers=shrinks))
    assert rate_due(item, Decimal(80), EUR, ZONE)[1].minor == cents


@pytest.mark.parametrize(
    ("first", "quantity", "cents"),
    [
        (1, 10, 500),  # a whole month: 0.10, raised to 5.00
        (1, 10_000, 2000),  # 100.00, cut to 20.00
        (16, 10, 250),  # half of it: 2.50
        (16, 10_000, 1000),  # 10.00
        (16, 500, 500),  # 5.00, between 2.50 and 10.00
    ],
)
def test_spend_bounds_are_prorated(first, quantity, cents):
    charge = Charge("calls", PerUnit(Decimal("0.01")), "calls", minimum=Decimal(5), maximum=Decimal(20))
    assert rate_due(of_april(charge, first), Decimal(quantity), EUR, ZONE)[1].minor == cents


def test_what_a_part_of_the_period_was_billed_is_taken_off():
    # 80 units so far: 8.00, of which 3.00 were billed at 30 units.
    item = of_april(Charge("calls", TIERED, "calls"), first=1)
    assert rate_due(item, Decimal(80), EUR, ZONE, billed=Money(300, EUR))[1] == Money(500, EUR)


@pytest.mark.parametrize(
    ("code", "charge", "usage"),
    [
        ("quantity_unwanted", Charge("fee", Flat(Decimal(1))), Decimal(1)),
        ("quantity_needed", Charge("calls", TIERED, "calls"), None),
    ],
)
def test_a_quantity_is_given_where_one_is_asked_for(code, charge, usage):
    with pytest.raises(Fault) as refused:
        rate_due(of_april(charge), usage, EUR, ZONE)
    assert (refused.value.code, refused.value.params) == (code, {"charge": charge.code})
