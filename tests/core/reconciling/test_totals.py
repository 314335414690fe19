"""Promised totals: which, by when, and what is said of each."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.period import Span
from abaque.core.reconciling import Grain, Totals, TotalState, agree, stretches, total_state

ZONES = ["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
instants = st.integers(0, 19 * 365 * 24 * 60).map(
    lambda n: datetime(2011, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
)
lengths = st.integers(0, 120 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
totals = st.builds(
    Totals,
    st.sampled_from(Grain),
    st.integers(0, 72).map(lambda hours: timedelta(hours=hours)),
    zone=st.sampled_from(ZONES),
)
decimals = st.decimals(0, 10**9, places=3)


def at(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def promised(grain: str, since: str, until: str, zone: str = "UTC") -> list[str]:
    return [
        f"{span.start:%d %H:%M}…{span.end:%d %H:%M}"
        for span in Totals(Grain(grain), zone=zone).promised(at(since), at(until))
    ]


@given(totals, instants, lengths)
def test_promised_spans_adjoin_contain_the_beginning_and_have_all_ended(
    declared: Totals, since: datetime, length: timedelta
) -> None:
    spans = declared.promised(since, since + length)
    assert all(one.end == other.start for one, other in pairwise(spans))
    assert not any(span.empty for span in spans)
    assert all(span.end <= since + length for span in spans)
    if spans:
        assert spans[0].contains(since)


@given(totals, instants, lengths, lengths)
def test_more_time_only_adds_to_what_is_promised(
    declared: Totals, since: datetime, length: timedelta, more: timedelta
) -> None:
    before = declared.promised(since, since + length)
    assert declared.promised(since, since + length + more)[: len(before)] == before


@given(totals, instants, lengths)
def test_overdue_is_what_was_promised_a_deadline_ago(
    declared: Totals, since: datetime, length: timedelta
) -> None:
    now = since + length
    overdue = declared.overdue(since, now)
    assert all(declared.due(span) <= now for span in overdue)
    assert overdue == tuple(span for span in declared.promised(since, now) if declared.due(span) <= now)


@pytest.mark.parametrize(
    ("grain", "since", "until", "zone", "expected"),
    [
        ("hour", "2026-03-01T10:20", "2026-03-01T12:59", "UTC", ["01 10:00…01 11:00", "01 11:00…01 12:00"]),
        ("hour", "2026-03-01T10:00", "2026-03-01T10:59:59", "UTC", []),
        ("day", "2026-03-01T10:20", "2026-03-03T00:00", "UTC", ["01 00:00…02 00:00", "02 00:00…03 00:00"]),
        ("day", "2026-03-01T10:20", "2026-03-02T23:00", "Europe/Paris",
         ["28 23:00…01 23:00", "01 23:00…02 23:00"]),
        # The clocks go forward on 29 March: that day lasts 23 hours.
        ("day", "2026-03-29T12:00", "2026-03-30T00:00", "Europe/Paris", ["28 23:00…29 22:00"]),
        # Half an hour beside the hour: usage is kept per quarter hour.
        ("day", "2026-03-01T18:30", "2026-03-02T18:30", "Asia/Kolkata", ["01 18:30…02 18:30"]),
        ("month", "2026-02-14T00:00", "2026-04-01T00:00", "UTC", ["01 00:00…01 00:00"] * 2),
        ("month", "2026-03-31T22:00", "2026-04-30T22:00", "Europe/Paris", ["31 22:00…30 22:00"]),
        # 30 December 2011 was never lived there: nothing is promised for it.
        ("day", "2011-12-29T12:00", "2011-12-31T10:00", "Pacific/Apia", ["29 10:00…30 10:00", "30 10:00…31 10:00"]),
    ],
)  # fmt: skip
def test_grains_begin_and_end_where_people_say(
    grain: str, since: str, until: str, zone: str, expected: list[str]
) -> None:
    assert promised(grain, since, until, zone) == expected


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(Fault, match="unknown_zone"):
        Totals(Grain.DAY, zone="Paris")


@pytest.mark.parametrize(
    ("ours", "stated", "tolerance", "expected"),
    [
        ("100", "100", "0", "agrees"),
        ("100.000000000001", "100", "0", "differs"),
        ("99.5", "100", "0.5", "agrees"),
        ("100.5", "100", "0.5", "agrees"),
        ("99.49", "100", "0.5", "differs"),
        ("0", "0", "0", "agrees"),
        # Nothing is within any percentage of nothing, and nothing stated makes everything too much.
        ("1", "0", "100", "differs"),
        ("0", "100", "100", "agrees"),
        ("-99", "-100", "1", "agrees"),
    ],
)
def test_a_tolerance_is_a_share_of_what_is_stated(
    ours: str, stated: str, tolerance: str, expected: str
) -> None:
    assert agree(Decimal(ours), Decimal(stated), Decimal(tolerance)) is (expected == "agrees")


@given(decimals, decimals, st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))
def test_a_wider_tolerance_never_finds_more(
    ours: Decimal, stated: Decimal, one: Decimal, other: Decimal
) -> None:
    narrow, wide = sorted((one, other))
    assert agree(ours, stated, narrow) <= agree(ours, stated, wide)
    assert agree(stated, stated, narrow)


@pytest.mark.parametrize(
    ("stated", "now", "expected"),
    [
        (None, "2026-03-02T05:59:59", TotalState.WAITING),
        (None, "2026-03-02T06:00:00", TotalState.MISSING),
        (Decimal(10), "2026-03-02T00:00:00", TotalState.AGREES),
        (Decimal(11), "2026-03-02T00:00:00", TotalState.DIFFERS),
        (Decimal(10), "2026-03-09T00:00:00", TotalState.AGREES),
    ],
)
def test_what_was_never_stated_is_missing_at_its_deadline_and_never_equal(
    stated: Decimal | None, now: str, expected: TotalState
) -> None:
    said = total_state(Decimal(10), stated, tolerance=Decimal(0), due=at("2026-03-02T06:00:00"), now=at(now))
    assert said is expected


def test_nothing_counted_is_no_reason_not_to_state_it() -> None:
    due = at("2026-03-02")
    assert total_state(Decimal(0), None, tolerance=Decimal(0), due=due, now=due) is TotalState.MISSING


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6)), max_size=12))
def test_stretches_cover_the_same_and_never_adjoin(parts: list[tuple[int, int]]) -> None:
    spans, moment = [], at("2026-03-01")
    for gap, length in parts:
        start = moment + gap * HOUR
        moment = start + length * HOUR
        spans.append(Span(start, moment))
    joined = stretches(spans)
    assert sum((one.end - one.start for one in joined), timedelta()) == sum(
        (one.end - one.start for one in spans), timedelta()
    )
    assert all(one.end < other.start for one, other in pairwise(joined))
    assert all(any(long.overlap(span) == span for long in joined) for span in spans)
