"""The simulated product: what it sends, what it states, and what is true of it."""

import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from abaque.sandbox.firms import FIRMS
from abaque.sandbox.story import Batch, Event, Story

SCALE = 0.05
CODES = {firm.external_id for firm in FIRMS}
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def story() -> Story:
    return Story(7, scale=SCALE)


@pytest.fixture(scope="module")
def batches(story: Story) -> list[Batch]:
    return list(story.days())


@pytest.fixture(scope="module")
def events(batches: list[Batch]) -> list[Event]:
    return [event for batch in batches for event in batch.events]


@pytest.fixture(scope="module")
def unique(events: list[Event]) -> list[Event]:
    return list({(event["source"], event["id"]): event for event in events}.values())


def at(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


def received(story: Story, events: list[Event]) -> dict[tuple[str, str], int]:
    """Count succeeded documents per customer and local month from nothing but the events."""
    zones = {firm.external_id: firm.zone for firm in FIRMS}
    first: dict[tuple[str, str], datetime] = {}
    for event in events:
        if event["data"]["outcome"] == "success":
            customer = story.typos.get(event["subject"], event["subject"])
            key = (customer, event["data"]["document_id"])
            first[key] = min(first.get(key, at(event)), at(event))
    counts: Counter[tuple[str, str]] = Counter()
    for (customer, _), instant in first.items():
        counts[customer, f"{instant.astimezone(ZoneInfo(zones[customer])):%Y-%m}"] += 1
    return counts


def test_a_seed_is_a_story() -> None:
    def text(seed: int) -> str:
        return json.dumps([batch.events for batch in Story(seed, months=2, scale=0.01).days()])

    assert text(1) == text(1)
    assert text(1) != text(2)


def test_every_day_has_its_batch_and_ends_at_local_midnight(batches: list[Batch]) -> None:
    days = [batch.day for batch in batches]
    assert days[:181] == [date(2026, 1, 1) + timedelta(days=n) for n in range(181)]
    assert all(day <= date(2026, 7, 1) for day in days)
    ends = {batch.day: batch.at for batch in batches}
    assert ends[date(2026, 1, 31)] == datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert ends[date(2026, 3, 29)] == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_nothing_arrives_before_it_happened_nor_a_day_after_its_month(batches: list[Batch]) -> None:
    for batch in batches:
        for event in batch.events:
            assert at(event) < batch.at
            month = at(event).date().replace(day=1)
            assert batch.day <= (month + timedelta(days=32)).replace(day=1)


def test_events_are_cloudevents_of_known_customers(story: Story, unique: list[Event]) -> None:
    assert {event["subject"] for event in unique} == CODES | set(story.typos)
    assert {event["data"]["outcome"] for event in unique} == {"success", "failure"}
    for event in unique:
        assert event["specversion"] == "1.0"
        assert event["type"] == "document.processed"
        assert event["source"].startswith("/docs/eu-")
        assert at(event).utcoffset() in {HOUR, 2 * HOUR}
        assert event["data"].get("pages", 1) >= 1


def test_a_fifth_of_the_attempts_fail_and_are_tried_again(unique: list[Event]) -> None:
    failures = [event for event in unique if event["data"]["outcome"] == "failure"]
    assert 0.18 < len(failures) / len(unique) < 0.22
    attempts: dict[str, list[Event]] = defaultdict(list)
    for event in unique:
        attempts[event["data"]["document_id"]].append(event)
    gave_up = 0
    for each in attempts.values():
        each.sort(key=lambda event: event["data"]["attempt"])
        assert [event["data"]["attempt"] for event in each] == list(range(1, len(each) + 1))
        assert all(one["data"]["outcome"] == "failure" for one in each[:-1])
        assert [at(one) for one in each] == sorted(at(one) for one in each)
        gave_up += each[-1]["data"]["outcome"] == "failure"
    assert 0 < gave_up < len(attempts) / 100


def test_month_ends_bring_ten_times_the_load(unique: list[Event]) -> None:
    days = Counter(at(event).date() for event in unique if event["data"]["attempt"] == 1)
    for end in (date(2026, 1, 30), date(2026, 2, 27), date(2026, 4, 30)):
        usual = [days[end - timedelta(days=n)] for n in range(7, 21) if days[end - timedelta(days=n)] > 20]
        ratio = days[end] / (sum(usual) / len(usual))
        assert 7 < ratio < 13, (end, ratio)


def test_two_hours_are_sent_twice(story: Story, batches: list[Batch], unique: list[Event]) -> None:
    start, end = story.twice
    assert end - start == 2 * HOUR
    (day,) = [batch for batch in batches if batch.day == start.date()]
    seen = Counter((event["source"], event["id"]) for event in day.events)
    again = [event for event in unique if seen[event["source"], event["id"]] == 2]
    assert max(seen.values()) == 2
    prompt = [event for event in again if start <= at(event) < end]
    assert len(prompt) > 0.8 * len(again) > 10
    sent = sum(len(batch.events) for batch in batches)
    assert sent - len(unique) == len(again)


def test_events_arrive_late_and_out_of_order(batches: list[Batch]) -> None:
    delays = [batch.at - at(event) for batch in batches for event in batch.events]
    assert sum(delay > 24 * HOUR for delay in delays) > 20
    assert any(delay > 48 * HOUR for delay in delays)
    busy = max(batches, key=lambda batch: len(batch.events))
    times = [at(event) for event in busy.events]
    assert times != sorted(times)


def test_control_totals_and_truth_and_events_agree(story: Story, unique: list[Event]) -> None:
    counts = received(story, unique)
    for month in story.months:
        truth = story.truth(month)
        assert set(truth) == CODES
        assert truth == {code: counts[code, f"{month:%Y-%m}"] for code in CODES}
        stated = story.control_totals(month, grain="month")
        assert {total.customer: total.documents for total in stated} == truth


def test_a_document_retried_over_midnight_belongs_to_the_month_it_succeeded_in() -> None:
    story = Story(3, start=date(2026, 4, 1), months=2)
    april, may = story.months
    crossing: Counter[str] = Counter()
    for batch in story.days():
        for event in batch.events:
            if event["data"]["outcome"] == "success" and "-2604-" in event["data"]["document_id"]:
                crossing[event["subject"]] += at(event).date() >= may
    assert crossing.total() > 0
    alone = Story(3, start=may, months=1).truth(may)
    # without April's documents May lacks exactly those that were begun in April (Dublin apart: its May
    # starts an hour later)
    for code in CODES - {"harrow-finch"}:
        assert story.truth(may)[code] - alone[code] == crossing[code]
    for month in (april, may):
        totals = story.control_totals(month, grain="month")
        assert {each.customer: each.documents for each in totals} == story.truth(month)


def test_control_totals_tile_the_customers_own_month(story: Story) -> None:
    march = date(2026, 3, 1)
    for firm in FIRMS:
        days = [total for total in story.control_totals(march) if total.customer == firm.external_id]
        assert len(days) == 31
        assert all(before.end == after.start for before, after in pairwise(days))
        (month,) = [
            total
            for total in story.control_totals(march, grain="month")
            if total.customer == firm.external_id
        ]
        assert (month.start, month.end) == (days[0].start, days[-1].end)
        assert month.pages == sum(day.pages for day in days) > month.documents
    dublin = next(total for total in story.control_totals(march) if total.customer == "harrow-finch")
    assert dublin.start == datetime(2026, 3, 1, 0, tzinfo=UTC)


def test_broken_events_can_be_put_right(story: Story, unique: list[Event]) -> None:
    def kinds(events: list[Event]) -> tuple[set[str], set[str]]:
        typos = {event["data"]["document_id"] for event in events if event["subject"] not in CODES}
        return typos, {event["data"]["document_id"] for event in events if "pages" not in event["data"]}

    typos, without_pages = kinds(unique)
    assert (len(typos), len(without_pages)) == (7, 12)
    corrections = [event for month in story.months for event in story.corrections(month)]
    assert kinds(corrections) == (set(), set())
    assert {event["data"]["document_id"] for event in corrections} == typos | without_pages
    ids = {(event["source"], event["id"]) for event in unique}
    assert not any((event["source"], event["id"]) in ids for event in corrections)
    first = story.months[0]
    everything = [event for event in unique if event["subject"] in CODES] + corrections
    assert sum(story.truth(first).values()) == sum(
        count for (_, month), count in received(story, everything).items() if month == f"{first:%Y-%m}"
    )


def test_totals_can_be_asked_in_any_order() -> None:
    forward, backward = Story(5, scale=0.02), Story(5, scale=0.02)
    asked = {month: forward.truth(month) for month in forward.months}
    assert {month: backward.truth(month) for month in reversed(backward.months)} == asked


def test_one_firm_processes_fifty_thousand_in_two_days() -> None:
    story = Story()
    customer, days = story.burst
    assert (customer, days) == ("cabinet-morel", (date(2026, 3, 30), date(2026, 3, 31)))
    done: Counter[str] = Counter()
    for total in story.control_totals(date(2026, 3, 1)):
        if total.start.astimezone(UTC) >= datetime(2026, 3, 29, 21, tzinfo=UTC):
            done[total.customer] += total.documents
    assert done[customer] >= 50_000
    assert done[customer] < 50_200
    assert all(count < 5_000 for code, count in done.items() if code != customer)


def test_a_short_story_has_its_incidents_too() -> None:
    story = Story(1, months=1, start=date(2026, 2, 14), scale=0.02)
    assert story.months == (date(2026, 2, 1),)
    events: list[dict[str, Any]] = [event for batch in story.days() for event in batch.events]
    assert sum(event["subject"] == "cabinet-morel" for event in events) > 1_000
    assert any(event["subject"] == "le-gal-expertise" for event in events)
    assert len({(event["source"], event["id"]) for event in events}) < len(events)
