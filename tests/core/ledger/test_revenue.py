from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.ledger import revenue_accrued, revenue_deferred, revenue_recognised, reversed_entry
from abaque.core.money import Money, currency
from abaque.core.period import Span
from abaque.core.tax import Rate

EUR, S20 = currency("EUR"), Rate("S", Decimal(20))
PARIS = "Europe/Paris"
# The year 2026 in Paris.
YEAR = Span(datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC))


def earned(net, since, until):
    entry = revenue_recognised(S20, Money(net, EUR), YEAR, PARIS, since=since, until=until)
    return sum(posting.amount.minor for posting in entry.postings if posting.account == "deferred:S:20")


@given(st.integers(-(10**6), 10**6), st.lists(st.integers(-100, 10000), max_size=6).map(sorted))
def test_all_that_was_deferred_is_recognised_however_often(net, hours):
    marks = [
        YEAR.start,
        *(YEAR.start + timedelta(hours=hour) for hour in hours),
        YEAR.end + timedelta(days=90),
    ]
    assert sum(earned(net, since, until) for since, until in pairwise(sorted(marks))) == net


@pytest.mark.parametrize(
    ("months", "amount"),
    # 1,200.00 over 365 days: January 31 / 365 = 101.92; to the end of February 59 / 365 = 193.97.
    [((1, 2), 10192), ((2, 3), 9205), ((1, 3), 19397)],
)
def test_recognition_by_local_days_by_hand(months, amount):
    since, until = (datetime(2026, month, 1, tzinfo=UTC) - timedelta(hours=1) for month in months)
    assert earned(120000, since, until) == amount


def said(entry):
    return [(posting.account, posting.amount.minor) for posting in entry.postings]


def test_deferred_and_accrued_revenue_by_hand():
    assert said(revenue_deferred(S20, Money(120000, EUR))) == [
        ("revenue:S:20", 120000),
        ("deferred:S:20", -120000),
    ]
    accrual = revenue_accrued("c", S20, Money(500, EUR))
    assert said(accrual) == [("accrued:c", 500), ("revenue:S:20", -500)]
    undone = reversed_entry(accrual)
    assert (undone.kind, said(undone)) == (
        "revenue_accrued_reversed",
        [("accrued:c", -500), ("revenue:S:20", 500)],
    )
