import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import currency
from abaque.core.period import Alignment, Cycle, Interval, Span, Unit, local_day, local_midnight
from abaque.core.pricing import Bill, Charge, Flat, PerUnit, Plan, Prorate
from abaque.core.subscription import Terms, due

BASE = Charge("base", Flat(Decimal(49)), bill=Bill.ADVANCE)
DOCS = Charge("docs", PerUnit(Decimal("0.10")), "docs")
EXACT = Charge("exact", Flat(Decimal(10)), prorate=Prorate.SECOND)
PLAN = Plan("pro", 1, currency("EUR"), Interval(Unit.MONTH), Alignment.CALENDAR, (DOCS, BASE))
ZONES = ["UTC", "Europe/Paris", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia"]
instants = st.datetimes(datetime(2010, 1, 1), datetime(2013, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone


def monthly(zone="Europe/Paris", anchor=date(2026, 1, 10), alignment=Alignment.CALENDAR):
    return Cycle(anchor, Interval(Unit.MONTH), zone, alignment)


@st.composite
def terms(draw):
    start = draw(instants)
    end = draw(
        st.none() | st.integers(1, 400 * 86400).map(lambda seconds: start + timedelta(seconds=seconds))
    )
    interval = Interval(draw(st.sampled_from(Unit)), draw(st.integers(1, 4)))
    zone = draw(st.sampled_from(ZONES))
    cycle = Cycle(start.date(), interval, zone, draw(st.sampled_from(Alignment)))
    succeeded = end is not None and draw(st.booleans())
    return Terms(start, end, cycle, local_midnight(local_day(end, zone), zone) if succeeded else None)


def parts(dues, code):
    return [item for item in dues if item.charge.code == code]


@given(terms(), st.integers(1, 500))
def test_each_charge_is_due_for_parts_that_tile_the_subscription(agreed, days):
    until = agreed.start + timedelta(days=days)
    for code in ("base", "docs"):
        found = parts(due(PLAN, agreed, until=until), code)
        assert all(a.span.end == b.span.start for a, b in itertools.pairwise(found))
        assert len({item.index for item in found}) == len(found)
        for item in found:
            assert item.whole.overlap(item.span) == item.span
            assert item.span == item.whole or agreed.first == item.span.start or agreed.last == item.span.end
        if found:
            assert found[0].span.start == agreed.first
        if code == "docs" and agreed.last is not None and agreed.last <= until and agreed.first < agreed.last:
            assert found[-1].span.end == agreed.last


@given(terms(), st.integers(0, 300), st.integers(0, 200))
def test_a_later_look_only_adds(agreed, days, more):
    early = due(PLAN, agreed, until=agreed.start + timedelta(days=days))
    late = due(PLAN, agreed, until=agreed.start + timedelta(days=days + more))
    assert late[: len(early)] == early
    assert [item.due_at for item in late] == sorted(item.due_at for item in late)


@given(terms())
def test_a_subscription_owns_whole_local_days(agreed):
    assert agreed.first <= agreed.start < agreed.first + timedelta(hours=25)
    if agreed.last is not None:
        assert agreed.successor is not None or agreed.end <= agreed.last
        assert abs(agreed.last - agreed.end) <= timedelta(hours=25)


def test_three_months_by_hand():
    agreed = Terms(datetime(2026, 1, 10, 15, 12, tzinfo=UTC), datetime(2026, 3, 5, 9, tzinfo=UTC), monthly())
    found = due(PLAN, agreed, until=datetime(2026, 12, 31, tzinfo=UTC))

    def day(month, number):
        return local_midnight(date(2026, month, number), "Europe/Paris")

    assert [(item.charge.code, item.index, item.span, item.due_at) for item in found] == [
        ("base", 0, Span(day(1, 10), day(2, 1)), day(1, 10)),
        ("docs", 0, Span(day(1, 10), day(2, 1)), day(2, 1)),
        ("base", 1, Span(day(2, 1), day(3, 1)), day(2, 1)),
        ("docs", 1, Span(day(2, 1), day(3, 1)), day(3, 1)),
        ("base", 2, Span(day(3, 1), day(3, 6)), day(3, 1)),
        ("docs", 2, Span(day(3, 1), day(3, 6)), day(3, 6)),
    ]
    assert [item.stub for item in found] == [True, True, False, False, True, True]


def test_the_boundary_itself_is_due():
    agreed = Terms(datetime(2026, 1, 1, tzinfo=UTC), None, monthly("UTC"))
    boundary = datetime(2026, 2, 1, tzinfo=UTC)
    codes = [item.charge.code for item in due(PLAN, agreed, until=boundary)]
    assert codes == ["base", "docs", "base"]
    assert len(due(PLAN, agreed, until=boundary - timedelta(seconds=1))) == 1
    assert due(PLAN, agreed, until=datetime(2025, 12, 31, tzinfo=UTC)) == ()


@pytest.mark.parametrize(
    ("succeeded", "end", "last"),
    [
        (False, "2026-03-05T15:12:00", "2026-03-06"),  # the last day is used
        (False, "2026-03-05T00:00:00", "2026-03-05"),
        (True, "2026-03-05T15:12:00", "2026-03-05"),  # the new plan owns the day of the change
        (True, "2026-03-05T00:00:00", "2026-03-05"),
    ],
)
def test_who_owns_the_last_day(succeeded, end, last):
    end = datetime.fromisoformat(end).replace(tzinfo=UTC)
    owner = local_midnight(end.date(), "UTC") if succeeded else None
    agreed = Terms(datetime(2026, 1, 1, tzinfo=UTC), end, monthly("UTC"), owner)
    assert agreed.last == datetime.fromisoformat(last).replace(tzinfo=UTC)


@given(instants, st.integers(1, 40 * 86400), st.booleans())
def test_a_plan_change_leaves_no_day_unowned_and_none_owned_twice(start, seconds, by_second):
    change = start + timedelta(seconds=seconds)
    cycle = Cycle(start.date(), Interval(Unit.MONTH), "Europe/Paris")
    plan = Plan("p", 1, currency("EUR"), cycle.interval, cycle.alignment, (EXACT if by_second else DOCS,))
    until = change + timedelta(days=90)
    following = Terms(change, None, cycle)
    before = due(plan, Terms(start, change, cycle, following.first), until=until)
    after = due(plan, following, until=until)
    spans = [item.span for item in before + after]
    assert all(a.end == b.start for a, b in itertools.pairwise(spans))


def test_a_subscription_ends_after_it_starts():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(Fault, match="ends_before_start"):
        Terms(start, start, monthly())
