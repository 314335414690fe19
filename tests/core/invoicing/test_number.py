import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import check_pattern, number


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("TEST-", "TEST-2026-000042"),
        ("", "2026-000042"),
        ("F{year}/{counter:05}", "F2026/00042"),
        ("{counter}", "42"),
        ("A_{counter:09}+B", "A_000000042+B"),
    ],
)
def test_numbers(pattern, written):
    assert number(pattern, 2026, 42) == written


@given(
    st.sampled_from(["TEST-", "F{year}/{counter:05}", "{counter}"]),
    st.sets(st.integers(1, 10**9), min_size=2),
)
def test_no_two_documents_of_a_series_share_a_number(pattern, counters):
    assert len({number(pattern, 2026, counter) for counter in counters}) == len(counters)


@pytest.mark.parametrize(
    "pattern",
    [
        "F{year}",
        "{counter}{counter}",
        "{counter} {year}",
        "É-",
        "a.b-",
        "{counter!r}",
        "{counter:x}",
        "{0.a}",
        "F\n",
    ],
)
def test_patterns_the_law_or_the_counter_does_not_fit_are_refused(pattern):
    with pytest.raises(Fault, match="bad_number_pattern"):
        check_pattern(pattern)


def test_numbers_are_at_most_35_characters_and_count_from_one():
    with pytest.raises(Fault, match="number_too_long"):
        check_pattern("A" * 22)
    assert check_pattern("A" * 21) == "A" * 21
    for year, counter in [(2026, 0), (2026, -1), (0, 1)]:
        with pytest.raises(Fault, match="bad_counter"):
            number("F", year, counter)
