"""Hours: sealed once they are over, chained, supplemented by what is late, recomputed, compared with totals."""

from datetime import timedelta
from decimal import Decimal

import pytest

from abaque.billing.runner import Refused
from abaque.billing.state_control_total import StateControlTotals, Total, state_control_total

UNIQUE = """
meters:
  readers:
    name: {en: Readers, fr: Lecteurs}
    unit: {en: reader, fr: lecteur}
    event: document.read
    aggregate: unique
    value: reader
"""


def hours(house, meter="documents"):
    return house.rows(
        "SELECT h.hour, h.revision, h.count, h.quantity, h.consistent_at IS NOT NULL, h.verified_at IS NOT NULL"
        " FROM hour h JOIN meter m ON m.id = h.meter_id WHERE m.code = %s ORDER BY h.id",
        [meter],
    )


def state(house, quantity, *, meter="documents", customer=None, start="2026-03-01", end="2026-03-02", **more):
    span = house.instant(start), house.instant(end)
    total = Total(meter, customer, *span, Decimal(quantity), **more)
    return house.perform(state_control_total, StateControlTotals((total,)))


def test_an_hour_seals_when_its_lateness_is_over_and_not_before(house):
    house.shop()
    house.capture(house.event("1", "2026-03-09T10:59:59Z"), house.event("2", "2026-03-09T11:00:00Z"))
    house.meter()
    house.now = house.now.replace(day=10, hour=10, minute=59)
    assert house.seal()["documents"] == 0
    house.now = house.now.replace(hour=11, minute=0)
    assert house.seal()["documents"] == 1
    assert [(hour.hour, count, consistent) for hour, _, count, _, consistent, _ in hours(house)] == [
        (10, 1, True)
    ]
    house.check()


def test_nothing_seals_while_something_of_that_time_waits_to_be_metered(house):
    house.shop()
    house.documents(1, "2026-03-01")
    house.capture(house.event("waiting", "2026-03-01T10:30:00Z"))
    assert house.seal()["documents"] == 0
    house.meter()
    assert house.seal()["documents"] == 1


def test_hours_are_chained_in_the_order_of_sealing(house):
    house.shop()
    for day in ("2026-03-03", "2026-03-01", "2026-03-02"):
        house.documents(2, day)
        house.seal()
    chain = house.rows("SELECT hour, previous, hash FROM hour ORDER BY id")
    assert [hour.day for hour, _, _ in chain] == [3, 3, 1, 1, 2, 2], "two meters, one chain"
    assert [bytes(previous) for _, previous, _ in chain[1:]] == [bytes(own) for _, _, own in chain[:-1]]
    house.check()


def test_a_late_event_becomes_a_supplement_of_its_hour(house):
    house.shop()
    house.documents(3, "2026-03-01", pages=2)
    house.seal()
    before = hours(house)
    house.documents(2, "2026-03-01", pages=5)
    house.seal()
    after = hours(house)
    assert after[: len(before)] == before
    assert [(revision, count, quantity) for _, revision, count, quantity, _, _ in after] == [
        (0, 3, 3),
        (1, 2, 2),
    ]
    assert [(row[1], row[2], row[3]) for row in hours(house, "pages")] == [(0, 3, 6), (1, 2, 10)]
    assert all(consistent for *_, consistent, _ in after)
    assert house.seal() == {"documents": 0, "pages": 0}
    house.check()


def test_an_earlier_success_moves_the_unit_between_sealed_hours_by_supplements(house):
    house.shop()
    house.capture(house.event("late", "2026-03-02T10:00:00Z", document_id="x", pages=1))
    house.meter()
    house.seal()
    house.capture(house.event("early", "2026-03-01T08:00:00Z", document_id="x", pages=1))
    house.meter()
    house.seal()
    assert [(row[0].day, row[1], row[2]) for row in hours(house)] == [(2, 0, 1), (1, 0, 1), (2, 1, -1)]
    assert all(row[4] for row in hours(house))
    house.check()


def test_hours_are_verified_by_a_control_total_that_agrees_and_not_by_one_that_does_not(house):
    house.shop()
    house.documents(10, "2026-03-01")
    state(house, 11)
    house.seal()
    assert [row[5] for row in hours(house)] == [False]
    state(house, 10)
    house.seal()
    assert [row[5] for row in hours(house)] == [True]
    house.check()


def test_verified_hours_are_so_no_more_once_usage_or_the_total_says_otherwise(house):
    house.shop()
    house.documents(10, "2026-03-01")
    state(house, 10)
    house.seal()
    house.documents(1, "2026-03-01")  # late: a supplement
    house.seal()
    assert [row[5] for row in hours(house)] == [False, False]
    state(house, 11)
    house.seal()
    assert [row[5] for row in hours(house)] == [True, True]
    state(house, 12)
    house.seal()
    assert [row[5] for row in hours(house)] == [False, False]


def test_an_hour_whose_day_agrees_and_whose_month_does_not_is_not_verified(house):
    house.shop()
    house.documents(10, "2026-03-01")
    state(house, 10)
    state(house, 11, start="2026-02-15", end="2026-03-15")
    for _ in range(2):
        house.seal()
        assert [row[5] for row in hours(house)] == [False]


def test_a_total_agrees_within_its_tolerance(house):
    house.shop()
    house.documents(99, "2026-03-01")
    state(house, 100, tolerance=Decimal("0.9"))
    house.seal()
    assert [row[5] for row in hours(house)] == [False]
    state(house, 100, tolerance=Decimal(1))
    house.seal()
    assert [row[5] for row in hours(house)] == [True]


def test_totals_per_customer_verify_only_when_none_with_usage_is_missing(house):
    house.shop("dupont", "martin")
    house.documents(2, "2026-03-01", "dupont")
    house.documents(3, "2026-03-01", "martin")
    state(house, 2, customer="dupont")
    house.seal()
    assert not any(row[5] for row in hours(house))
    state(house, 3, customer="martin")
    house.seal()
    assert all(row[5] for row in hours(house))


def test_totals_that_make_no_sense_are_refused(house):
    house.shop()
    for wrong, code in (
        ({"quantity": "-1"}, "bad_quantity"),
        ({"quantity": "1", "tolerance": Decimal(101)}, "bad_quantity"),
        ({"quantity": "0.0000000000001"}, "bad_quantity"),
        ({"quantity": "NaN"}, "bad_quantity"),
        ({"quantity": "1", "end": "2026-03-01"}, "empty_span"),
        ({"quantity": "1", "start": "2026-03-01T00:07:00Z"}, "not_a_quarter_hour"),
        ({"quantity": "1", "meter": "nobody"}, "unknown_meter"),
        ({"quantity": "1", "customer": "nobody"}, "unknown_customer"),
    ):
        with pytest.raises(Refused) as refused:
            state(house, **wrong)
        assert refused.value.code == code


# Tampering, by somebody with a database client.


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE usage SET quantity = quantity - 1",
        "UPDATE usage SET events = events + 1",
        "UPDATE usage SET not_billable = not_billable + 1",
        "DELETE FROM usage",
        "INSERT INTO fate SELECT e.seq, m.id, e.time, 'not_billable', 'failure', 1 FROM event e, meter m",
        "DELETE FROM event WHERE id = 'd0'",
        "DELETE FROM identity WHERE id = 'd0'",
        "INSERT INTO event SELECT * FROM event WHERE id = 'd0'",
        "UPDATE event SET data = '{\"outcome\": \"failure\"}' WHERE id = 'd0'",
        "UPDATE event SET data = jsonb_set(data, '{pages}', '7') WHERE id = 'd0'",
        "UPDATE event SET time = time + interval '1 hour' WHERE id = 'd0'",
        "DELETE FROM operation",
        "UPDATE hour SET count = count + 1",
        "UPDATE hour SET quantity = quantity + 1",
        "UPDATE hour SET root = sha256('other')",
        "UPDATE node SET hash = sha256('other')",
        "UPDATE node SET count = count + 1",
        "UPDATE node SET counts[1] = 0",
        "UPDATE node SET customer_id = 0",
        "DELETE FROM node WHERE hour = (SELECT min(hour) FROM hour)",
        "DELETE FROM hour WHERE id = (SELECT max(id) FROM hour)",
        "UPDATE event SET extensions = '{}' WHERE id = 'd0'",
        "UPDATE intake SET salt = gen_random_uuid() WHERE id = (SELECT min(id) FROM intake)",
        "DELETE FROM hour WHERE id = (SELECT min(id) FROM hour)",
        "UPDATE hour SET previous = sha256('other'), hash = sha256('another') WHERE id = (SELECT max(id) FROM hour)",
    ],
)
def test_self_check_finds_tampering(house, tampering):
    house.shop()
    house.documents(3, "2026-03-01", pages=2)
    house.documents(2, "2026-03-02", pages=2)
    house.seal()
    house.check()
    assert house.run(tampering) > 0
    assert house.broken()


def test_self_check_finds_usage_and_fates_changed_together(house):
    """Who changes a sealed hour everywhere but in the raw events is found by recomputing it from them."""
    house.shop()
    house.documents(3, "2026-03-01")
    house.seal()
    house.run("DELETE FROM operation WHERE operation = 'd0'")
    house.run("UPDATE usage SET events = events - 1, quantity = quantity - 1")
    assert house.broken() == {"usage is what the raw events give"}


def test_self_check_finds_a_unique_value_taken_away_or_added(house):
    house.shop()
    house.catalogue(UNIQUE)
    house.capture(
        *(
            house.event(f"r{n}", "2026-03-01T10:00:00Z", type="document.read", reader=reader)
            for n, reader in enumerate(("ann", "bob", "ann"))
        )
    )
    house.meter()
    house.seal()
    house.check()
    assert house.usage("readers", "2026-03-01", "2026-03-02") == 2
    assert house.run("UPDATE unique_value SET value = 'carl' WHERE value = 'bob'") == 1
    assert house.broken()
    assert house.run("DELETE FROM unique_value WHERE value = 'carl'") == 1
    assert house.broken()


def test_an_hour_whose_usage_is_not_what_the_events_say_never_becomes_consistent(house):
    house.shop()
    house.documents(3, "2026-03-01")
    house.run("UPDATE usage SET events = 2, quantity = 2 WHERE quantity = 3")
    house.now += timedelta(hours=1)
    house.seal()
    assert [row[4] for row in hours(house)] == [False]


def test_a_flood_is_analyzed_before_it_is_sealed(house):
    """Else the planner takes a month it has not looked at for an empty one, and compares each event with each."""
    house.shop()
    house.run("ANALYZE event_other")  # what other tests left there
    flood = (house.event(str(number), "2026-03-01T08:00:00Z") for number in range(1_500))
    house.capture(*flood)
    house.rows("SELECT pg_stat_force_next_flush()")
    house.meter()
    house.now += timedelta(days=1)
    house.seal()
    assert house.rows("SELECT reltuples FROM pg_class WHERE relname = 'event_other'") == [(1_500,)]


def test_a_long_past_is_sealed_a_week_at_a_time(house):
    from abaque.billing.seal import Seal, seal

    house.shop()
    house.capture(*(house.event(str(day), f"2026-02-{day:02}T08:00:00Z") for day in range(1, 10)))
    house.meter()
    done = [house.perform(seal, Seal()) for _ in range(3)]
    assert [(one["sealed"]["documents"], one["more"]) for one in done] == [(7, True), (2, False), (0, False)]
    assert [row[0].day for row in hours(house)] == list(range(1, 10))
    assert all(consistent for *_, consistent, _ in hours(house))
    house.check()
