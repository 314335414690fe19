from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import Entitlement, Plan
from abaque.core.subscription import Reason, may

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
PLAN = Plan(
    "pro",
    1,
    currency("EUR"),
    Interval(Unit.MONTH),
    Alignment.CALENDAR,
    (),
    entitlements=(
        Entitlement("sso"),
        Entitlement("audit", allowed=False),
        Entitlement("projects", limit=Decimal(10)),
        Entitlement("pages", limit=Decimal(500), meter="pages", soft=True),
    ),
)
used = st.integers(0, 1000).map(Decimal)


@pytest.mark.parametrize(
    ("feature", "used", "allowed", "reason", "left"),
    [
        ("sso", 0, True, Reason.INCLUDED, None),
        ("audit", 0, False, Reason.NOT_INCLUDED, None),
        ("unheard", 0, False, Reason.NOT_INCLUDED, None),
        ("projects", 9, True, Reason.WITHIN_LIMIT, 1),  # the tenth
        ("projects", 10, False, Reason.LIMIT_REACHED, 0),
        ("projects", 12, False, Reason.LIMIT_REACHED, 0),
        ("pages", 499, True, Reason.WITHIN_LIMIT, 1),
        ("pages", 500, True, Reason.IN_GRACE, 0),
    ],
)
def test_yes_no_a_number_and_a_limit(feature, used, allowed, reason, left):
    answer = may(PLAN, feature, Decimal(used), NOW)
    assert (answer.allowed, answer.reason, answer.left) == (allowed, reason, left)


@pytest.mark.parametrize(
    ("days", "allowed"), [(0, True), (13, True), (14, False), (30, False)]
)  # two weeks from the moment it was passed
def test_a_soft_limit_gives_two_weeks(days, allowed):
    since = NOW - timedelta(days=days)
    answer = may(PLAN, "pages", Decimal(600), NOW, exceeded_since=since)
    assert (answer.allowed, answer.until) == (allowed, since + timedelta(days=14))


@given(st.sampled_from(["projects", "pages"]), used, used, st.integers(0, 40), st.integers(0, 40))
def test_neither_more_usage_nor_time_turns_a_no_into_a_yes(feature, one, more, days, later):
    since = NOW - timedelta(days=days)
    before = may(PLAN, feature, one, NOW, exceeded_since=since)
    after = may(PLAN, feature, one + more, NOW + timedelta(days=later), exceeded_since=since)
    assert before.allowed or not after.allowed


def test_several_at_once_must_all_fit():
    assert may(PLAN, "projects", Decimal(7), NOW, wanted=Decimal(3)).allowed
    assert not may(PLAN, "projects", Decimal(7), NOW, wanted=Decimal(4)).allowed
