"""Silence: compared with the same day of earlier weeks, never crying wolf at night or at the week-end."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.reconciling import Habit, Silence

HABIT = Habit()
counts = st.integers(0, 10**6)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def silent(*week_by_week: int) -> bool:
    return bool(HABIT.silences({"x": week_by_week}))


def test_the_window_is_a_day_and_the_same_day_of_four_weeks() -> None:
    first, *before = HABIT.windows(NOON)
    assert (first.start, first.end) == (NOON - timedelta(days=1), NOON)
    assert [NOON - span.end for span in before] == [timedelta(weeks=n) for n in (1, 2, 3, 4)]
    assert {span.end - span.start for span in before} == {timedelta(days=1)}


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (0, (100, 100, 100, 100), "silent"),
        (24, (100, 100, 100, 100), "silent"),
        (25, (100, 100, 100, 100), "fine"),
        # A quiet customer: too little to judge by.
        (0, (19, 19, 19, 19), "fine"),
        (0, (20, 20, 20, 20), "silent"),
        # A Sunday like other Sundays.
        (3, (2, 4, 3, 3), "fine"),
        # One outage or feast in four weeks moves nothing, one flood of a back-fill neither.
        (0, (100, 0, 100, 100), "silent"),
        (90, (100, 1_000_000, 100, 100), "fine"),
        # Two weeks are no habit yet, three are.
        (0, (100, 100), "fine"),
        (0, (100, 100, 100), "silent"),
        # After a fortnight silence is the new habit: whoever had to know does.
        (0, (0, 0, 100, 100), "fine"),
        (0, (), "fine"),
    ],
)
def test_silence(now: int, before: tuple[int, ...], expected: str) -> None:
    assert silent(now, *before) is (expected == "silent")


@given(st.lists(counts, min_size=4, max_size=4), counts, counts)
def test_more_events_never_make_a_silence(before: list[int], one: int, more: int) -> None:
    assert silent(one + more, *before) <= silent(one, *before)


@given(st.lists(counts, min_size=4, max_size=4), counts)
def test_a_single_week_never_decides(before: list[int], wild: int) -> None:
    assert min(before) <= HABIT.usual(before) <= max(before)
    for place in range(4):
        weeks = [before[0]] * 3
        weeks.insert(place, wild)
        assert HABIT.usual(weeks) == before[0]


@given(st.lists(counts, min_size=4, max_size=4))
def test_doing_as_usual_is_never_silence(before: list[int]) -> None:
    assert not silent(HABIT.usual(before), *before)
    assert HABIT.usual(before) == HABIT.usual(sorted(before)) == sorted(before)[1]


def test_the_largest_habit_is_named_first() -> None:
    found = HABIT.silences(
        {"b": (0, 50, 50, 50, 50), "a": (0, 50, 50, 50, 50), "c": (1, 90, 90, 90, 90), "d": (9, 9, 9, 9, 9)}
    )
    assert found == (Silence("c", 1, 90), Silence("a", 0, 50), Silence("b", 0, 50))
