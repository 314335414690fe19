from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.metering import (
    Aggregate,
    Empty,
    Event,
    LevelAtStart,
    Meter,
    Rounding,
    RoundingMode,
    ValueIs,
    fold,
    fold_values,
    usage_of,
    usage_of_marks,
)
from abaque.core.period import Span

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = Span(START, START + 24 * HOUR)
METERS = [
    Meter("count", ("doc",), Aggregate.COUNT, group_by=("model",)),
    Meter("sum", ("doc",), Aggregate.SUM, "pages", group_by=("model",)),
    Meter("max", ("doc",), Aggregate.MAX, "pages"),
    Meter("average", ("doc",), Aggregate.AVERAGE, "pages"),
    Meter("unique", ("doc",), Aggregate.UNIQUE, "model"),
]


def event(id_, hour, model, pages, customer="one", **more):
    when = START + hour * HOUR
    return Event("app", str(id_), "doc", "acme", when, {"model": model, "pages": pages, **more}, customer)


streams = st.lists(
    st.builds(
        event,
        st.integers(0, 99),
        st.integers(-10, 40),
        st.sampled_from(["big", "small"]),
        st.integers(0, 9),
        st.sampled_from(["one", "two"]),
    ),
    max_size=15,
    unique_by=lambda one: one.id,
)


@given(st.sampled_from(METERS), streams, st.randoms())
def test_order_and_repetition_change_nothing(meter, stream, random):
    again = stream + stream[:4]
    random.shuffle(again)
    assert usage_of(meter, again, customer="one", span=DAY) == usage_of(
        meter, stream, customer="one", span=DAY
    )


@given(st.sampled_from(METERS), streams)
def test_cells_are_the_fold_of_the_events_in_the_span(meter, stream):
    found = usage_of(meter, stream, customer="one", span=DAY)
    inside = [one for one in stream if one.customer == "one" and DAY.contains(one.time)]
    assert found.cells == {group: total for (_, group), total in fold_values(meter, inside).items()}
    assert found.events == len(inside)
    if meter.aggregate in {Aggregate.COUNT, Aggregate.SUM}:
        assert found.quantity == sum(found.cells.values())
        assert sum(found.amounts) == found.quantity


def test_a_day_by_hand():
    stream = [
        event(4, 23, "big", "0.5"),
        event(1, 1, "big", 3),
        event(2, 1, "small", 4),
        event(3, 24, "big", 100),  # the next day
        event(5, -1, "big", 100),  # the day before
        event(6, 2, "big", 100, "two"),
        event(7, 2, "big", 100, outcome="failure"),
    ]
    found = usage_of(METERS[1], stream, customer="one", span=DAY)
    assert (found.quantity, found.events) == (Decimal("7.5"), 3)
    assert found.amounts == (3, 4, Decimal("0.5"))
    assert found.cells == {("big",): Decimal("3.5"), ("small",): 4}
    assert usage_of(METERS[4], stream, customer="one", span=DAY).amounts == ()


def test_an_operation_that_succeeded_before_the_span_is_no_unit_of_it():
    meter = Meter("jobs", ("doc",), Aggregate.COUNT, operation="job")
    stream = [
        event(1, -1, "big", 1, job="j1"),
        event(2, 1, "big", 1, job="j1"),
        event(3, 2, "big", 1, job="j2"),
    ]
    found = usage_of(meter, stream, customer="one", span=DAY)
    assert (found.quantity, found.events, found.amounts) == (1, 1, (1,))


def test_levels_add_up_over_groups():
    stream = [event(1, -5, "big", 10), event(2, 6, "small", 2), event(3, 12, "big", 1)]
    kept = {"group_by": ("model",), "level_at_start": LevelAtStart.CARRY}
    latest = Meter("m", ("doc",), Aggregate.LATEST, "pages", **kept)
    assert usage_of(latest, stream, customer="one", span=DAY).quantity == 3
    held = Meter("m", ("doc",), Aggregate.TIME_WEIGHTED, "pages", **kept)
    found = usage_of(held, stream, customer="one", span=DAY)
    # Big: 12 hours at 10 and 12 at 1; small: 18 hours at 2.
    assert found.cells == {("big",): 132, ("small",): 36}
    assert (found.quantity, found.events) == (168, 2)


@pytest.mark.parametrize(("mode", "quantity", "big"), [("up", 8, 4), ("down", 7, 3), ("nearest", 7, 3)])
def test_the_quantity_of_the_span_is_rounded_and_so_is_each_cell(mode, quantity, big):
    meter = Meter(
        "m", ("doc",), Aggregate.SUM, "pages", group_by=("model",), rounding=Rounding(mode=RoundingMode(mode))
    )
    stream = [event(1, 1, "big", "3.2"), event(2, 1, "small", 4)]
    found = usage_of(meter, stream, customer="one", span=DAY)
    assert (found.quantity, found.cells["big",], found.cells["small",]) == (quantity, big, 4)


def test_of_nothing_there_is_zero_or_no_quantity():
    assert usage_of(METERS[0], [], customer="one", span=DAY).quantity == 0
    quiet = Meter("m", ("doc",), Aggregate.AVERAGE, "pages", empty=Empty.NONE)
    found = usage_of(quiet, [event(1, -1, "big", 1)], customer="one", span=DAY)
    assert (found.quantity, found.events, found.cells) == (None, 0, {})


ORDERED = [
    Meter("latest", ("doc",), Aggregate.LATEST, "pages", group_by=("model",)),
    Meter("held", ("doc",), Aggregate.TIME_WEIGHTED, "pages", level_at_start=LevelAtStart.CARRY),
    Meter(
        "peak",
        ("doc",),
        Aggregate.MAX,
        "pages",
        level_at_start=LevelAtStart.CARRY,
        rounding=Rounding.places(0),
    ),
    Meter("low", ("doc",), Aggregate.MIN, "pages", value_is=ValueIs.CHANGE),
    Meter("members", ("doc",), Aggregate.UNIQUE, "model", prorate_days=True),
    Meter("none", ("doc",), Aggregate.LATEST, "pages", empty=Empty.NONE),
]


@given(st.sampled_from(ORDERED), streams, st.booleans())
def test_what_a_store_kept_of_the_events_is_as_good_as_the_events(meter, stream, within):
    period = Span(START - 12 * HOUR, START + 48 * HOUR) if within else None
    kept = [
        (group, mark)
        for (customer, group, _), state in fold(meter, stream).items()
        if customer == "one"
        for mark in state.marks
    ]
    said = usage_of(meter, stream, customer="one", span=DAY, period=period)
    found = usage_of_marks(meter, kept, span=DAY, period=period)
    assert (found.quantity, found.events, found.cells) == (said.quantity, said.events, said.cells)
    assert sorted(found.amounts) == sorted(said.amounts)
