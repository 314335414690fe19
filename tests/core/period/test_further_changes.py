"""Timelines that change more than once, and changes that leave exactly half a period."""

from datetime import UTC, date, datetime, timedelta

import pytest

from abaque.core.period import Cycle, Interval, Timeline, Unit, change, local_midnight

MONTH, FORTNIGHT = Interval(Unit.MONTH), Interval(Unit.WEEK, 2)
# Months from the 1st, in UTC.
FIRSTS = Cycle(date(2026, 1, 1), MONTH, "UTC")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(timeline, first, count):
    n = timeline.index_of(at(first))
    return [timeline.day(n + k).isoformat()[5:] for k in range(count)]


@pytest.mark.parametrize("again", ["2026-04-01T00:00", "2026-04-01T12:00", "2026-04-01T23:59"])
def test_a_change_in_the_part_a_period_was_lengthened_by_comes_after_it(again):
    # March runs on to 2 April for one day. On that day billing moves to the 20th: March is not shortened again;
    # from 2 to 20 April are 18 of 31 days, more than half, which stand alone.
    once = change(Timeline(FIRSTS), Cycle(date(2026, 1, 2), MONTH, "UTC"), at("2026-03-15"))
    assert days(once, "2026-03-15", 3) == ["03-01", "04-02", "05-02"]
    twice = change(once, Cycle(date(2026, 1, 20), MONTH, "UTC"), at(again))
    assert days(twice, "2026-03-15", 4) == ["03-01", "04-02", "04-20", "05-20"]
    assert len(twice.turns) == 1


def test_a_second_change_starts_from_the_period_of_the_first():
    # From March on by quarters from the 1st of March; on 10 April to fortnights: the quarter ends on 1 June all the
    # same, which is a Monday and the first of a fortnight.
    quarters = Cycle(date(2026, 3, 1), Interval(Unit.MONTH, 3), "UTC")
    once = change(Timeline(FIRSTS), quarters, at("2026-02-10"))
    assert days(once, "2026-02-10", 3) == ["02-01", "03-01", "06-01"]
    twice = change(once, Cycle(date(2026, 6, 1), FORTNIGHT, "UTC"), at("2026-04-10"))
    assert days(twice, "2026-02-10", 4) == ["02-01", "03-01", "06-01", "06-15"]
    thrice = change(twice, FIRSTS, at("2026-06-20"))
    assert days(thrice, "2026-02-10", 6) == ["02-01", "03-01", "06-01", "06-15", "07-01", "08-01"]
    assert [turn.number for turn in thrice.turns] == [2, 3, 5]


def test_a_change_that_has_not_begun_is_forgotten():
    once = change(Timeline(FIRSTS), Cycle(date(2026, 1, 20), MONTH, "UTC"), at("2026-03-10"))
    assert change(once, FIRSTS, at("2026-03-11")).period(2) == FIRSTS.period(2)


def test_what_lasts_exactly_half_a_period_stands_alone():
    # Weeks from Monday the 5th; the fortnight that began then has 7 of its 14 days left on the 12th.
    weeks = Cycle(date(2026, 1, 5), Interval(Unit.WEEK), "UTC")
    later = change(Timeline(weeks), Cycle(date(2026, 1, 5), FORTNIGHT, "UTC"), at("2026-01-07"))
    assert days(later, "2026-01-07", 4) == ["01-05", "01-12", "01-19", "02-02"]
    # With 6 of 14 days left it runs on instead.
    longer = change(Timeline(weeks), Cycle(date(2026, 1, 4), FORTNIGHT, "UTC"), at("2026-01-07"))
    assert days(longer, "2026-01-07", 3) == ["01-05", "01-18", "02-01"]


@pytest.mark.parametrize(
    ("east", "hours"),
    # Midnight of an island so many hours ahead comes so much earlier: 24 less 12 hours are half a day and stay; 24
    # less 13 are not, and the day runs on to the next midnight there.
    [(12, 12), (13, 24 + 11)],
)
def test_a_day_cut_by_a_change_of_zone_keeps_half_its_length(east, hours):
    daily = Cycle(date(2026, 7, 1), Interval(Unit.DAY), "UTC")
    island = Cycle(date(2026, 7, 1), Interval(Unit.DAY), f"Etc/GMT-{east}")
    timeline = change(Timeline(daily), island, at("2026-07-01T01:00"))
    assert timeline.period(0).end - timeline.period(0).start == timedelta(hours=hours)


def test_a_month_is_ended_by_the_midnight_of_the_new_zone_however_far():
    # July of UTC goes on in Kiritimati, 14 hours ahead: 730 of its 744 hours are left, far more than half.
    island = Cycle(date(2026, 7, 1), MONTH, "Pacific/Kiritimati")
    timeline = change(Timeline(FIRSTS), island, at("2026-07-10"))
    assert timeline.boundary(7) == at("2026-07-31T10:00") == local_midnight(date(2026, 8, 1), island.zone)


@pytest.mark.parametrize(
    ("east", "number"),
    # The island's 2 July begins at 12:00 of UTC's 1 July where it is 12 hours ahead, which is half a day into the
    # running period, so that is cut; where it is 13 ahead it begins at 11:00, and the period is replaced as a whole.
    [(12, 1), (13, 0)],
)
def test_at_once_a_day_is_cut_from_its_half_on(east, number):
    daily = Cycle(date(2026, 7, 1), Interval(Unit.DAY), "UTC")
    island = Cycle(date(2026, 7, 1), Interval(Unit.DAY), f"Etc/GMT-{east}")
    (turn,) = change(Timeline(daily), island, at("2026-07-01T13:30"), at_once=True).turns
    assert turn.number == number


def test_a_second_change_knows_that_the_first_made_periods_shorter():
    # Quarters, months from April on, and on 10 April the 20th: April ends with April, not with the quarter.
    quarters = Cycle(date(2026, 1, 1), Interval(Unit.MONTH, 3), "UTC")
    once = change(Timeline(quarters), FIRSTS, at("2026-02-10"))
    assert days(once, "2026-02-10", 3) == ["01-01", "04-01", "05-01"]
    twice = change(once, Cycle(date(2026, 1, 20), MONTH, "UTC"), at("2026-04-10"))
    assert days(twice, "2026-02-10", 4) == ["01-01", "04-01", "05-01", "05-20"]


def test_half_of_a_lengthened_day_is_half_of_all_of_it():
    # 1 July of Pago Pago (from 11:00 UTC) is lengthened to the 3rd, for every third day follows: 48 hours. Midnight
    # of the 3rd in Kiritimati, 25 hours ahead, comes after 23, less than half: the period runs on to the 6th.
    daily = Cycle(date(2026, 7, 1), Interval(Unit.DAY), "Pacific/Pago_Pago")
    thirds = Cycle(date(2026, 7, 3), Interval(Unit.DAY, 3), "Pacific/Pago_Pago")
    once = change(Timeline(daily), thirds, at("2026-07-01T12:00"))
    assert (once.boundary(0), once.boundary(1)) == (at("2026-07-01T11:00"), at("2026-07-03T11:00"))
    island = Cycle(date(2026, 7, 3), Interval(Unit.DAY, 3), "Pacific/Kiritimati")
    assert change(once, island, at("2026-07-02T12:00")).boundary(1) == at("2026-07-05T10:00")
