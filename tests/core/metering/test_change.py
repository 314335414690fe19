from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.metering import (
    Aggregate,
    Change,
    Event,
    LevelAtStart,
    Meter,
    fold_values,
    judge,
    usage_of,
)
from abaque.core.period import Span

START = datetime(2026, 3, 1, tzinfo=UTC)
SEATS = Meter("seats", ("seat",), Aggregate.UNIQUE, "user", change=Change("do", ("add", "back"), ("remove",)))
KEPT = Meter(
    "kept", ("seat",), Aggregate.UNIQUE, "user", change=SEATS.change, level_at_start=LevelAtStart.CARRY
)


def event(id_, minute, user, do, received=None):
    when = START + timedelta(minutes=minute)
    data = {"user": user, "do": do}
    return Event("app", str(id_), "seat", "acme", when, data, "one", received)


events = st.lists(
    st.builds(
        event,
        st.integers(0, 99),
        st.integers(0, 90),
        st.sampled_from(["ann", "bob", 7]),
        st.sampled_from(["add", "back", "remove"]),
    ),
    max_size=20,
    unique_by=lambda one: one.id,
)


def replay(stream):
    there = set()
    for one in sorted(stream, key=lambda one: (one.time, one.source, one.id)):
        if one.data["do"] == "remove":
            there.discard(one.data["user"])
        else:
            there.add(one.data["user"])
    return len(there)


@given(events)
def test_members_are_those_a_replay_leaves(stream):
    assert fold_values(SEATS, stream).get(("one", ()), 0) == replay(stream)


@given(events, st.integers(0, 90))
def test_carried_members_are_those_of_all_time_and_others_of_the_span(stream, minute):
    cut = START + timedelta(minutes=minute)
    span = Span(cut, START + timedelta(days=1))
    assert usage_of(KEPT, stream, customer="one", span=span).quantity == replay(stream)
    since = [one for one in stream if one.time >= cut]
    assert usage_of(SEATS, stream, customer="one", span=span).quantity == replay(since)


@pytest.mark.parametrize(
    ("operations", "left"),
    [
        ([], 0),
        ([(1, "ann", "add"), (2, "bob", "add")], 2),
        ([(1, "ann", "add"), (2, "ann", "remove")], 0),
        ([(2, "ann", "remove"), (1, "ann", "add")], 0),
        ([(1, "ann", "add"), (2, "ann", "remove"), (3, "ann", "back")], 1),
        ([(1, "ann", "remove"), (2, "bob", "add"), (3, "bob", "add")], 1),
    ],
)
def test_comings_and_goings_by_hand(operations, left):
    stream = [event(n, *operation) for n, operation in enumerate(operations)]
    assert fold_values(SEATS, stream).get(("one", ()), 0) == left


def test_what_was_received_last_decides_at_one_instant():
    early, late = (START + timedelta(hours=hours) for hours in (1, 2))
    stream = [event(1, 0, "ann", "add", late), event(2, 0, "ann", "remove", early)]
    assert fold_values(SEATS, stream) == {("one", ()): 1}


def test_an_operation_that_is_neither_is_quarantined():
    assert judge(event(1, 0, "ann", "suspend"), SEATS).reason == "bad_value"
    assert judge(event(1, 0, "ann", None), SEATS).reason == "missing_value"
    assert judge(event(1, 0, None, "add"), SEATS).reason == "missing_value"


@pytest.mark.parametrize(
    ("code", "bad"),
    [
        ("bad_change", lambda: Change("do", ())),
        ("bad_change", lambda: Change("do", ("x",), ("x",))),
        ("bad_attribute", lambda: Change("")),
        ("change_needs_unique", lambda: Meter("m", ("x",), Aggregate.SUM, "v", change=Change("do"))),
    ],
)
def test_changes_that_cannot_work_are_refused(code, bad):
    with pytest.raises(Fault, match=code):
        bad()
