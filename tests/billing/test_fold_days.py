"""Days that are over are folded: what is read of them is what their slots say, however they change."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from abaque.billing.fold_days import fold_days

DAY = datetime(2026, 3, 2, tzinfo=UTC)
DAYS, SLOT = 6, timedelta(minutes=15)
FOLDED = "folded days are the sum of their slots"
METERS = """
meters:
  calls: {name: {en: Calls, fr: Appels}, event: call, aggregate: count, group_by: [model]}
  bytes: {name: {en: Bytes, fr: Octets}, event: call, aggregate: sum, value: bytes}
  peak: {name: {en: Peak, fr: Pointe}, event: call, aggregate: max, value: bytes}
  least: {name: {en: Least, fr: Minimum}, event: call, aggregate: min, value: bytes}
plans: {}
"""


@pytest.fixture
def shop(house):
    house.catalogue(METERS)
    house.issuer()
    for customer in ("ann", "bob"):
        house.customer(customer)
    house.now = DAY + timedelta(days=DAYS, hours=3)
    return house


def calls(shop, rng, number):
    """So many calls at random moments, sent in random order and metered."""
    sent = []
    for _ in range(number):
        shop.sent += 1
        moment = DAY + timedelta(days=DAYS) * rng.random()
        data = {"model": rng.choice("abc"), "bytes": rng.choice((-3, 0, 7, 12.5))}
        subject = rng.choice(("ann", "bob"))
        sent.append(shop.event(f"c{shop.sent}", moment.isoformat(), type="call", subject=subject, **data))
    shop.capture(*sent)
    shop.meter()


def expected(shop, meter, customer, span, group):
    """What the slots of a span come to, added up here."""
    rows = shop.rows(
        "SELECT u.quantity, u.events, u.grp FROM usage u JOIN meter m ON m.id = u.meter_id"
        " JOIN customer c ON c.id = u.customer_id"
        " WHERE m.code = %s AND c.external_id = %s AND u.slot >= %s AND u.slot < %s",
        [meter, customer, *span],
    )
    found = [(quantity, events) for quantity, events, grp in rows if group is None or grp == group]
    fold = {"peak": max, "least": min}.get(meter, sum)
    quantities = [quantity for quantity, _ in found if quantity is not None]
    return fold(quantities) if quantities else Decimal(0), sum(events for _, events in found)


def agree(shop, rng, spans=25):
    from abaque.storage.models import Customer, Meter
    from abaque.storage.read.spans import Asked, measure

    slots = DAYS * 96
    for _ in range(spans):
        meter, customer = rng.choice(("calls", "bytes", "peak", "least")), rng.choice(("ann", "bob"))
        first, last = sorted(rng.sample(range(slots + 1), 2))
        if rng.random() < 0.4:
            first, last = first // 96 * 96, -(-last // 96) * 96
        start, end = DAY + first * SLOT, DAY + last * SLOT
        group = '["a"]' if meter == "calls" and rng.random() < 0.5 else None
        numbers = Meter.objects.get(code=meter).pk, Customer.objects.get(external_id=customer).pk
        [found] = measure([Asked(*numbers, start, end, group=group)])
        assert (found.quantity, found.events) == expected(shop, meter, customer, (start, end), group)


@pytest.mark.parametrize("seed", range(3))
def test_folded_or_not_a_span_comes_to_the_same(shop, seed):
    rng = random.Random(seed)
    for _ in range(4):
        calls(shop, rng, 40)
        agree(shop, rng)
        if rng.random() < 0.7:
            fold_days(now=shop.now)
            agree(shop, rng)
    fold_days(now=shop.now)
    assert shop.rows("SELECT count(*) FROM unfolded")[0][0] == 0
    agree(shop, rng)
    shop.check()


def test_the_page_of_usage_says_the_same_before_and_after(shop):
    from abaque.storage.read.usage import UsageFilter, usage

    calls(shop, random.Random(7), 60)
    span = DAY + timedelta(hours=5), DAY + timedelta(days=4, hours=9)
    asked = [UsageFilter(customer="ann", groups=groups) for groups in (False, True)]
    before = [usage(*span, only).items for only in asked]
    assert before[0]
    assert len(before[1]) > len(before[0])
    fold_days(now=shop.now)
    assert [usage(*span, only).items for only in asked] == before


def test_a_day_that_is_not_over_is_left_alone(shop):
    calls(shop, random.Random(1), 30)
    assert fold_days(now=DAY + timedelta(days=2, minutes=30)) == len({"calls", "bytes", "peak", "least"})
    assert shop.rows("SELECT DISTINCT day FROM usage_day") == [(DAY,)]
    agree(shop, random.Random(2))


def test_what_comes_late_unfolds_its_day_alone(shop):
    calls(shop, random.Random(1), 30)
    fold_days(now=shop.now)
    late = DAY + timedelta(days=1, hours=4)
    shop.capture(shop.event("late", late.isoformat(), type="call", subject="ann", model="a", bytes=100))
    shop.meter()
    assert {day for (day,) in shop.rows("SELECT day FROM unfolded")} == {DAY + timedelta(days=1)}
    assert shop.usage("peak", "2026-03-02", "2026-03-08", "ann") == 100
    fold_days(now=shop.now)
    assert shop.usage("peak", "2026-03-02", "2026-03-08", "ann") == 100
    assert fold_days(now=shop.now) == 0


def test_a_folded_day_that_says_otherwise_is_found(shop):
    calls(shop, random.Random(1), 30)
    fold_days(now=shop.now)
    calls(shop, random.Random(2), 1)  # another day is not folded
    shop.check()
    shop.run("UPDATE usage_day SET quantity = quantity + 1 WHERE events > 0")
    assert FOLDED in shop.broken()


def test_a_trickle_lists_its_day_once(shop):
    for _ in range(3):
        calls(shop, random.Random(1), 5)
    listed = "SELECT count(*), count(DISTINCT (meter_id, day)) FROM unfolded"
    assert shop.rows(listed)[0][0] > shop.rows(listed)[0][1]
    fold_days(now=DAY)
    assert shop.rows(listed)[0][0] == shop.rows(listed)[0][1] > 0
