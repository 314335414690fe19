from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.period import (
    Cycle,
    Interval,
    Span,
    Unit,
    YearlyDates,
    check_zone,
    days_in,
    local_day,
    local_midnight,
    months_in,
)

ZONES = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Havana",
    "America/Toronto",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Tehran",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
    "Atlantic/Azores",
]
DAY = timedelta(days=1)
zones = st.sampled_from(ZONES)
days = st.dates(date(1985, 1, 1), date(2060, 1, 1))


@pytest.mark.parametrize(
    ("zone", "day", "midnight"),
    [
        ("Europe/Paris", "2026-03-29", "2026-03-28T23:00:00"),
        ("Europe/Paris", "2026-03-30", "2026-03-29T22:00:00"),
        ("Asia/Kolkata", "2026-03-01", "2026-02-28T18:30:00"),
        ("Asia/Kathmandu", "2026-03-01", "2026-02-28T18:15:00"),
        (
            "America/Sao_Paulo",
            "2018-11-04",
            "2018-11-04T03:00:00",
        ),  # midnight skipped: the day begins at 01:00
        ("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00"),
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00"),  # 23:30 became 00:30
        ("America/Havana", "2025-11-02", "2025-11-02T04:00:00"),  # midnight twice: the first
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00"),  # 00:01 became 23:01 of the day before
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00"),  # never lived
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00"),
    ],
)
def test_a_day_begins_at_its_first_instant(zone, day, midnight):
    expected = datetime.fromisoformat(midnight).replace(tzinfo=UTC)
    assert local_midnight(date.fromisoformat(day), zone) == expected


@given(days, zones)
def test_a_day_begins_when_its_date_first_shows(day, zone):
    midnight, place = local_midnight(day, zone), ZoneInfo(zone)
    assert midnight.astimezone(place).date() >= day
    assert (midnight - timedelta(seconds=1)).astimezone(place).date() < day


@given(days, zones)
def test_days_tile_time(day, zone):
    length = local_midnight(day + DAY, zone) - local_midnight(day, zone)
    assert timedelta(0) <= length <= timedelta(hours=48)
    assert length == timedelta(0) or length >= timedelta(hours=20)


@given(st.datetimes(datetime(1985, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)), zones)  # noqa: DTZ001 -- hypothesis adds the zone
def test_each_instant_has_the_day_that_holds_it(instant, zone):
    day = local_day(instant, zone)
    assert local_midnight(day, zone) <= instant < local_midnight(day + DAY, zone)


def test_a_clock_set_back_over_midnight_does_not_bring_yesterday_back():
    # In St John's 00:01 on 7 November 2010 became 23:01 on the 6th; at 02:45 UTC the wall says the 6th again.
    assert local_day(datetime(2010, 11, 7, 2, 45, tzinfo=UTC), "America/St_Johns") == date(2010, 11, 7)


@given(days, st.integers(0, 400), zones)
def test_days_are_counted_as_the_calendar_counts_them(first, count, zone):
    last = first + DAY * count
    never_lived = sum(
        1
        for gone, where in [(date(2011, 12, 30), "Pacific/Apia"), (date(1993, 8, 21), "Pacific/Kwajalein")]
        if zone == where and first <= gone < last
    ) + (zone == "Pacific/Kiritimati" and first <= date(1994, 12, 31) < last)
    assert days_in(Span(local_midnight(first, zone), local_midnight(last, zone)), zone) == count - never_lived


@given(days, st.integers(0, 60), st.integers(0, 60), zones)
def test_days_of_adjoining_spans_add_up(first, one, two, zone):
    a, b, c = (local_midnight(first + DAY * n, zone) for n in (0, one, one + two))
    assert days_in(Span(a, b), zone) + days_in(Span(b, c), zone) == days_in(Span(a, c), zone)


def test_a_day_that_was_never_lived_does_not_count():
    cut = [local_midnight(date(2011, 12, day), "Pacific/Apia") for day in (1, 30, 31)]
    assert days_in(Span(cut[0], cut[1]), "Pacific/Apia") == 29
    assert days_in(Span(cut[1], cut[2]), "Pacific/Apia") == 0
    december = Span(cut[0], local_midnight(date(2012, 1, 1), "Pacific/Apia"))
    assert days_in(december, "Pacific/Apia") == 30


def test_a_day_that_is_touched_counts():
    span = Span(datetime(2026, 3, 1, 15, tzinfo=UTC), datetime(2026, 3, 2, 1, tzinfo=UTC))
    assert days_in(span, "UTC") == 2


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus",
        "",
        "../etc/passwd",
        "/etc/passwd",
        "Europe",
        "Europe/",
        # What lies beside the zones where they are installed: the machine's own, one that stands for none, and
        # copies that count leap seconds, by which a Paris midnight would come 27 seconds late.
        "localtime",
        "posixrules",
        "Factory",
        "posix/Europe/Paris",
        "right/Europe/Paris",
    ],
)
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(Fault, match="unknown_zone"):
        check_zone(name)


def test_the_ends_of_the_calendar_are_named():
    assert check_zone("Europe/Paris") == "Europe/Paris"
    with pytest.raises(Fault, match="date_out_of_range"):
        local_midnight(date.min, "Asia/Tokyo")


@pytest.mark.parametrize(
    ("instant", "zone"),
    [
        ("9999-12-31T23:59:59", "UTC"),
        ("9999-12-31T23:59:59", "Asia/Tokyo"),
        ("0001-01-01T00:00:00", "America/New_York"),
    ],
)
def test_an_instant_at_the_ends_of_the_calendar_is_refused_by_name(instant, zone):
    # "Until for ever" is often written 9999-12-31T23:59:59Z.
    edge = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    for asking in (
        lambda: local_day(edge, zone),
        lambda: Cycle(date(2026, 1, 1), Interval(Unit.MONTH), zone).index_of(edge),
        lambda: YearlyDates(((1, 1),), zone).index_of(edge),
    ):
        with pytest.raises(Fault, match="date_out_of_range"):
            asking()


def test_a_span_to_the_end_of_the_calendar_is_refused_by_name():
    span = Span(datetime(9999, 11, 30, tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    for asking in (days_in, months_in):
        with pytest.raises(Fault, match="date_out_of_range"):
            asking(span, "UTC")
    november = Span(span.start, datetime(9999, 12, 1, tzinfo=UTC))
    assert days_in(november, "UTC") == 1
    assert months_in(november, "UTC") == ((9999, 11, november),)


@pytest.mark.parametrize(
    ("zone", "day", "midnight"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00"),  # 00:00 became 01:00, at UTC-3
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00"),  # 23:30 became 00:30, at UTC-5
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00"),  # the whole day, at UTC-10
        ("Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00:00"),  # the whole day, at UTC-12
    ],
)
def test_a_midnight_that_was_skipped_is_found_each_time_it_is_asked_for(zone, day, midnight):
    local_midnight.cache_clear()
    found = local_midnight(date.fromisoformat(day), zone)
    assert (
        found
        == datetime.fromisoformat(midnight).replace(tzinfo=UTC)
        == local_midnight.__wrapped__(date.fromisoformat(day), zone)
    )
