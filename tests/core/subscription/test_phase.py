from datetime import date, timedelta
from decimal import Decimal

from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit, local_midnight
from abaque.core.pricing import Bill, Charge, Flat, Phase, Plan
from abaque.core.subscription import Advance, Start, Subscription, step

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
