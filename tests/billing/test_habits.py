"""Silence: a source, a type or a customer that sends far less than on the same day of the weeks before."""

from datetime import timedelta

import pytest

from abaque.billing.habits import note_arrivals, quiet
from abaque.billing.permissions import SYSTEM
from abaque.billing.reconcile import reconcile_now
from abaque.storage.models import Arrival, Finding, Hold

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
TUESDAY = "2026-03-10T12:00"


@pytest.fixture
def shop(house):
    house.shop("dupont", "martin", plan="usage", starts="2026-01-01")
    house.last = house.instant(TUESDAY)
    return house


def send(house, moment, number, *, subject="dupont", source="/test", type="document.processed"):  # noqa: A002  # CloudEvents' word
    """Send so many events that happened at a moment, which are received then."""
    kept, house.now = house.now, moment
    first = house.sent
    house.sent += number
    time = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    house.capture(
        *(
            house.event(
                f"e{n}", time, subject=subject, source=source, type=type, document_id=f"e{n}", pages=1
            )
            for n in range(first, first + number)
        )
    )
    house.meter()
    house.now = kept


def silent(house):
    _compared, found = quiet(house.now)
    return {(one.kind, one.silence.name, one.silence.counted, one.silence.usual) for one in found}


def test_who_sends_as_usual_is_not_silent(shop):
    for n in range(5):
        send(shop, shop.last - n * WEEK - 2 * DAY, 30)
        send(shop, shop.last - n * WEEK - 2 * DAY - timedelta(hours=1), 30)
    shop.now = shop.last - DAY
    assert silent(shop) == set()
    assert quiet(shop.now)[0] == 3  # a source, a type, a customer


def test_a_source_a_type_and_a_customer_that_stop_are_found(shop):
    for n in range(1, 5):
        send(shop, shop.last - n * WEEK - timedelta(hours=30), 25)
        send(shop, shop.last - n * WEEK - timedelta(hours=3), 30)
    shop.now = shop.last
    assert {one[:2] for one in silent(shop)} == {
        ("source", "/test"),
        ("type", "document.processed"),
        ("customer", dupont(shop)),
    }
    assert {one[3] for one in silent(shop)} == {30, 25}
    # Customers are looked at once their late events have come: their day ended yesterday.
    assert next(one for one in silent(shop) if one[0] == "customer")[2:] == (0, 25)


def dupont(house):
    return str(house.rows("SELECT id FROM customer WHERE external_id = 'dupont'")[0][0])


def test_a_day_that_is_quiet_every_week_is_no_silence(shop):
    for n in range(1, 5):
        send(shop, shop.last - n * WEEK - 2 * DAY, 100)  # two days before, every week
    shop.now = shop.last
    assert {one for one in silent(shop) if one[0] != "customer"} == set()


def test_a_source_beside_others_is_silent_alone(shop):
    for n in range(1, 5):
        for source in ("/one", "/other"):
            send(shop, shop.last - n * WEEK - timedelta(hours=3), 40, source=source)
    send(shop, shop.last - timedelta(hours=3), 60, source="/one")
    shop.now = shop.last
    assert {one for one in silent(shop) if one[0] != "customer"} == {("source", "/other", 0, 40)}


def test_who_has_left_is_expected_to_be_silent(shop):
    for n in range(1, 5):
        send(shop, shop.last - n * WEEK - timedelta(hours=30), 25)
    shop.now = shop.last
    assert "customer" in {one[0] for one in silent(shop)}
    shop.run("UPDATE subscription SET ends_at = %s", [shop.last - DAY])
    assert "customer" not in {one[0] for one in silent(shop)}


def test_hours_are_noted_whole_and_once_and_the_old_are_forgotten(shop):
    hour = shop.instant("2026-03-10T09:00")
    send(shop, hour + timedelta(minutes=5), 3)
    send(shop, hour + timedelta(minutes=55), 2, source="/other")
    send(shop, hour + timedelta(minutes=65), 4)
    until = hour + timedelta(hours=1)
    for _ in range(2):
        note_arrivals(until)
        found = Arrival.objects.order_by("kind", "name").values_list("kind", "name", "events", "starts_at")
        assert list(found) == [
            ("source", "/other", 2, hour),
            ("source", "/test", 3, hour),
            ("type", "document.processed", 5, hour),
        ]
    note_arrivals(until + timedelta(hours=1))
    assert Arrival.objects.filter(name="/test", events=4).exists()
    send(shop, hour + timedelta(weeks=9, minutes=5), 1)
    note_arrivals(hour + timedelta(weeks=9, hours=1))
    assert set(Arrival.objects.values_list("events", flat=True)) == {1}


def test_silence_is_a_finding_that_holds_nothing_and_closes_itself(shop):
    for n in range(1, 5):
        send(shop, shop.last - n * WEEK - timedelta(hours=3), 30)
    shop.now = shop.last
    reconcile_now([], now=shop.now, by=SYSTEM)
    found = Finding.objects.filter(check_name="events ↔ habit", closed_at=None)
    assert {(one.kind, one.subject) for one in found} == {
        ("stale", "source /test"),
        ("stale", "type document.processed"),
    }
    assert not Hold.objects.exists()
    send(shop, shop.last + timedelta(minutes=5), 30)
    shop.now = shop.last + timedelta(hours=2)
    assert reconcile_now([], now=shop.now, by=SYSTEM)["closed"] == 2
    shop.check()


def test_very_many_silent_customers_are_one_finding(shop):
    names = [f"c{n}" for n in range(21)]
    for name in names:
        shop.customer(name)
        shop.subscribe(name, "usage", "2026-01-01")
        for n in range(1, 4):
            send(shop, shop.last - n * WEEK - timedelta(hours=30), 20, subject=name)
    shop.now = shop.last
    assert {one for one in silent(shop) if one[0] == "customer"} == {("customer", "", 0, 420)}
    reconcile_now([], now=shop.now, by=SYSTEM)
    assert Finding.objects.filter(subject="customer *", customer=None).count() == 1
