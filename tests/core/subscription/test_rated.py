"""What a plan says of all its charges together: minimum, maximum, commitment, phases; through changes and pauses."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from abaque.core import subscription as sub
from abaque.core.fault import Fault
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit, days_in, local_midnight
from abaque.core.pricing import Bill, Charge, Commitment, Flat, PerUnit, Phase, Plan

EUR = currency("EUR")
MONTH, QUARTER, YEAR = Interval(Unit.MONTH), Interval(Unit.MONTH, 3), Interval(Unit.YEAR)
ZONE = "Europe/Paris"
DOCS = Charge("docs", PerUnit(Decimal("0.10")), "docs")
WEEKLY = Charge("weekly", Flat(Decimal(20)), interval=Interval(Unit.WEEK))
YEARLY = Charge("yearly", Flat(Decimal(90)), interval=YEAR, bill=Bill.ADVANCE)


def fee(amount):
    return Charge("base", Flat(Decimal(amount)), bill=Bill.ADVANCE)


def plan(*charges, code="pro", version=1, **terms):
    return Plan(code, version, EUR, MONTH, Alignment.CALENDAR, charges, **terms)


def at(month, day, hour=12, year=2026):
    return local_midnight(date(year, month, day), ZONE) + timedelta(hours=hour)


def costs(what, *events, until, used=lambda _: Decimal(0), start=None):
    """What is owed by `until`: (charge, first day of its span, minor units), those that are zero left out."""
    state = sub.moved(sub.Subscription(ZONE), sub.Start("start", what), start or at(1, 1, 0))
    for event, when in events:
        state = sub.moved(state, event, when)
    found = sub.rated(state, used, until=until)
    return [
        (one.item.due.charge.code, f"{one.item.due.span.start + timedelta(hours=3):%m-%d}", one.net.minor)
        for one in found
        if one.net.minor
    ]


def ten_a_day(due):
    return Decimal(10 * days_in(due.span, ZONE))


def test_a_minimum_is_that_of_the_days_the_plan_runs():
    # From the 17th 15 of 31 days: of 62.00, 30.00; 150 documents are 15.00, so 15.00 more.
    owed = costs(plan(DOCS, minimum=Decimal(62)), until=at(2, 1, 0), used=ten_a_day, start=at(1, 17, 0))
    assert owed == [("docs", "01-17", 1500), ("minimum", "01-17", 1500)]


def test_each_plan_of_a_month_has_its_own_share_of_its_minimum():
    small, big = plan(DOCS, code="small", minimum=Decimal(31)), plan(DOCS, code="big", minimum=Decimal(62))
    change = (sub.ChangePlan("c", big, sub.When.NOW), at(1, 11))
    owed = costs(small, change, until=at(2, 1, 0), used=ten_a_day)
    # Ten days at 1.00 each: 10.00 of 10.00. 21 days: 21.00, of 62.00 − 62.00 × 10/31 = 42.00.
    assert owed == [("docs", "01-01", 1000), ("docs", "01-11", 2100), ("minimum", "01-11", 2100)]


def test_days_of_a_pause_owe_no_minimum():
    pause = ((sub.Pause("p"), at(1, 10)), (sub.Resume("r"), at(1, 21)))
    owed = costs(plan(DOCS, minimum=Decimal(62)), *pause, until=at(2, 1, 0))
    # The 11th to the 20th rest: 62.00 × 21/31 = 42.00.
    assert owed == [("minimum", "01-01", 4200)]


def test_a_month_that_was_paused_from_end_to_end_owes_nothing():
    pause = (sub.Pause("p", credit=False), at(1, 10))
    owed = costs(plan(DOCS, minimum=Decimal(62)), pause, until=at(3, 1, 0))
    assert owed == [("minimum", "01-01", 6200)]


def test_a_maximum_is_used_by_fees_first_and_then_in_the_order_of_billing():
    limited = plan(fee(40), WEEKLY, DOCS, maximum=Decimal(100))
    owed = costs(limited, until=at(2, 1, 0), used=ten_a_day)
    # 100.00 − 40.00 − 3 weeks at 20.00 = 0.00: the fourth week and 31.00 of documents are cut.
    # (February's fee is due on 1 February.) Weeks count from Monday: the first has four days, 11.43.
    january = [one for one in owed if one[1] < "02"]
    assert sum(minor for _, _, minor in january) == 10000
    assert january[:2] == [("base", "01-01", 4000), ("weekly", "01-01", 1143)]
    assert not any(code == "docs" for code, _, _ in january)


def test_a_maximum_is_that_of_the_days_the_plan_runs():
    small, big = plan(DOCS, code="small", maximum=Decimal("3.10")), plan(DOCS, code="big")
    change = (sub.ChangePlan("c", big, sub.When.NOW), at(1, 11))
    owed = costs(small, change, until=at(2, 1, 0), used=ten_a_day)
    assert owed == [("docs", "01-01", 100), ("docs", "01-11", 2100)]  # 3.10 × 10/31 = 1.00


def test_add_ons_count_for_minimum_and_maximum():
    support = sub.AddOn("support", (Charge("support", Flat(Decimal(31)), bill=Bill.ADVANCE),))
    added = (sub.AddAddOn("a", support), at(1, 1, 0))
    assert costs(plan(DOCS, minimum=Decimal(40)), added, until=at(2, 1, 0))[1:] == [
        ("support", "02-01", 3100),
        ("minimum", "01-01", 900),
    ]


def test_a_fee_of_another_interval_counts_in_the_period_it_is_billed_in():
    owed = costs(plan(YEARLY, DOCS, minimum=Decimal(50)), until=at(3, 1, 0), used=ten_a_day)
    # 90.00 and 31.00 in January; 28.00 in February, so 22.00 more.
    assert owed == [
        ("yearly", "01-01", 9000),
        ("docs", "01-01", 3100),
        ("docs", "02-01", 2800),
        ("minimum", "02-01", 2200),
    ]


def test_a_commitment_that_ends_early_is_that_of_its_days():
    agreed = plan(DOCS, commitment=Commitment(Decimal(900), QUARTER))
    cancel = (sub.Cancel("c", sub.When.NOW), at(1, 30))
    # 30 of 90 days: 300.00, of which 30.00 were used.
    assert costs(agreed, cancel, until=at(4, 1, 0), used=ten_a_day) == [
        ("docs", "01-01", 3000),
        ("true_up", "01-01", 27000),
    ]


def test_a_commitment_without_an_interval_is_one_of_each_period():
    agreed = plan(DOCS, commitment=Commitment(Decimal(40)))
    owed = costs(agreed, until=at(3, 1, 0), used=ten_a_day)
    assert [one for one in owed if one[0] == "true_up"] == [
        ("true_up", "01-01", 900),
        ("true_up", "02-01", 1200),
    ]


def test_a_minimum_counts_towards_a_commitment():
    agreed = plan(DOCS, minimum=Decimal(100), commitment=Commitment(Decimal(310), QUARTER))
    assert costs(agreed, until=at(4, 1, 0))[-1] == ("true_up", "01-01", 1000)


def test_a_ramp_lowers_every_price_and_the_minimum_for_its_periods():
    ramp = plan(fee(31), DOCS, minimum=Decimal(80), phases=(Phase(1, Decimal(50)), Phase(1, Decimal(25))))
    owed = costs(ramp, until=at(4, 1, 0), used=ten_a_day)
    assert [one for one in owed if one[1] < "04"] == [
        ("base", "01-01", 1550),
        ("docs", "01-01", 1550),
        ("base", "02-01", 2325),
        ("docs", "02-01", 2100),
        ("base", "03-01", 3100),
        ("docs", "03-01", 3100),
        ("minimum", "01-01", 900),  # 40.00
        ("minimum", "02-01", 1575),  # 60.00
        ("minimum", "03-01", 1800),
    ]


def test_a_ramp_is_counted_from_the_start_it_began_with():
    ramp = plan(fee(31), phases=(Phase(2, Decimal(50)),))
    again = ((sub.Cancel("c", sub.When.NOW), at(4, 15)), (sub.Reactivate("r"), at(6, 1)))
    owed = costs(ramp, *again, until=at(8, 1, 0))
    # Two months at half the price, March, 15 of 30 days of April; begun anew in June, half the price twice.
    assert [minor for _, _, minor in owed] == [1550, 1550, 3100, 1550, 1550, 1550, 3100]


def test_lines_of_their_own_have_names_of_their_own():
    for code in ("minimum", "true_up"):
        with pytest.raises(Fault, match="reserved_charge"):
            plan(Charge(code, Flat(Decimal(1))))


def test_usage_that_became_known_later_is_charged_and_usage_taken_back_is_credited():
    state = sub.moved(sub.Subscription(ZONE), sub.Start("s", plan(DOCS)), at(1, 1, 0))
    known = {at(2, 1): 100, at(2, 2): 130, at(2, 3): 130, at(2, 4): 90, at(2, 5): -20, at(2, 6): 10}
    said = []
    for now, units in known.items():
        state, owed = sub.settle_usage(
            state, now, lambda due, n=units: Decimal(n if due.index == 0 else 0), "known"
        )
        said.append([(one.kind.value, one.amount.minor) for one in owed])
    assert said == [
        [("charge", 1000)],
        [("charge", 300)],
        [],
        [("credit", 400)],
        [("credit", 900), ("charge", -200)],
        [("charge", 300)],
    ]
