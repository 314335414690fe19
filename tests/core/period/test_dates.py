from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.period import ListedDates, YearlyDates, dates, local_midnight

ZONES = [
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Auckland",
    "Pacific/Honolulu",
]
instants = st.datetimes(datetime(1985, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone
leap_days = [date(2000, 1, 1) + timedelta(days=n) for n in range(366) if n != 58]  # without 28 February
yearly = st.builds(
    lambda days, zone: YearlyDates(tuple(sorted((day.month, day.day) for day in days)), zone),
    st.sets(st.sampled_from(leap_days), min_size=1, max_size=6),
    st.sampled_from(ZONES),
)


@given(yearly, instants)
def test_each_instant_lies_in_one_period_of_the_year(schedule, instant):
    n = schedule.index_of(instant)
    assert schedule.boundary(n) <= instant < schedule.boundary(n + 1)


@given(yearly, st.integers(1985, 2050))
def test_as_many_periods_begin_in_a_year_as_the_list_has_days(schedule, year):
    count = len(schedule.days)
    first = (year - 2000) * count
    assert {schedule.day(first + n).year for n in range(count)} == {year}
    assert len({schedule.day(first + n) for n in range(count)}) == count


@given(st.sets(st.dates(date(2005, 1, 1), date(2030, 1, 1)), min_size=2, max_size=8), st.sampled_from(ZONES))
def test_listed_dates_are_tiled_and_nothing_else(days, zone):
    listed = ListedDates(tuple(sorted(days)), zone)
    for n in range(len(days) - 1):
        period = listed.period(n)
        assert period.end == listed.boundary(n + 1)
        assert period.empty or listed.index_of(period.start) == n
        assert period.empty or listed.index_of(period.end - timedelta(microseconds=1)) == n
    for outside in (listed.boundary(0) - timedelta(microseconds=1), listed.boundary(len(days) - 1)):
        with pytest.raises(Fault, match="date_out_of_range"):
            listed.index_of(outside)
    for n in (-1, len(days)):
        with pytest.raises(Fault, match="date_out_of_range"):
            listed.boundary(n)


@pytest.mark.parametrize(
    ("days", "first", "boundaries"),
    [
        (((1, 31), (6, 30)), 52, "2026-01-31 2026-06-30 2027-01-31"),
        (((2, 29),), 26, "2026-02-28 2027-02-28 2028-02-29"),
        (((2, 29), (3, 1)), -2, "1999-02-28 1999-03-01 2000-02-29"),
        ((date(2026, 3, 15), date(2026, 9, 30)), 0, "2026-03-15 2026-09-30"),
    ],
)
def test_days_by_hand(days, first, boundaries):
    schedule, wanted = dates(days, "Europe/Paris"), boundaries.split()
    assert [schedule.day(first + n).isoformat() for n in range(len(wanted))] == wanted
    assert schedule.boundary(first) == local_midnight(date.fromisoformat(wanted[0]), "Europe/Paris")


@pytest.mark.parametrize(
    "days",
    [
        (),
        ((6, 30), (1, 31)),
        ((1, 31), (1, 31)),
        ((2, 28), (2, 29)),
        ((2, 30),),
        ((13, 1),),
        (date(2026, 1, 1),),
        (date(2026, 2, 1), date(2026, 1, 1)),
    ],
)
def test_lists_that_cannot_bill_are_refused(days):
    with pytest.raises(Fault, match="bad_dates"):
        dates(days, "UTC")


def test_the_end_of_the_calendar_is_named():
    with pytest.raises(Fault, match="date_out_of_range"):
        YearlyDates(((1, 1),), "UTC").day(10**5)
