from hypothesis import given
from hypothesis import strategies as st

from abaque.core.invoicing.reduction import scoped, take
from abaque.core.money import Money, allocate, currency

EUR = currency("EUR")


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=8), st.data())
def test_lines_give_exactly_as_money_is_allocated(lefts, data):
    wanted = data.draw(st.integers(1, sum(lefts)))
    after = list(lefts)
    taken = take(after, range(len(lefts)), wanted)
    assert sum(part for _, part in taken) == wanted
    assert min(after) >= 0
    parts = [was - now for was, now in zip(lefts, after, strict=True)]
    assert parts == [part.minor for part in allocate(Money(wanted, EUR), lefts)]


def test_nothing_is_taken_where_nothing_is_left():
    assert take([], [], 5) == []
    assert take([10, -10], [0], 5) == []
    assert take([10], [0], 0) == []


def test_the_scope_leaves_out_other_charges_and_what_is_not_above_zero():
    assert scoped(["a", "b", "a", "a"], [1, 1, 0, -1], ("a",)) == [0]
    assert scoped(["a", "b", "a", "a"], [1, 1, 0, -1], None) == [0, 1]
