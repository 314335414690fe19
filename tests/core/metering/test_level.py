from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.metering import (
    Aggregate,
    Change,
    Empty,
    Event,
    LevelAtStart,
    Meter,
    Per,
    SlotUsage,
    usage_of,
    value_in,
)
from abaque.core.metering.level import weighted
from abaque.core.metering.mark import Mark
from abaque.core.period import Span, days_in, local_day, local_midnight

START = datetime(2026, 3, 1, tzinfo=UTC)
ZONES = ["UTC", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CARRY = LevelAtStart.CARRY


def meter(aggregate, **more):
    return Meter("m", ("set",), aggregate, "n", **more)


def event(id_, when, n, do="add"):
    return Event("app", str(id_), "set", "acme", when, {"n": n, "do": do}, "one")


def used(a_meter, stream, start, end, **more):
    return usage_of(a_meter, stream, customer="one", span=Span(start, end), **more).quantity


minutes = st.integers(0, 240)
streams = st.lists(
    st.builds(
        event,
        st.integers(0, 99),
        minutes.map(lambda n: START + n * MINUTE),
        st.integers(-3, 50) | st.just(Decimal("0.25")),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)


def level_at(stream, instant):
    earlier = [one for one in stream if one.time <= instant]
    last = max(earlier, key=lambda one: (one.time, one.source, one.id), default=None)
    return Fraction(0) if last is None else Fraction(last.data["n"])


@given(streams, minutes, minutes)
def test_a_level_weighted_by_time_is_the_sum_over_each_minute(stream, one, two):
    begin, end = sorted((one, two))
    carried = meter(Aggregate.TIME_WEIGHTED, per=Per.MINUTE, level_at_start=CARRY)
    exact = sum(level_at(stream, START + n * MINUTE) for n in range(begin, end))
    assert used(carried, stream, START + begin * MINUTE, START + end * MINUTE) == exact


@given(streams, minutes, minutes)
def test_a_level_that_is_reset_is_zero_until_the_first_event(stream, one, two):
    begin, end = sorted((one, two))
    reset = meter(Aggregate.TIME_WEIGHTED, per=Per.MINUTE)
    inside = [each for each in stream if each.time >= START + begin * MINUTE]
    exact = sum(level_at(inside, START + n * MINUTE) for n in range(begin, end))
    assert used(reset, stream, START + begin * MINUTE, START + end * MINUTE) == exact


@given(
    st.lists(st.tuples(st.integers(0, 70 * 24), st.integers(0, 99)), max_size=8),
    st.integers(0, 70 * 24),
    st.sampled_from(Per),
    st.sampled_from(ZONES),
)
def test_weighted_levels_of_adjoining_spans_add_up(set_levels, cut, per, zone):
    hour, level = timedelta(hours=1), Decimal(7)
    marks = sorted(
        Mark(START + at * hour, START, "app", str(n), Decimal(quantity))
        for n, (at, quantity) in enumerate(set_levels)
    )
    middle, end = START + cut * hour, START + 71 * DAY
    early = [mark for mark in marks if mark.time < middle]
    then = early[-1].quantity if early else level
    a = weighted(early, level, Span(START, middle), per, zone)
    b = weighted(marks[len(early) :], then, Span(middle, end), per, zone)
    assert a + b == weighted(marks, level, Span(START, end), per, zone)


@pytest.mark.parametrize(
    ("per", "quantity"),
    [
        # 4 for six hours, then 10 for eighteen: 24 + 180 = 204 in hours.
        (Per.HOUR, "204"),
        (Per.MINUTE, "12240"),
        (Per.SECOND, "734400"),
        (Per.DAY, "8.5"),
        (Per.MONTH, "0.274193548387"),  # 8.5 / 31
    ],
)
def test_weighted_levels_by_hand(per, quantity):
    stream = [event(1, START, 4), event(2, START + timedelta(hours=6), 10)]
    assert used(meter(Aggregate.TIME_WEIGHTED, per=per), stream, START, START + DAY) == Decimal(quantity)


def test_a_level_held_for_whole_months_counts_months():
    # Summer time makes March of Paris an hour short; it is a month all the same.
    start, end = (local_midnight(date(2026, month, 1), "Europe/Paris") for month in (2, 5))
    held = meter(Aggregate.TIME_WEIGHTED, per=Per.MONTH)
    assert used(held, [event(1, start, 5)], start, end, zone="Europe/Paris") == 15


@pytest.mark.parametrize(
    ("aggregate", "carried", "reset"),
    [
        # 9 and then 6 before the span, 4 and then 5 in it.
        (Aggregate.MAX, 6, 5),
        (Aggregate.MIN, 4, 4),
        (Aggregate.LATEST, 5, 5),
        (Aggregate.UNIQUE, 4, 2),
        (Aggregate.TIME_WEIGHTED, 6 + 4 + 22 * 5, 4 + 22 * 5),
    ],
)
def test_what_was_there_before_by_hand(aggregate, carried, reset):
    hours = timedelta(hours=1)
    stream = [
        event(n, START + at * hours, quantity)
        for n, (at, quantity) in enumerate([(-3, 9), (-2, 6), (1, 4), (2, 5)])
    ]
    assert used(meter(aggregate, level_at_start=CARRY), stream, START, START + DAY) == carried
    assert used(meter(aggregate), stream, START, START + DAY) == reset
    # Where nothing happens, a level that is carried stays.
    assert used(meter(aggregate, level_at_start=CARRY), stream, START + DAY, START + 2 * DAY) == (
        {Aggregate.UNIQUE: 4, Aggregate.TIME_WEIGHTED: 120}.get(aggregate, 5)
    )
    assert used(meter(aggregate), stream, START + DAY, START + 2 * DAY) == 0


@pytest.mark.parametrize("aggregate", [Aggregate.AVERAGE, Aggregate.MIN, Aggregate.MAX, Aggregate.LATEST])
def test_nothing_is_zero_or_no_quantity(aggregate):
    nothing, span = SlotUsage(aggregate), Span(START, START + DAY)
    assert value_in(meter(aggregate), nothing, span) == 0
    assert value_in(meter(aggregate, empty=Empty.NONE), nothing, span) is None


days = st.lists(
    st.builds(
        event,
        st.integers(0, 99),
        st.integers(-5 * 96, 40 * 96).map(lambda n: START + n * 15 * MINUTE),
        st.sampled_from([1, 2, 5]),
        st.sampled_from(["add", "remove"]),
    ),
    max_size=14,
    unique_by=lambda one: one.id,
)


@given(days, st.integers(0, 35), st.integers(0, 35), st.sampled_from([*ZONES, "Pacific/Apia"]), st.booleans())
def test_shares_of_days_are_those_of_a_replay_day_by_day(stream, one, two, zone, carry):
    begin, end = sorted((one, two))
    first = date(2026, 3, 1)
    span = Span(*(local_midnight(first + n * DAY, zone) for n in (begin, end)))
    period = Span(*(local_midnight(first + n * DAY, zone) for n in (0, 40)))
    options = {"prorate_days": True, "level_at_start": CARRY if carry else LevelAtStart.RESET}
    level = meter(Aggregate.LATEST, **options)
    seats = meter(Aggregate.UNIQUE, change=Change("do"), **options)
    told = sorted(
        (one for one in stream if carry or one.time >= period.start), key=lambda one: (one.time, one.id)
    )
    levels = members = Fraction(0)
    for n in range(begin, end):
        day = first + n * DAY
        so_far = [one for one in told if local_day(one.time, zone) <= day]
        levels += so_far[-1].data["n"] if so_far else 0
        there = set()
        for mark in so_far:
            if local_day(mark.time, zone) < day and mark.data["do"] == "remove":
                there.discard(mark.data["n"])
            elif mark.data["do"] == "add":
                there.add(mark.data["n"])
        members += len(there)
    for a_meter, exact in ((level, levels), (seats, members)):
        found = used(a_meter, stream, span.start, span.end, period=period, zone=zone)
        assert abs(Fraction(found) - exact / 40) * 10**12 * 2 <= 1


@given(streams, minutes, minutes, st.booleans())
def test_parts_of_a_period_add_up_even_where_levels_are_reset(stream, one, two, carry):
    begin, cut = sorted((one, two))
    start, middle, end = (START + n * MINUTE for n in (begin, cut, 300))
    rule = LevelAtStart.CARRY if carry else LevelAtStart.RESET
    held, period = meter(Aggregate.TIME_WEIGHTED, per=Per.SECOND, level_at_start=rule), Span(start, end)
    parts = [used(held, stream, *part, period=period) for part in ((start, middle), (middle, end))]
    assert sum(parts) == used(held, stream, start, end)


def test_a_plan_change_within_the_month_keeps_the_level():
    # 10 from 3 March on: 12 days to the 15th, 17 from there, 29 in all; in April it is forgotten.
    days = [datetime(2026, 3, 1, tzinfo=UTC) + n * DAY for n in (0, 2, 14, 31, 61)]
    held, stream = meter(Aggregate.TIME_WEIGHTED, per=Per.DAY), [event(1, days[1], 10)]
    march = Span(days[0], days[3])
    assert used(held, stream, days[0], days[2], period=march) == 120
    assert used(held, stream, days[2], days[3], period=march) == 170
    assert used(held, stream, days[3], days[4]) == 0


def test_shares_of_days_by_hand():
    # March has 31 days: 10 seats from the 1st, 4 from noon of the 11th, whose end counts: 10 × 10 + 21 × 4.
    end = datetime(2026, 4, 1, tzinfo=UTC)
    stream = [event(1, START, 10), event(2, START + 10 * DAY + timedelta(hours=12), 4)]
    assert used(meter(Aggregate.LATEST, prorate_days=True), stream, START, end) == Decimal("5.935483870968")
    # A member there from the 30th, another who left on the 2nd, a day that is used: (2 + 2) / 31.
    stream = [
        event(1, START + 29 * DAY, "ann"),
        event(2, START, "bob"),
        event(3, START + DAY, "bob", "remove"),
    ]
    seats = meter(Aggregate.UNIQUE, change=Change("do"), prorate_days=True)
    assert used(seats, stream, START, end) == Decimal("0.129032258065")


def test_a_day_that_was_never_lived_is_no_share():
    zone = "Pacific/Apia"
    span = Span(local_midnight(date(2011, 12, 1), zone), local_midnight(date(2012, 1, 1), zone))
    held = meter(Aggregate.LATEST, prorate_days=True)
    assert days_in(span, zone) == 30
    assert used(held, [event(1, span.start, 7)], span.start, span.end, zone=zone) == 7


@pytest.mark.parametrize(
    ("code", "bad"),
    [
        ("carry_needs_level", lambda: meter(Aggregate.SUM, level_at_start=CARRY)),
        ("carry_needs_level", lambda: meter(Aggregate.AVERAGE, level_at_start=CARRY)),
        ("prorate_needs_level", lambda: meter(Aggregate.MAX, prorate_days=True)),
        ("prorate_needs_level", lambda: meter(Aggregate.TIME_WEIGHTED, prorate_days=True)),
    ],
)
def test_levels_that_are_none_are_refused(code, bad):
    with pytest.raises(Fault, match=code):
        bad()
