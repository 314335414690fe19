from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.period import Alignment, Cycle, Interval, Unit, local_day

ZONES = [
    "UTC",
    "Europe/Paris",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
]
cycles = st.builds(
    Cycle,
    st.dates(date(1990, 1, 1), date(2040, 12, 31)),
    st.builds(Interval, st.sampled_from(Unit), st.integers(1, 18)),
    st.sampled_from(ZONES),
    st.sampled_from(Alignment),
)
instants = st.datetimes(datetime(1985, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone


@given(cycles, st.integers(-40, 40))
def test_periods_tile_time(cycle, n):
    this, following = cycle.period(n), cycle.period(n + 1)
    assert this.end == following.start
    length = this.end - this.start
    # A daily period may be the day that was never lived; nothing else is short.
    assert length >= timedelta(hours=20) or (
        length == timedelta(0) and cycle.interval == Interval(Unit.DAY, 1)
    )


@given(cycles, instants)
def test_each_instant_lies_in_one_period(cycle, instant):
    assert cycle.period(cycle.index_of(instant)).contains(instant)


@given(cycles)
def test_period_zero_holds_the_anchor(cycle):
    assert cycle.day(0) <= cycle.anchor < cycle.day(1)


@given(cycles, st.integers(-40, 40))
def test_boundaries_are_local_midnights(cycle, n):
    boundary, zone = cycle.boundary(n), ZoneInfo(cycle.zone)
    before = boundary - timedelta(seconds=1)
    assert boundary.astimezone(zone).date() >= cycle.day(n) > before.astimezone(zone).date()


@given(cycles.filter(lambda cycle: cycle.interval.unit in {Unit.MONTH, Unit.YEAR}), st.integers(-40, 40))
def test_an_anniversary_returns_to_its_day_of_the_month(cycle, n):
    day = cycle.day(n)
    wanted = 1 if cycle.alignment is Alignment.CALENDAR else cycle.anchor.day
    assert day.day == wanted or (day.day < wanted and (day + timedelta(days=1)).day == 1)


def table(row):
    anchor, unit, count, alignment, first, last = row
    interval = Interval(Unit(unit), count)
    cycle = Cycle(date.fromisoformat(anchor), interval, "Europe/Paris", Alignment(alignment))
    return [cycle.day(n).isoformat() for n in range(first, last)]


@pytest.mark.parametrize(
    ("cycle", "days"),
    [
        (("2026-01-31", "month", 1, "anniversary", 0, 4), "2026-01-31 2026-02-28 2026-03-31 2026-04-30"),
        (("2024-01-30", "month", 1, "anniversary", 0, 3), "2024-01-30 2024-02-29 2024-03-30"),
        (("2026-01-31", "month", 1, "anniversary", -2, 0), "2025-11-30 2025-12-31"),
        (
            ("2024-02-29", "year", 1, "anniversary", 0, 5),
            "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29",
        ),
        (("2026-01-15", "month", 1, "calendar", 0, 3), "2026-01-01 2026-02-01 2026-03-01"),
        (("2026-02-15", "month", 3, "calendar", 0, 3), "2026-01-01 2026-04-01 2026-07-01"),
        (("2026-12-15", "month", 6, "calendar", 0, 2), "2026-07-01 2027-01-01"),
        (("2026-02-15", "month", 5, "calendar", 0, 2), "2026-02-01 2026-07-01"),
        (("2026-02-15", "month", 3, "anniversary", 0, 2), "2026-02-15 2026-05-15"),
        (("2026-10-22", "week", 1, "calendar", 0, 2), "2026-10-19 2026-10-26"),
        (("2026-10-22", "week", 2, "anniversary", 0, 2), "2026-10-22 2026-11-05"),
        (("2026-10-22", "year", 1, "calendar", 0, 2), "2026-01-01 2027-01-01"),
        (("2026-10-22", "day", 90, "calendar", 0, 2), "2026-10-22 2027-01-20"),
    ],
)
def test_boundaries_by_hand(cycle, days):
    assert table(cycle) == days.split()


def test_months_follow_summer_time():
    cycle = Cycle(date(2026, 3, 1), Interval(Unit.MONTH), "Europe/Paris")
    assert cycle.period(0).start == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert cycle.period(0).end == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_the_missing_day_of_apia_leaves_no_sliver():
    daily = Cycle(date(2011, 12, 28), Interval(Unit.DAY), "Pacific/Apia")
    lengths = [daily.period(n).end - daily.period(n).start for n in range(5)]
    assert lengths == [timedelta(days=days) for days in (1, 1, 0, 1, 1)]
    instant = daily.boundary(2)
    assert daily.index_of(instant) == 3
    assert local_day(instant, "Pacific/Apia") == date(2011, 12, 31)
    monthly = Cycle(date(2011, 11, 30), Interval(Unit.MONTH), "Pacific/Apia")
    assert monthly.period(0).end == monthly.period(1).start == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_what_no_calendar_holds_is_refused():
    with pytest.raises(Fault, match="bad_interval"):
        Interval(Unit.MONTH, 0)
    with pytest.raises(Fault, match="unknown_zone"):
        Cycle(date(2026, 1, 1), Interval(Unit.MONTH), "Nowhere").boundary(0)
    for unit in Unit:
        for n in (-(10**7), 10**7):
            with pytest.raises(Fault, match="date_out_of_range"):
                Cycle(date(2026, 1, 1), Interval(unit), "UTC").boundary(n)


def test_the_first_and_the_last_year_of_the_calendar_have_periods():
    cycle = Cycle(date(2026, 1, 1), Interval(Unit.YEAR), "UTC")
    assert [cycle.day(n) for n in (-2025, 7973)] == [date(1, 1, 1), date(9999, 1, 1)]
