from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from abaque.core.metering.mark import Mark, level_after, members_after

START = datetime(2026, 3, 1, tzinfo=UTC)
ANN, BOB, COMES, GOES = "ann", "bob", Decimal(1), Decimal(-1)


def mark(id_, minute, quantity, member=None, received=0):
    when = START + timedelta(minutes=minute)
    return Mark(when, when + timedelta(minutes=received), "app", str(id_), quantity, member)


marks = st.lists(
    st.builds(
        mark,
        st.integers(0, 50),
        st.integers(0, 5),
        st.sampled_from([COMES, GOES]),
        st.sampled_from([ANN, BOB]),
        st.integers(0, 2),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)


@given(marks, st.randoms())
def test_order_of_arrival_and_repetition_change_nothing(given_marks, random):
    again = given_marks + given_marks[:3]
    random.shuffle(again)
    assert level_after(again) == level_after(given_marks)
    assert members_after(again) == members_after(given_marks)


def test_the_latest_decides_by_hand():
    assert level_after([]) is None
    assert level_after([mark(1, 0, Decimal(5)), mark(2, 1, Decimal(3))]) == 3
    assert level_after([mark(1, 0, Decimal(5), received=2), mark(2, 0, Decimal(3), received=1)]) == 5
    assert members_after([]) == frozenset()
    assert members_after([mark(1, 0, COMES, ANN), mark(2, 1, GOES, ANN), mark(3, 0, COMES, BOB)]) == {BOB}
