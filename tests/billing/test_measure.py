"""Every way of counting: what the database measures of a span is what the core makes of the events."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.billing.test_meter import NOW, SUBJECTS, World, a_story

from abaque.core.metering import (
    Aggregate,
    AllOf,
    AnyOf,
    Change,
    Comparison,
    Condition,
    Exists,
    Filter,
    IsNot,
    LevelAtStart,
    Meter,
    Not,
    Outcome,
    Per,
    Prefix,
    Rounding,
    ValueIs,
    usage_of,
)
from abaque.core.period import Span

HOUR = timedelta(hours=1)


def a_filter(rng: random.Random, depth: int = 2) -> Filter:
    path = rng.choice(("n", "region", "outcome", "deep.region", "deep.er.region", "deep.0"))
    simple: tuple[Filter, ...] = (
        Condition(path, ("eu", Decimal(1), True)),
        IsNot(path, ("us", Decimal("1.0"))),
        Comparison(path, above=Decimal(0), up_to=Decimal("123456789012345678.5")),
        Comparison(path, at_least=Decimal(-3), below=Decimal(2)),
        Prefix(path, rng.choice(("e", "1", "100%", "'"))),
        Exists(path, exists=rng.random() < 0.5),
    )
    if depth and rng.random() < 0.5:
        parts = tuple(a_filter(rng, depth - 1) for _ in range(rng.randint(0, 2)))
        return rng.choice((AllOf(parts), AnyOf(parts), Not(a_filter(rng, depth - 1))))
    return rng.choice(simple)


def any_meter(rng: random.Random, code: str) -> Meter:
    aggregate = rng.choice(tuple(Aggregate))
    levels = aggregate.has_level
    value_is = rng.choice(tuple(ValueIs)) if levels else ValueIs.LEVEL
    unique = aggregate is Aggregate.UNIQUE
    carries = levels or unique
    return Meter(
        code,
        ("doc.done", "doc.read"),
        aggregate,
        value="n" if aggregate.needs_value else None,
        group_by=("region",) if rng.random() < 0.3 else (),
        outcome=rng.choice((Outcome(), None)),
        filters=(a_filter(rng),) if rng.random() < 0.6 else (),
        change=Change("outcome", ("success", "ok"), ("failure",)) if unique and rng.random() < 0.6 else None,
        level_at_start=rng.choice(tuple(LevelAtStart)) if carries else LevelAtStart.RESET,
        per=rng.choice((Per.SECOND, Per.HOUR, Per.DAY, Per.MONTH)),
        prorate_days=aggregate in {Aggregate.LATEST, Aggregate.UNIQUE} and rng.random() < 0.3,
        rounding=Rounding.places(2) if rng.random() < 0.2 else None,
        value_is=value_is,
    )


@pytest.mark.parametrize("seed", range(6))
def test_measured_spans_are_what_the_core_says(house, seed):
    from abaque.storage.models import Customer
    from abaque.storage.models import Meter as Stored
    from abaque.storage.read.spans import Asked, measure

    rng = random.Random(seed)
    house.issuer()
    world = World(house)
    for customer in SUBJECTS:
        world.know(customer)
    for number in range(8):
        world.publish(any_meter(rng, f"m{number}"))
    story = a_story(rng, 150)
    while story:
        world.send(story[:40])
        story = story[40:]
        house.now += timedelta(seconds=1)
        house.meter()
    received = {
        (source, identity): at
        for source, identity, at in house.rows("SELECT source, id, received_at FROM event")
    }
    events = [event.seen(world.known) for event in world.sent.values()]
    events = [_received(event, received[event.source, event.id]) for event in events]
    for customer in SUBJECTS:
        for meter in world.meters:
            span, period = _spans(rng)
            asked = Asked(
                Stored.objects.get(code=meter.code).pk,
                Customer.objects.get(external_id=customer).pk,
                span.start,
                span.end,
                period,
            )
            concerned = [event for event in events if meter.concerns(event)]
            said = usage_of(
                meter, concerned, customer=customer, span=span, period=period, horizon=house.now + HOUR
            )
            found = measure([asked])[0]
            assert (found.quantity, found.events) == (said.quantity or 0, said.events), (meter, span, period)
    house.check()


def _received(event, at):
    from dataclasses import replace

    return replace(event, received=at)


def _spans(rng: random.Random) -> tuple[Span, Span | None]:
    """A span on quarter hours, and at times a period that it is part of."""

    def slot() -> datetime:
        return NOW - 3 * HOUR + timedelta(minutes=15) * rng.randrange(0, 9)

    start, end = sorted((slot(), slot() + timedelta(minutes=15)))
    if start == end:
        end += timedelta(minutes=15)
    period = Span(start - HOUR, end + HOUR) if rng.random() < 0.5 else None
    return Span(start, end), period
