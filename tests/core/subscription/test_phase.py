from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit, local_midnight
from abaque.core.pricing import Bill, Charge, Flat, Phase, Plan, Step, rate
from abaque.core.subscription import (
    Advance,
    Start,
    Subscription,
    Terms,
    due,
    percent_off,
    phased,
    schedule_of,
    step,
)

ZONE = "Europe/Paris"


def test_a_plan_that_begins_free_then_at_half_price_then_in_full():
    # 40.00 a month: two months free, two at half price, then the price list.
    fee = Charge("base", Flat(Decimal(40)), bill=Bill.ADVANCE)
    ramp = (Phase(2, Decimal(100)), Phase(2, Decimal(50)))
    plan = Plan("p", 1, currency("EUR"), Interval(Unit.MONTH), Alignment.ANNIVERSARY, (fee,), phases=ramp)
    now = local_midnight(date(2026, 1, 31), ZONE) + timedelta(hours=9)
    done = step(Subscription(ZONE), Start("start", plan), now)
    nets = [sum(item.amount.minor for item in done.owed)]
    for month, day in ((2, 28), (3, 31), (4, 30), (5, 31), (6, 30)):
        at = local_midnight(date(2026, month, day), ZONE)
        done = step(done.subscription, Advance(f"to {month}"), at)
        nets.append(sum(item.amount.minor for item in done.owed))
    assert nets == [0, 0, 2000, 2000, 4000, 4000]


def test_on_dates_of_each_year_the_first_period_is_that_of_the_start():
    # Period 0 of such a list began in 2000: phases are counted from the customer's own start, not from there.
    fee = Charge("base", Flat(Decimal(40)), bill=Bill.ADVANCE)
    plan = Plan(
        "p", 1, currency("EUR"), Interval(Unit.MONTH), Alignment.ANNIVERSARY, (fee,),
        phases=(Phase(1, Decimal(25)),), dates=((1, 1), (4, 1), (7, 1), (10, 1)),
    )  # fmt: skip
    terms = Terms(local_midnight(date(2026, 4, 1), ZONE), None, schedule_of(plan, date(2026, 4, 1), ZONE))
    dues = due(plan, terms, until=local_midnight(date(2026, 7, 1), ZONE))
    assert [percent_off(plan, terms, item) for item in dues] == [25, 0]
    anchored = replace(terms, anchor=date(2026, 1, 1))
    assert [percent_off(plan, anchored, item) for item in dues] == [0, 0]


def test_what_a_phase_takes_off_is_a_step_of_its_own():
    # 10.01 less 50 % is 5.005, rounded to 5.01.
    rating = rate(Flat(Decimal("10.01")), Decimal(1))
    assert phased(rating, Decimal(50), currency("EUR")).steps == (
        *rating.steps,
        Step("phase", Decimal(0), Decimal(50), Decimal("-5.00")),
    )
    assert phased(rating, Decimal(0), currency("EUR")) == rating
