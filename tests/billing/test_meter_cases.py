"""Metering in the database, case by case: who waits for whom, who takes whose place, and what comes later."""

import random
from datetime import timedelta
from typing import Any

import pytest


def test_many_mended_causes_with_nothing_to_count_do_not_keep_hours_open(house):
    house.catalogue()
    house.issuer()
    for number in range(9):
        house.customer(f"c{number}")
    house.meter()
    assert house.rows("SELECT count(*) FROM recount WHERE done_at IS NULL") == [(0,)]


def test_a_meter_that_dies_in_the_middle_leaves_its_chunk_to_the_next(house):
    from django.db import transaction

    from abaque.billing.meter import meter_chunk

    house.shop()
    house.capture(house.event("1", "2026-03-01T08:00:00Z"), house.event("2", "2026-03-01T08:00:00Z"))

    class Killed(Exception):  # noqa: N818  # it is what happened
        pass

    def die_before_the_commit():
        with transaction.atomic():
            assert meter_chunk(now=house.now) == 1
            raise Killed

    with pytest.raises(Killed):
        die_before_the_commit()
    assert house.fates("documents") == {}
    house.meter()
    assert house.usage("documents", "2026-03-01", "2026-03-02") == 2
    house.check()


def test_an_earlier_success_of_another_slot_takes_the_place_of_a_later_one(house):
    house.shop()
    house.capture(house.event("late", "2026-03-01T10:00:00Z", document_id="x", pages=1))
    house.meter()
    house.capture(house.event("early", "2026-03-01T08:00:00Z", document_id="x", pages=2))
    house.meter()
    assert house.fates("documents") == {"late": ("not_billable", "attempt"), "early": ("counted", None)}
    assert house.usage("documents", "2026-03-01T08:00Z", "2026-03-01T08:15Z") == 1
    assert house.usage("documents", "2026-03-01T10:00Z", "2026-03-01T10:15Z") == 0
    house.check()


def test_events_without_an_operation_key_are_never_taken_for_one_operation(house):
    house.shop()
    house.capture(
        house.event("c", "2026-03-01T08:00:00Z", source="a b"),
        house.event("b c", "2026-03-01T08:00:00Z", source="a"),
    )
    house.meter()
    assert house.usage("documents", "2026-03-01", "2026-03-02") == 2
    house.check()


def test_an_event_of_an_unknown_customer_is_counted_by_itself_once_the_customer_is_known(house):
    house.shop()
    house.capture(house.event("1", "2026-03-01T08:00:00Z", subject="newcomer", pages=3))
    house.meter()
    assert house.fates("pages") == {"1": ("quarantined", "unknown_customer")}
    house.customer("newcomer")
    house.meter()
    assert house.fates("pages") == {"1": ("counted", None)}
    assert house.usage("pages", "2026-03-01", "2026-03-02", "newcomer") == 3
    house.check()


def test_an_event_of_the_far_future_is_counted_by_itself_once_its_time_has_come(house):
    house.shop()
    house.capture(house.event("1", "2026-03-10T13:00:01Z", pages=3))
    house.meter()
    assert house.fates("pages") == {"1": ("quarantined", "future")}
    house.now += timedelta(seconds=1)
    house.meter()
    assert house.fates("pages") == {"1": ("counted", None)}
    house.check()


def test_two_meters_never_wait_for_each_other(house, in_threads):
    from abaque.billing.meter import meter_chunk

    house.shop("dupont", "martin")

    def work(name: str) -> None:
        rng = random.Random(name)
        for body in range(60):
            # In each the same few cells: successes by their key, failures, and no key at all.
            house.capture(*(an_attempt(house, rng, f"{name}/{body}/{number}") for number in range(12)))
            meter_chunk(now=house.now)

    assert in_threads(lambda: work("a"), lambda: work("b"), lambda: work("c")) == [None] * 3
    house.meter()
    house.check()


def an_attempt(house: Any, rng: random.Random, identity: str) -> dict[str, Any]:
    key = {"document_id": identity} if rng.random() < 0.8 else {}
    minute = rng.choice(("00", "15", "30", "45"))
    outcome = rng.choice(("success", "failure"))
    subject = rng.choice(("dupont", "martin"))
    return house.event(
        identity, f"2026-03-01T10:{minute}:00Z", subject=subject, outcome=outcome, pages=1, **key
    )
