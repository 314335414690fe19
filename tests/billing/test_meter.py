"""The database's metering is what abaque.core.metering says, on whatever is sent, in whatever order."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.billing.values import KEYS, NUMBERS, OUTCOMES, REGIONS, VALUES

from abaque.core.metering import (
    Aggregate,
    Condition,
    Event,
    Fate,
    Judgement,
    Meter,
    Outcome,
    fold,
    fold_values,
    judge_all,
    value,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TYPES = ("doc.done", "doc.read", "call.made")
SUBJECTS = ("ann", "bob", "cleo", "dora")


@dataclass(slots=True)
class Stated:
    """An event as it is sent (JSON text) and as the core reads it."""

    source: str
    id: str
    type: str
    subject: str
    time: datetime
    data: str

    @property
    def text(self) -> str:
        head = json.dumps(
            {
                "specversion": "1.0",
                "source": self.source,
                "id": self.id,
                "type": self.type,
                "subject": self.subject,
                "time": self.time.isoformat(),
            }
        )
        return f'{head[:-1]}, "data": {self.data}}}'

    def seen(self, known: set[str]) -> Event:
        data = json.loads(self.data, parse_float=Decimal)
        customer = self.subject if self.subject in known else None
        return Event(self.source, self.id, self.type, self.subject, self.time, data, customer)


@dataclass
class World:
    """The same things told to the database and to the core."""

    house: Any
    known: set[str] = field(default_factory=set)
    meters: list[Meter] = field(default_factory=list)
    sent: dict[tuple[str, str], Stated] = field(default_factory=dict)

    def send(self, events: list[Stated]) -> None:
        self.house.capture(*(event.text for event in events))
        for event in events:
            self.sent.setdefault((event.source, event.id), event)

    def know(self, customer: str) -> None:
        self.known.add(customer)
        self.house.customer(customer)

    def publish(self, meter: Meter) -> None:
        from django.db import transaction

        from abaque.billing.apply_catalogue import publish_meter
        from abaque.catalogue import Level, MeterEntry
        from abaque.storage.models import Recount

        self.meters.append(meter)
        with transaction.atomic():
            made = publish_meter(
                MeterEntry(meter, {"en": meter.code}, {}, timedelta(hours=24), Level.CONSISTENT),
                now=self.house.now,
            )
            Recount.objects.create(meters=[made], asked_at=self.house.now)

    def compare(self) -> None:
        events = [event.seen(self.known) for event in self.sent.values()]
        horizon = self.house.now + HOUR
        counted = {kind for meter in self.meters for kind in meter.event_types}
        fates = self.house.all_fates()
        recorded = {
            identity for identity, found in fates.items() if [one.fate for one in found] == ["recorded"]
        }
        assert recorded == {(e.source, e.id) for e in events if e.type not in counted}
        types = {row[0]: row[1] for row in self.house.rows("SELECT type, events FROM recorded_type")}
        assert sum(types.values()) == len(recorded)
        for meter in self.meters:
            concerned = [event for event in events if meter.concerns(event)]
            assert self._fates(meter, fates) == _expected_fates(meter, concerned, horizon)
            assert self._usage(meter) == _expected_usage(meter, concerned, horizon)
            assert self._values(meter) == fold_values(meter, concerned, horizon=horizon)
            assert self._failures(meter) == _expected_failures(meter, concerned, horizon)

    def _fates(
        self, meter: Meter, fates: dict[tuple[str, str], list[Any]]
    ) -> dict[tuple[str, str], tuple[Any, ...]]:
        names = dict(self.house.rows("SELECT id, external_id FROM customer"))
        return {
            identity: (
                one.fate,
                one.reason or None,
                names.get(one.customer_id),
                tuple(json.loads(one.group)) if one.fate == "counted" else None,
                one.quantity,
            )
            for identity, found in fates.items()
            for one in found
            if one.meter == meter.code
        }

    def _usage(self, meter: Meter) -> dict[tuple[Any, ...], tuple[int, Decimal]]:
        found = self.house.rows(
            """
            SELECT c.external_id, u.grp, u.slot, u.events,
                   CASE WHEN m.aggregate = 'unique' THEN (
                       SELECT count(*) FROM unique_value v WHERE v.meter_id = m.id AND v.slot = u.slot
                       AND v.customer_id = u.customer_id AND v.grp = u.grp)
                   ELSE u.quantity END
            FROM usage u JOIN meter m ON m.id = u.meter_id JOIN customer c ON c.id = u.customer_id
            WHERE m.code = %s AND u.events <> 0""",
            [meter.code],
        )
        return {(c, tuple(json.loads(grp)), slot): (events, worth) for c, grp, slot, events, worth in found}

    def _values(self, meter: Meter) -> dict[tuple[Any, ...], Decimal]:
        """Usage over everything, per customer and group."""
        if meter.aggregate is Aggregate.UNIQUE:
            worth = "SELECT customer_id, grp, count(DISTINCT value) AS worth FROM unique_value WHERE meter_id = m.id"
        elif meter.aggregate is Aggregate.MAX:
            worth = "SELECT customer_id, grp, max(quantity) AS worth FROM usage WHERE meter_id = m.id AND events > 0"
        else:
            worth = "SELECT customer_id, grp, sum(quantity) AS worth FROM usage WHERE meter_id = m.id AND events > 0"
        found = self.house.rows(
            f"SELECT c.external_id, w.grp, w.worth FROM meter m, LATERAL ({worth} GROUP BY 1, 2) w"
            " JOIN customer c ON c.id = w.customer_id WHERE m.code = %s",
            [meter.code],
        )
        return {(customer, tuple(json.loads(grp))): worth for customer, grp, worth in found}

    def _failures(self, meter: Meter) -> dict[tuple[Any, ...], int]:
        found = self.house.rows(
            "SELECT c.external_id, sum(u.not_billable) FROM usage u JOIN meter m ON m.id = u.meter_id"
            " JOIN customer c ON c.id = u.customer_id WHERE m.code = %s GROUP BY 1",
            [meter.code],
        )
        return {customer: failures for customer, failures in found if failures}


def _expected_fates(
    meter: Meter, events: list[Event], horizon: datetime
) -> dict[tuple[str, str], tuple[Any, ...]]:
    customers = {(event.source, event.id): event.customer for event in events}
    return {
        identity: (
            said.fate.value,
            said.reason,
            customers[identity],
            said.group if said.fate is Fate.COUNTED else None,
            _quantity(said),
        )
        for identity, said in judge_all(meter, events, horizon=horizon).items()
    }


def _quantity(said: Judgement) -> Decimal | None:
    """What an event adds to the count or sum; a member of a unique meter is one."""
    return Decimal(1) if said.value is not None and said.quantity is None else said.quantity


def _expected_usage(meter: Meter, events: list[Event], horizon: datetime) -> dict[Any, Any]:
    return {key: (state.count, value(state)) for key, state in fold(meter, events, horizon=horizon).items()}


def _expected_failures(meter: Meter, events: list[Event], horizon: datetime) -> dict[str | None, int]:
    customers = {(event.source, event.id): event.customer for event in events}
    found: dict[str | None, int] = {}
    for identity, said in judge_all(meter, events, horizon=horizon).items():
        if said.fate is Fate.NOT_BILLABLE and said.reason == "failure":
            found[customers[identity]] = found.get(customers[identity], 0) + 1
    return found


def a_meter(rng: random.Random, code: str) -> Meter:
    aggregate = rng.choice((Aggregate.COUNT, Aggregate.SUM, Aggregate.MAX, Aggregate.UNIQUE))
    conditions = (
        Condition("region", ("eu", Decimal(1))),
        Condition("region", (True, "us", "1")),
        Condition("deep.er.region", ("eu",)),
    )
    return Meter(
        code=code,
        event_types=tuple(rng.sample(TYPES, rng.choice((1, 1, 2)))),
        aggregate=aggregate,
        value=rng.choice(("n", "deep.n")) if aggregate.needs_value else None,
        where=(rng.choice(conditions),) if rng.random() < 0.3 else (),
        group_by=tuple(rng.sample(("region", "deep.n", "absent"), rng.choice((0, 0, 1, 2)))),
        operation=rng.choice(("key", "deep.key", None))
        if aggregate in {Aggregate.COUNT, Aggregate.SUM}
        else None,
        outcome=rng.choice(
            (Outcome(), Outcome("outcome", ("ok", "success", "1")), Outcome("deep.outcome"), None)
        ),
    )


def some_data(rng: random.Random) -> str:
    def fields() -> list[str]:
        found = []
        for name, among, chance in (
            ("n", VALUES if rng.random() < 0.3 else NUMBERS, 0.9),
            ("region", REGIONS, 0.7),
            ("outcome", OUTCOMES, 0.6),
            ("key", KEYS, 0.8),
        ):
            if rng.random() < chance:
                found.append(f'"{name}": {rng.choice(among)}')
        return found

    deep = rng.choice((f"{{{', '.join(fields())}}}", '{"er": {"region": "eu"}}', "[1]", '"deep"', "null"))
    return f'{{{", ".join([*fields(), f""""deep": {deep}"""])}}}'


def an_event(rng: random.Random, number: int) -> Stated:
    offset = timedelta(microseconds=rng.randrange(0, 2 * 3600 * 10**6))
    time = rng.choice((NOW - HOUR * 3 + offset, NOW - HOUR * 2, NOW - HOUR * 2 + timedelta(minutes=15)))
    if rng.random() < 0.05:
        time = NOW + HOUR + rng.choice((timedelta(0), timedelta(microseconds=1), HOUR))
    return Stated(
        source=rng.choice(("/a", "/b", "a b", "é")),
        id=str(number),
        type=rng.choice((*TYPES, "nobody.knows")),
        subject=rng.choice((*SUBJECTS, "nobody")),
        time=time,
        data=some_data(rng),
    )


def a_story(rng: random.Random, events: int) -> list[Stated]:
    """Events in random order, some sent again, some again with other content."""
    story = [an_event(rng, number) for number in range(events)]
    for again in rng.sample(story, events // 5):
        other = again if rng.random() < 0.7 else Stated(**{**_fields(again), "data": some_data(rng)})
        story.insert(rng.randrange(len(story) + 1), other)
    return story


def _fields(event: Stated) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Stated.__slots__}


@pytest.mark.parametrize("seed", range(8))
def test_fates_and_usage_are_what_the_core_says_of_random_events(house, seed):
    """Sent in random batches, metered in random chunks, customers and meters made in between."""
    from abaque.billing.meter import meter_chunk, recount_chunk

    rng = random.Random(seed)
    house.issuer()
    world = World(house)
    story = a_story(rng, 150)
    late = [*SUBJECTS, *(a_meter(rng, f"m{n}") for n in range(6))]
    rng.shuffle(late)
    while story:
        size = rng.randint(1, 40)
        batch, story = story[:size], story[size:]
        world.send(batch)
        if late and rng.random() < 0.7:
            thing = late.pop()
            world.know(thing) if isinstance(thing, str) else world.publish(thing)
        for _ in range(rng.randint(0, 2)):
            meter_chunk(now=house.now, events=rng.choice((1, 10, 1000)))
            recount_chunk(now=house.now, events=rng.choice((1, 7, 1000)))
    for thing in late:
        world.know(thing) if isinstance(thing, str) else world.publish(thing)
    house.meter()
    world.compare()
    house.check()
    house.now += 4 * HOUR
    house.meter()
    world.compare()
    house.check()


def test_two_meters_at_once_count_what_one_would(house, in_threads):
    from abaque.billing.meter import meter_chunk, recount_chunk

    rng = random.Random(7)
    house.issuer()
    world = World(house)
    for customer in SUBJECTS:
        world.know(customer)
    for number in range(4):
        world.publish(a_meter(rng, f"m{number}"))
    world.publish(Meter("ops", TYPES, Aggregate.SUM, value="n", operation="key", outcome=None))
    story = a_story(rng, 600)
    for start in range(0, len(story), 12):
        world.send(story[start : start + 12])

    def work():
        chunks = 0
        while house.rows("SELECT EXISTS (SELECT FROM intake WHERE metered_at IS NULL)")[0][0]:
            chunks += meter_chunk(now=house.now, events=25)
            recount_chunk(now=house.now)
        return chunks

    done = in_threads(work, work, work)
    assert all(isinstance(chunks, int) for chunks in done), done
    house.meter()
    world.compare()
    house.check()


def test_meters_made_while_metering_runs_miss_no_event(house, in_threads):
    rng = random.Random(11)
    house.issuer()
    world = World(house)
    for customer in SUBJECTS:
        world.know(customer)
    story = a_story(rng, 300)
    for start in range(0, len(story), 10):
        world.send(story[start : start + 10])
    meters = [a_meter(rng, f"m{number}") for number in range(5)]

    def publish():
        for meter in meters:
            world.publish(meter)
        return True

    done = in_threads(house.meter, house.meter, publish)
    assert done[2] is True, done
    house.meter()
    world.compare()
    house.check()


tokens = st.sampled_from(VALUES + REGIONS + OUTCOMES)
events_strategy = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(("ann", "nobody")),
        st.integers(-4, 5),
        st.dictionaries(st.sampled_from(("n", "key", "region", "outcome")), tokens, max_size=4),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), events=events_strategy, seed=st.integers(0, 10_000))
def test_fates_and_usage_are_what_the_core_says_of_the_smallest_cases(house, data, events, seed):
    from django.db import connection

    tables = (
        "intake, identity, event, conflict, fate, recorded_type, trail, correction, struck, dismissal, usage,"
        " unique_value, operation, mark, alias, customer, recount, meter_version"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
    house.issuer()
    world = World(house)
    world.know("ann")
    world.publish(a_meter(random.Random(seed), "m"))
    stated = [
        Stated(
            "/s", str(number), TYPES[0], subject, NOW + quarter * timedelta(minutes=15), _object(attributes)
        )
        for number, subject, quarter, attributes in events
    ]
    cut = data.draw(st.integers(0, len(stated)))
    for batch in (stated[:cut], stated[cut:]):
        if batch:
            world.send(batch)
            house.meter()
    world.compare()
    house.check()


def _object(attributes: dict[str, str]) -> str:
    return f'{{{", ".join(f""""{name}": {text}""" for name, text in attributes.items())}}}'
