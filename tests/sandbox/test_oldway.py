"""What the platform alone would have billed."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from abaque.sandbox.oldway import InProcess, OldWay, OverHttp, per_call
from abaque.sandbox.platform import launch
from abaque.sandbox.story import Event, Story


def call(number: int, subject: str = "cabinet-morel", at: str = "2026-03-30T09:00:00+02:00") -> Event:
    return {"id": str(number), "subject": subject, "time": at, "data": {"outcome": "failure"}}


def test_failures_and_repeats_are_billed_like_anything_else() -> None:
    old = OldWay(per_call(Decimal("0.10")))
    old.feed([call(1), call(2), call(2)])
    bill = old.bills("2026-03")[0]
    assert (bill.customer, bill.sent, bill.counted, bill.dropped, bill.amount) == (
        "cabinet-morel",
        3,
        3,
        0,
        30,
    )
    assert old.bills("2026-04")[0].amount == 0


def test_the_surplus_of_an_hour_is_gone() -> None:
    old = OldWay(per_call(Decimal(1)), InProcess(hourly_limit=100))
    old.feed([call(n) for n in range(150)])
    old.feed([call(n, at="2026-03-30T10:00:00+02:00") for n in range(60)])
    bill = old.bills("2026-03")[0]
    assert (bill.sent, bill.counted, bill.dropped, bill.amount) == (210, 160, 50, 16_000)


def test_a_customer_the_platform_does_not_know_is_billed_to_nobody() -> None:
    old = OldWay(per_call(Decimal(1)))
    old.feed([call(1, subject="cabinet-moral")])
    assert sum(bill.amount for bill in old.bills("2026-03")) == 0


def test_months_are_the_customers_own() -> None:
    old = OldWay(per_call(Decimal(1)))
    instant = "2026-04-01T00:30:00+02:00"
    old.feed([call(1, at=instant), call(2, subject="harrow-finch", at=instant)])
    march = {bill.customer: bill.counted for bill in old.bills("2026-03")}
    april = {bill.customer: bill.counted for bill in old.bills("2026-04")}
    assert (march["cabinet-morel"], april["cabinet-morel"]) == (0, 1)
    assert (march["harrow-finch"], april["harrow-finch"]) == (1, 0)


@pytest.mark.parametrize(("price", "amount"), [("0.005", 1), ("0.0049", 0), ("0.015", 2)])
def test_a_price_is_rounded_once_half_away_from_zero(price: str, amount: int) -> None:
    assert per_call(Decimal(price))("cabinet-morel", 1) == amount


def test_fifty_thousand_documents_become_twenty_five_thousand() -> None:
    """A burst of the story's shape: 62,500 calls over twenty office hours at 1,250 kept an hour."""
    first = datetime(2026, 3, 30, 6, tzinfo=UTC)
    starts = [first + timedelta(days=day, hours=hour) for day in range(2) for hour in range(10)]
    old = OldWay(per_call(Decimal("0.05")))
    for start in starts:
        old.feed([call(n, at=(start + timedelta(seconds=n)).isoformat()) for n in range(3_125)])
    bill = old.bills("2026-03")[0]
    assert (bill.sent, bill.counted) == (62_500, 25_000)


def test_over_http_the_platform_says_the_same(tmp_path: Path) -> None:
    story = Story(2, months=1, scale=0.02)
    events = [event for batch in story.days() for event in batch.events]
    near = OldWay(per_call(Decimal("0.10")), InProcess(hourly_limit=50))
    near.feed(events)
    with launch(tmp_path / "platform.sqlite3", rate=100, hourly_limit=50) as platform:
        counter = OverHttp(platform.url, platform.key)
        far = OldWay(per_call(Decimal("0.10")), counter)
        far.feed(events)
        assert far.bills("2026-01") == near.bills("2026-01")
        counter.close()
    sent = Counter(event["subject"] for event in events)
    assert 0 < near.bills("2026-01")[0].counted < sent["cabinet-morel"]
