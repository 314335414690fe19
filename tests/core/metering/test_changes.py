"""Levels that events change, such as +2 seats or -1 GB: the level is the sum of the changes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, groupby

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
    ValueIs,
    fold,
    fold_values,
    merge,
    usage_of,
)
from abaque.core.period import Span

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEVELS = [Aggregate.LATEST, Aggregate.TIME_WEIGHTED, Aggregate.MAX, Aggregate.MIN]
RULES = st.sampled_from(LevelAtStart)


def meter(aggregate, value_is=ValueIs.CHANGE, **more):
    return Meter("m", ("set",), aggregate, "n", per=Per.MINUTE, value_is=value_is, **more)


def event(id_, when, n, group="a"):
    return Event("app", str(id_), "set", "acme", when, {"n": n, "group": group}, "one")


def used(a_meter, stream, start, end, **more):
    return usage_of(a_meter, stream, customer="one", span=Span(start, end), **more).quantity


minutes = st.integers(0, 240)
streams = st.lists(
    st.builds(
        event,
        st.integers(0, 99),
        minutes.map(lambda n: START + n * MINUTE),
        st.integers(-9, 9) | st.just(Decimal("0.25")),
        st.sampled_from(["a", "b"]),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)


def level_at(stream, instant):
    return sum(one.data["n"] for one in stream if one.time <= instant)


@given(streams, minutes, st.integers(1, 60), RULES)
def test_the_level_is_the_sum_of_the_changes_minute_by_minute(stream, begin, length, rule):
    start, end = START + begin * MINUTE, START + (begin + length) * MINUTE
    known = [one for one in stream if rule is LevelAtStart.CARRY or one.time >= start]
    held = [level_at(known, start + n * MINUTE) for n in range(length)]
    expected = {
        Aggregate.LATEST: held[-1],
        Aggregate.TIME_WEIGHTED: sum(held),
        Aggregate.MAX: max(held),
        Aggregate.MIN: min(held),
    }
    for aggregate, quantity in expected.items():
        assert used(meter(aggregate, level_at_start=rule), stream, start, end) == quantity


@given(streams, RULES, st.booleans())
def test_changes_are_the_levels_they_sum_to(stream, rule, prorate):
    stream.sort(key=lambda one: (one.time, one.id))
    told = [
        event(n, when, total)
        for n, (when, total) in enumerate(
            (when, [*marks][-1][1])
            for when, marks in groupby(
                zip(
                    [one.time for one in stream],
                    accumulate(Decimal(one.data["n"]) for one in stream),
                    strict=True,
                ),
                key=lambda pair: pair[0],
            )
        )
    ]
    # Until the first level is told nobody knows of any, where the sum of no changes is zero.
    told = [event("zero", START - MINUTE, 0), *told]
    period = Span(START - MINUTE, START + DAY)
    for aggregate in LEVELS:
        options = {"level_at_start": rule, "prorate_days": prorate and aggregate is Aggregate.LATEST}
        changes, levels = meter(aggregate, **options), meter(aggregate, ValueIs.LEVEL, **options)
        assert used(changes, stream, period.start, period.end) == used(levels, told, period.start, period.end)


@given(streams, minutes, RULES)
def test_parts_of_a_period_are_the_period(stream, cut, rule):
    start, middle, end = START, START + cut * MINUTE, START + 300 * MINUTE
    parts = [Span(start, middle), Span(middle, end)] if cut else [Span(start, end)]

    def each(aggregate):
        a_meter = meter(aggregate, level_at_start=rule)
        whole = used(a_meter, stream, start, end)
        return whole, [used(a_meter, stream, part.start, part.end, period=Span(start, end)) for part in parts]

    whole, found = each(Aggregate.TIME_WEIGHTED)
    assert sum(found) == whole
    whole, found = each(Aggregate.MAX)
    assert max(found) == whole
    whole, found = each(Aggregate.MIN)
    assert min(found) == whole
    whole, found = each(Aggregate.LATEST)
    assert found[-1] == whole


@given(st.sampled_from(LEVELS), streams, st.randoms())
def test_merging_in_any_order_and_again_is_the_fold(aggregate, stream, random):
    a_meter = meter(aggregate, group_by=("group",))
    parts = [[], [], []]
    for one in [*stream, *stream[:4]]:
        random.choice(parts).append(one)
    merged = {}
    for part in parts:
        merged = merge(a_meter, merged, fold(a_meter, part))
    assert merged == fold(a_meter, stream)


@given(st.sampled_from(LEVELS), streams, st.randoms(), RULES)
def test_order_and_repetition_change_nothing(aggregate, stream, random, rule):
    a_meter, span = meter(aggregate, level_at_start=rule), Span(START + HOUR, START + 3 * HOUR)
    again = stream + stream[:4]
    random.shuffle(again)
    assert used(a_meter, again, span.start, span.end) == used(a_meter, stream, span.start, span.end)


# 5 GB from the day before; +2 at 6:00, -4 at 12:00, +1 at 18:00: 5, 7, 3 and 4 for six hours each.
@pytest.mark.parametrize(
    ("aggregate", "carried", "reset"),
    [
        (Aggregate.TIME_WEIGHTED, (5 + 7 + 3 + 4) * 360, (0 + 2 - 2 - 1) * 360),
        (Aggregate.LATEST, 4, -1),
        (Aggregate.MAX, 7, 2),
        (Aggregate.MIN, 3, -2),
    ],
)
def test_a_day_of_storage_by_hand(aggregate, carried, reset):
    stream = [
        event(n, START + at * HOUR, size) for n, (at, size) in enumerate([(-9, 5), (6, 2), (12, -4), (18, 1)])
    ]
    carry = meter(aggregate, level_at_start=LevelAtStart.CARRY)
    assert used(carry, stream, START, START + DAY) == carried
    assert used(meter(aggregate), stream, START, START + DAY) == reset
    # On the next day nothing changes: 4 GB, or nothing once it is forgotten.
    assert used(carry, stream, START + DAY, START + 2 * DAY) == (
        4 * 1440 if aggregate is Aggregate.TIME_WEIGHTED else 4
    )
    assert used(meter(aggregate), stream, START + DAY, START + 2 * DAY) == 0


def test_the_peak_of_sessions_is_of_all_groups_at_once():
    # Two sessions of one region overlap with one of another: three at once, two and one by region.
    stream = [
        event(1, START + 1 * HOUR, 1, "eu"),
        event(2, START + 2 * HOUR, 1, "eu"),
        event(3, START + 2 * HOUR, 1, "us"),
        event(4, START + 3 * HOUR, -1, "eu"),
    ]
    found = usage_of(
        meter(Aggregate.MAX, group_by=("group",)), stream, customer="one", span=Span(START, START + DAY)
    )
    assert (found.quantity, found.cells) == (3, {("eu",): 2, ("us",): 1})


def test_what_changes_at_one_instant_makes_no_peak():
    # One seat passes from one hand to another at nine; nobody ever had two.
    stream = [event(1, START, 1), event(3, START + 9 * HOUR, 1), event(2, START + 9 * HOUR, -1)]
    peak = meter(Aggregate.MAX, level_at_start=LevelAtStart.CARRY)
    assert used(peak, stream, START, START + DAY) == 1
    # A level that ended as the span began was not held in it.
    assert used(peak, [event(1, START - HOUR, 9), event(2, START, -8)], START, START + DAY) == 1


def test_changes_and_levels_share_what_nothing_is():
    quiet = meter(Aggregate.MAX, empty=Empty.NONE, level_at_start=LevelAtStart.CARRY)
    assert used(quiet, [], START, START + DAY) is None
    # Changes that cancel out left a level of zero.
    assert used(quiet, [event(1, START, 1), event(2, START, -1)], START + DAY, START + 2 * DAY) == 0


def test_shares_of_days_follow_the_changes():
    # March has 31 days: 10 seats from the 1st, 6 fewer from noon of the 11th: (10 × 10 + 21 × 4) / 31.
    stream = [event(1, START, 10), event(2, START + 10 * DAY + 12 * HOUR, -6)]
    share = used(meter(Aggregate.LATEST, prorate_days=True), stream, START, START + 31 * DAY)
    assert share == Decimal("5.935483870968")


def test_the_latest_of_changes_is_their_sum_without_a_span_too():
    stream = [event(n, START + n * HOUR, n) for n in range(1, 4)]
    assert fold_values(meter(Aggregate.LATEST), stream) == {("one", ()): 6}
    for aggregate in (Aggregate.MAX, Aggregate.MIN, Aggregate.TIME_WEIGHTED):
        with pytest.raises(Fault, match="span_needed"):
            fold_values(meter(aggregate), stream)


@pytest.mark.parametrize("aggregate", [Aggregate.COUNT, Aggregate.SUM, Aggregate.AVERAGE, Aggregate.UNIQUE])
def test_only_levels_can_change(aggregate):
    with pytest.raises(Fault, match="changes_need_level"):
        meter(aggregate)
    with pytest.raises(Fault, match="changes_need_level"):
        Meter("m", ("e",), Aggregate.UNIQUE, "n", change=Change("do"), value_is=ValueIs.CHANGE)
