from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from abaque.core.period import (
    Alignment,
    Cycle,
    Interval,
    ListedDates,
    Timeline,
    Unit,
    YearlyDates,
    change,
    local_midnight,
)

ZONES = [
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Auckland",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
]
MONTH, MOMENT = Interval(Unit.MONTH), timedelta(microseconds=1)
anchors = st.dates(date(2007, 1, 1), date(2025, 12, 31)) | st.builds(
    date, st.sampled_from([2008, 2011, 2012, 2024, 2025]), st.sampled_from([1, 3, 12]), st.integers(28, 31)
)
cycles = st.builds(
    Cycle,
    anchors,
    st.builds(Interval, st.sampled_from(Unit), st.integers(1, 4)),
    st.sampled_from(ZONES),
    st.sampled_from(Alignment),
)
schedules = cycles | st.builds(YearlyDates, st.just(((1, 31), (2, 29), (8, 30))), st.sampled_from(ZONES))
instants = st.datetimes(datetime(2008, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone
changes = st.lists(st.tuples(schedules, instants, st.booleans()), min_size=1, max_size=4)


def changed(first, made):
    timeline = Timeline(first)
    for schedule, at, at_once in sorted(made, key=lambda one: one[1]):
        timeline = change(timeline, schedule, at, at_once=at_once)
    return timeline


def never_lived(span):
    """The empty day of Apia, or of Kiritimati before it."""
    return span.empty and span.start in {
        local_midnight(date(2011, 12, 30), "Pacific/Apia"),
        local_midnight(date(1994, 12, 31), "Pacific/Kiritimati"),
    }


@settings(max_examples=200)
@given(schedules, changes)
def test_periods_tile_time_through_changes(first, made):
    timeline = changed(first, made)
    for turn in timeline.turns:
        for n in range(turn.number - 3, turn.number + 4):
            period = timeline.period(n)
            assert period.end == timeline.boundary(n + 1)
            assert period.start < period.end or never_lived(period)
            if not period.empty:
                assert timeline.index_of(period.start) == timeline.index_of(period.end - MOMENT) == n


@given(schedules, changes, instants)
def test_each_instant_lies_in_one_period(first, made, instant):
    timeline = changed(first, made)
    assert timeline.period(timeline.index_of(instant)).contains(instant)


@given(schedules, schedules, instants, st.booleans())
def test_what_has_begun_begins_where_it_did_and_then_the_new_schedule_holds(first, schedule, at, at_once):
    before = Timeline(first)
    after = change(before, schedule, at, at_once=at_once)
    (turn,), running = after.turns, before.index_of(at)
    for n in range(running - 3, running + 1):
        assert after.boundary(n) == before.boundary(n)
    for n in range(turn.number + 1, turn.number + 4):
        k = schedule.index_of(after.boundary(n))
        assert after.boundary(n) == schedule.boundary(k) or never_lived(schedule.period(k - 1))


@given(schedules, schedules, instants)
def test_a_change_leaves_no_sliver(first, schedule, at):
    before = Timeline(first)
    running = before.index_of(at)
    after = change(before, schedule, at)
    kept, was, new = after.period(running), before.period(running), after.period(running + 1)
    assert 2 * (kept.end - kept.start) >= was.end - was.start
    whole = schedule.period(schedule.index_of(new.start))
    assert 2 * (new.end - new.start) >= whole.end - whole.start


@given(schedules, schedules, instants)
def test_a_change_at_once_begins_on_its_day(first, schedule, at):
    before = Timeline(first)
    running = before.period(before.index_of(at))
    (turn,) = change(before, schedule, at, at_once=True).turns
    assert running.start <= turn.starts <= at
    assert turn.starts == running.start or turn.starts - running.start >= timedelta(hours=12)
    whole = min(schedule.period(n).end - schedule.period(n).start for n in (turn.index - 1, turn.index))
    assert 2 * (schedule.boundary(turn.index + 1) - turn.starts) >= whole


@given(cycles.filter(lambda cycle: cycle.interval.unit is not Unit.DAY), st.sampled_from(ZONES), instants)
def test_a_zone_change_and_its_return_keep_the_days(cycle, zone, at):
    home = Timeline(cycle)
    away = change(home, replace(cycle, zone=zone), at)
    n = home.index_of(at)
    back = change(away, cycle, away.boundary(n + 3))
    for number in range(n - 2, n + 8):
        assert home.day(number) == away.day(number) == back.day(number)
    assert away.boundary(n + 1) == local_midnight(home.day(n + 1), zone)
    assert back.boundary(n + 4) == home.boundary(n + 4)


@given(schedules, instants, st.integers(-20, 20))
def test_a_timeline_without_change_is_its_schedule(schedule, at, n):
    timeline = Timeline(schedule)
    assert (timeline.period(n), timeline.day(n)) == (schedule.period(n), schedule.day(n))
    assert (timeline.index_of(at), timeline.zone) == (schedule.index_of(at), schedule.zone)


@given(cycles, cycles, cycles, instants)
def test_a_change_that_has_not_begun_is_forgotten(first, one, other, at):
    timeline = Timeline(first)
    later = timeline.period(timeline.index_of(at)).end - MOMENT
    assume(later < change(timeline, one, at).boundary(timeline.index_of(at) + 1))
    assert change(change(timeline, one, at), other, at) == change(timeline, other, at)


PARIS = Cycle(date(2026, 1, 1), MONTH, "Europe/Paris")


def noon(day):
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


@pytest.mark.parametrize(
    ("schedule", "at", "at_once", "days"),
    [
        # 1 to 31 March runs to its end; 1 to 2 April would be a sliver, so March runs on to the 2nd.
        (replace(PARIS, anchor=date(2026, 1, 2)), "2026-03-15", False, "2026-03-01 2026-04-02 2026-05-02"),
        # 1 to 20 April is 19 of 31 days: a period of its own.
        (replace(PARIS, anchor=date(2026, 1, 20)), "2026-03-15", False, "2026-03-01 2026-04-01 2026-04-20"),
        (replace(PARIS, anchor=date(2026, 1, 31)), "2026-02-10", False, "2026-02-01 2026-03-01 2026-03-31"),
        # To years: April is in the first half of the year, the rest stands alone; October to December does not.
        (
            replace(PARIS, interval=Interval(Unit.YEAR)),
            "2026-03-15",
            False,
            "2026-03-01 2026-04-01 2027-01-01",
        ),
        (
            replace(PARIS, interval=Interval(Unit.YEAR)),
            "2026-09-15",
            False,
            "2026-09-01 2027-01-01 2028-01-01",
        ),
        # At once: the 15th is cut; from the 15th to the 20th is joined to the month after it.
        (replace(PARIS, anchor=date(2026, 1, 15)), "2026-03-15", True, "2026-03-01 2026-03-15 2026-04-15"),
        (replace(PARIS, anchor=date(2026, 1, 20)), "2026-03-15", True, "2026-03-01 2026-03-15 2026-04-20"),
        # On the first day of a period the whole of it is replaced.
        (replace(PARIS, anchor=date(2026, 1, 20)), "2026-03-01", True, "2026-03-01 2026-03-20 2026-04-20"),
    ],
)
def test_changes_by_hand(schedule, at, at_once, days):
    timeline = change(Timeline(PARIS), schedule, noon(at), at_once=at_once)
    wanted = days.split()
    n = timeline.index_of(local_midnight(date.fromisoformat(wanted[0]), "Europe/Paris"))
    assert [timeline.day(n + k).isoformat() for k in range(3)] == wanted


def test_auckland_to_honolulu_by_hand():
    # Auckland is 13 hours ahead of UTC in March (12 from 5 April), Honolulu 10 behind: the month is 23 hours longer.
    auckland = replace(PARIS, zone="Pacific/Auckland")
    timeline = change(Timeline(auckland), replace(PARIS, zone="Pacific/Honolulu"), noon("2026-03-15"))
    assert timeline.boundary(2) == datetime(2026, 2, 28, 11, tzinfo=UTC)
    assert timeline.boundary(3) == datetime(2026, 4, 1, 10, tzinfo=UTC)
    back = change(timeline, auckland, noon("2026-04-15"))
    assert back.boundary(4) == datetime(2026, 4, 30, 12, tzinfo=UTC)
    assert (timeline.zone, back.zone) == ("Pacific/Honolulu", "Pacific/Auckland")


def test_the_last_of_listed_dates_may_run_on():
    # 1 February is the last date listed; the month from the 2nd leaves one day between, which January takes.
    listed = ListedDates((date(2026, 1, 1), date(2026, 2, 1)), "UTC")
    timeline = change(Timeline(listed), Cycle(date(2026, 2, 2), MONTH, "UTC"), noon("2026-01-15"))
    assert [timeline.day(n).isoformat() for n in range(3)] == ["2026-01-01", "2026-02-02", "2026-03-02"]
    assert [timeline.index_of(noon(f"2026-{day}")) for day in ("01-31", "02-01", "02-02")] == [0, 0, 1]


def test_a_day_too_short_runs_on():
    # A day of Honolulu that ended at Auckland's midnight would last two hours.
    days = Cycle(date(2026, 7, 1), Interval(Unit.DAY), "Pacific/Honolulu")
    timeline = change(Timeline(days), replace(days, zone="Pacific/Auckland"), noon("2026-07-01"))
    assert timeline.boundary(0) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert timeline.boundary(1) == datetime(2026, 7, 2, 12, tzinfo=UTC)
    assert timeline.boundary(2) == datetime(2026, 7, 3, 12, tzinfo=UTC)
