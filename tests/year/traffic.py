"""A product's year out of a seed: what it sends, and what happens to the house meanwhile.

It says nothing of what should come of it: that is the auditor's business. The same seed is the same year.
"""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.year import spoilt

#: Whether the product corrects what it sent: to be turned on where the door takes `abaque.void` and `abaque.amend`.
CORRECTIONS = True

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
MONTHS = 12
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCES = ("/app", "/app/eu-1", "worker é")

METERS: dict[str, dict[str, Any]] = {
    "documents": {"event": "document.processed", "aggregate": "count", "operation": "document_id"},
    "pages": {
        "event": "document.processed",
        "aggregate": "sum",
        "value": "pages",
        "operation": "document_id",
        "group_by": ["model"],
    },
    "largest": {"event": "document.processed", "aggregate": "max", "value": "pages"},
    "readers": {
        "event": "document.read",
        "aggregate": "unique",
        "value": "reader.id",
        "group_by": ["region"],
    },
    "european": {
        "event": ["document.read", "api.called"],
        "aggregate": "count",
        "where": {"region": ["eu", "ch"], "paid": [True, 1]},
    },
    "calls": {
        "event": "api.called",
        "aggregate": "count",
        "group_by": ["region", "tier.name"],
        "outcome": "none",
    },
    "seconds": {
        "event": "api.called",
        "aggregate": "sum",
        "value": "seconds",
        "outcome": {"attribute": "state", "success": ["done", "partial", "1"]},
    },
    "answers": {
        "event": ["question.answered", "question.followed"],
        "aggregate": "sum",
        "value": "tokens",
        "operation": "question.id",
        "where": {"kind": ["text", "voice"]},
        "group_by": ["kind"],
    },
}
#: Made in the middle of the year: for a type nobody counted, and for one that is counted already.
LATER: dict[str, dict[str, Any]] = {
    "stars": {"event": "chat.rated", "aggregate": "max", "value": "stars", "group_by": ["region"]},
    "reads": {"event": ["document.read", "chat.rated"], "aggregate": "count", "where": {"region": ["us"]}},
}
TYPES = (
    *("document.processed",) * 6,
    *("document.read",) * 3,
    *("api.called",) * 4,
    *("question.answered", "question.followed") * 2,
    "chat.rated",
    "page.viewed",  # no meter ever counts it
)
ZONES = {
    "dupont": "Europe/Paris",
    "acme": "America/New_York",
    "howe": "Australia/Lord_Howe",  # half an hour of summer time
    "tea": "Asia/Kathmandu",  # a quarter hour off
    "late": "Pacific/Auckland",
    "later": "America/Santiago",  # clocks change at midnight
}
KNOWN_AT_FIRST = ("dupont", "acme", "howe", "tea")
SUBJECTS = (*ZONES, "dupont-old", "shared", "late-app", "acme", "acme", "dupont", "nobody")


@dataclass(frozen=True)
class Move:
    """The clock goes on."""

    now: datetime


@dataclass(frozen=True)
class Know:
    """A customer is put, with further subjects."""

    customer: str
    zone: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lend:
    """A subject belongs to a customer for some time."""

    subject: str
    customer: str
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Publish:
    meters: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Send:
    """A body. `how`: `once`; `twice at once`, at two doors; `while metering`; `killed`: it dies before the commit."""

    raw: str
    form: str
    how: str


@dataclass(frozen=True)
class Meter:
    """What waits is metered. `how`: `drained`, by `two` at once, `some` of it, `killed` in it, or `undone`."""

    how: str


@dataclass(frozen=True)
class Seal:
    pass


@dataclass(frozen=True)
class Compare:
    """The end of a month: everything is metered, sealed and compared."""

    month: str


Step = Move | Know | Lend | Publish | Send | Meter | Seal | Compare


@dataclass
class Product:
    """What sends: it remembers what it sent, tries again, repeats, mistakes, forgets and corrects itself."""

    rng: random.Random
    now: datetime = BEGINS
    before: datetime = BEGINS
    sent: list[dict[str, Any]] = field(default_factory=list)
    corrected: list[dict[str, Any]] = field(default_factory=list)
    come: set[tuple[str, str]] = field(default_factory=set)
    held: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    busy: list[datetime] = field(default_factory=lambda: [BEGINS])
    edges: list[datetime] = field(default_factory=lambda: [BEGINS])
    number: int = 0

    def go_on(self, now: datetime) -> None:
        self.before, self.now = self.now, now
        busy = self.before + (now - self.before) * self.rng.random()
        self.busy.append(busy.replace(minute=self.rng.choice((0, 15, 30, 45)), second=0, microsecond=0))

    def chance(self, of: float) -> bool:
        return self.rng.random() < of

    def new(self, type_: str, subject: str | None, data: Any) -> dict[str, Any]:
        self.number += 1
        return {
            "specversion": "1.0",
            "source": self.rng.choice(SOURCES),
            "id": f"e{self.number}",
            "type": type_,
            **({} if subject is None else {"subject": subject}),
            "data": data,
        }

    def event(self) -> dict[str, Any]:
        type_, subject = self.rng.choice(TYPES), self.rng.choice(SUBJECTS)
        data = None if self.chance(0.02) else self.data(type_)
        tried = [event for event in self.sent[-25:] if _operation_of(event) is not None]
        first: dict[str, Any] = {}
        if tried and self.chance(0.25):  # another attempt at an operation of lately
            first = self.rng.choice(tried)
            type_, subject = first["type"], first["subject"]
            name = "document_id" if type_ == "document.processed" else "question"
            data = {**self.data(type_), name: first["data"][name]}
        event = self.new(type_, subject, data)
        if "time" in first and self.chance(0.3):  # at the very moment of the other
            event["time"] = first["time"]
        elif not self.chance(0.06):
            event["time"] = self.stated(self.time())
        if self.chance(0.1):
            event["traceparent"] = f"00-{self.rng.randrange(99)}"
        return event

    def stated(self, moment: datetime) -> str:
        """Return an instant as it is written somewhere in the world."""
        if self.chance(0.5):
            return moment.isoformat().replace("+00:00", "Z")
        return moment.astimezone(ZoneInfo(self.rng.choice(list(ZONES.values())))).isoformat()

    def time(self) -> datetime:
        """Return when something happened: in a busy quarter hour, lately, at an edge, long ago; or when it will."""
        kind = self.rng.random()
        lately = self.before + (self.now - self.before) * self.rng.random()
        if kind < 0.05:
            return self.rng.choice(self.edges) + self.rng.choice((-1, 0, 0, 1)) * timedelta(microseconds=1)
        if kind < 0.35:
            return self.rng.choice(self.busy[-2:]) + HOUR / 4 * self.rng.choice((0, 0, self.rng.random()))
        if kind < 0.65:
            return lately
        if kind < 0.70:
            return lately.replace(minute=self.rng.choice((0, 15, 30, 45)), second=0, microsecond=0)
        if kind < 0.80:  # a local midnight, a moment before it, or the same wall time twice
            zone = ZoneInfo(self.rng.choice(list(ZONES.values())))
            midnight = lately.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
            return (midnight - self.rng.choice((timedelta(0), timedelta(microseconds=1)))).astimezone(UTC)
        if kind < 0.95:
            return max(BEGINS, lately - DAY * self.rng.choice((1, 2, 3, 20, 45, 90)))
        return self.now + self.rng.choice(
            (HOUR, HOUR + timedelta(microseconds=1), HOUR / 2, 3 * HOUR, 9 * DAY, 40 * DAY)
        )

    def data(self, type_: str) -> dict[str, Any]:
        pick = self.rng.choice
        outcome = {"outcome": pick((*("success",) * 7, "failure", "failure", None, "timeout", 1, {"a": 1}))}
        region = {"region": pick(("eu", "eu", "ch", "us", "EU", 1, True, None, ["eu"]))}
        found: dict[str, Any] = {}
        if type_ == "document.processed":
            model = {"model": pick(("small", "large", 3, None))}
            found = {"document_id": self.operation(), "pages": self.figure(), **model, **outcome}
        elif type_ == "document.read":
            reader = {
                "id": pick((f"r{self.rng.randrange(12)}", self.rng.randrange(4), True, None, ["r1"], ""))
            }
            found = {
                "reader": pick((reader, reader, reader, "r1")),
                "paid": pick((True, True, 1, "1", False)),
                **region,
            }
        elif type_ == "api.called":
            tier = pick(({"name": "gold"}, {"name": "free"}, {}, "gold"))
            state = {"state": pick(("done", "done", "partial", "broken", 1, None))}
            found = {
                "seconds": self.figure(),
                "tier": tier,
                "paid": pick((True, 1, 1.0, False)),
                **state,
                **region,
            }
        elif type_.startswith("question"):
            kind = {"kind": pick(("text", "text", "voice", "film"))}
            found = {"question": {"id": self.operation()}, "tokens": self.figure(), **kind, **outcome}
        elif type_ == "chat.rated":
            found = {"stars": self.figure(), **region}
        kept = {name: value for name, value in found.items() if not self.chance(0.04)}
        return {**kept, **({"note": pick(("é", "\u2028", "a\\b", "🦉", ""))} if self.chance(0.3) else {})}

    def operation(self) -> Any:
        """Return the key of an operation: a new one, one that others use too, or none."""
        return self.rng.choice((f"o{self.number}", f"o{self.number}", f"o{self.number // 40}", 7, None))

    def figure(self) -> Any:
        rng = self.rng
        good = (
            1,
            2,
            3,
            250,
            0,
            -4,
            0.5,
            12.25,
            "3.000000000001",
            "12",
            -0.125,
            1e-12,
            "999999999999999999.5",
        )
        bad = (
            None,
            "",
            "many",
            "1e3",
            "+1",
            " 1",
            True,
            [1],
            {"n": 1},
            1e-13,
            1e18,
            "1234567890123456789",
            "NaN",
        )
        return (
            rng.choice(bad)
            if self.chance(0.12)
            else rng.choice((*good, rng.randrange(100), rng.randrange(9)))
        )

    def correction(self) -> dict[str, Any]:
        """Void or amend something: an event, one still to come, one that never comes, a correction."""
        kind = self.rng.random()
        coming = [event for _, event in self.held if not corrects(event)]
        if kind < 0.15 and coming:
            target = self.rng.choice(coming)
        elif kind < 0.45 and self.corrected:
            target = self.rng.choice(self.corrected[-25:])
        elif kind < 0.5:
            target = {"source": self.rng.choice(SOURCES), "id": "never sent"}
        else:
            target = self.rng.choice([event for event in self.sent[-150:] if not corrects(event)])
        data = {
            "source": target["source"],
            "id": target["id"],
            "reason": self.rng.choice(("twice", "too many")),
        }
        type_ = self.rng.choice(("abaque.void", "abaque.amend", "abaque.amend"))
        if type_ == "abaque.amend":
            data["replacement"] = self.other()
        event = self.new(type_, self.rng.choice((None, "dupont", "nobody")), data)
        if not self.chance(0.2):
            event["time"] = self.stated(min(self.time(), self.now))
        return event

    def deliver(self, events: list[dict[str, Any]]) -> None:
        """Note what went out, and which corrections can be corrected: those of what had come by then.

        What an amend of an amend is worth while the first event is still to come is nobody's business.
        """
        self.sent += events
        self.come.update((event["source"], event["id"]) for event in events if not corrects(event))
        for event in events:
            if corrects(event) and (event["data"]["source"], event["data"]["id"]) in self.come:
                self.come.add((event["source"], event["id"]))
                self.corrected.append(event)

    def other(self) -> dict[str, Any]:
        """Return some fields that take the place of an event's."""
        type_ = self.rng.choice(TYPES)
        fields = {
            "type": type_,
            "subject": self.rng.choice(SUBJECTS),
            "time": self.stated(self.time()),
            "data": self.data(type_),
        }
        names = self.rng.sample(list(fields), self.rng.choice((1, 1, 2, 3, 4)))
        return {name: fields[name] for name in names}

    def again(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the event, or one of its identity that says something else."""
        if not self.chance(0.25):
            return event
        if "time" not in event and self.chance(0.8):
            return {**event, "time": self.stated(self.now)}
        if corrects(event):
            return {**event, "data": {**event["data"], "reason": "another"}}
        changed = {
            "data": {**(event["data"] or {}), "pages": 77},
            "subject": "acme",
            "time": self.stated(self.time()),
        }
        name = self.rng.choice(list(changed))
        return {**event, name: changed[name]}

    def batch(self, many: int) -> list[dict[str, Any]]:
        """Return what is to be delivered now, in any order: new things, what was held back, repeats."""
        now, fresh = [event for due, event in self.held if due <= self.now], []
        self.held = [(due, event) for due, event in self.held if due > self.now]
        for _ in range(many):
            if CORRECTIONS and self.sent and self.chance(0.2):
                fresh.append(self.correction())
            else:
                fresh.append(self.event())
        for event in fresh:
            if self.chance(0.12):
                self.held.append((self.now + DAY * self.rng.choice((1, 3, 8, 35)), event))
            else:
                now.append(event)
        self.deliver(now)
        repeats = (
            [self.again(self.rng.choice(self.sent[-400:])) for _ in range(many // 4)] if self.sent else []
        )
        now += repeats
        self.rng.shuffle(now)
        return now


def corrects(event: Mapping[str, Any]) -> bool:
    return event["type"] in ("abaque.void", "abaque.amend")


def _operation_of(event: Mapping[str, Any]) -> Any:
    data = {} if corrects(event) else event["data"] or {}
    return data.get("document_id", data.get("question"))


def year(seed: int, months: int = MONTHS) -> Iterator[Step]:
    """Yield everything that happens, in order."""
    rng = random.Random(seed)
    product = Product(rng)
    yield Publish(METERS)
    for customer in KNOWN_AT_FIRST:
        yield Know(customer, ZONES[customer], ("dupont-old",) if customer == "dupont" else ())
    turn = BEGINS + timedelta(days=rng.randrange(20, 100), minutes=rng.randrange(1440))
    back = turn + timedelta(days=rng.randrange(10, 90), seconds=rng.randrange(86400))
    product.edges = [turn, back]
    yield Lend("shared", "dupont", None, turn)
    yield Lend("shared", "acme", turn, back)
    surprises = _surprises(rng, months, back)
    ends = [(BEGINS + 31 * DAY * month).replace(day=1) for month in range(1, months + 1)]
    for place, end in enumerate(ends):
        while product.now < end - DAY:
            step = timedelta(
                hours=rng.randrange(24, 260), minutes=rng.randrange(60), microseconds=rng.randrange(10**6)
            )
            product.go_on(min(product.now + step, end - timedelta(minutes=rng.randrange(60))))
            yield Move(product.now)
            yield from (one for at, one in surprises if product.before < at <= product.now)
            yield from _deliver(product)
            if rng.random() < 0.2:
                yield Seal()
        yield Compare(f"{BEGINS.year}-{place + 1:02}")


def _surprises(rng: random.Random, months: int, back: datetime) -> list[tuple[datetime, Step]]:
    """Return what becomes known in the course of the year."""

    def some_day() -> datetime:
        return BEGINS + DAY * rng.randrange(5, months * 28)

    again = back + DAY * rng.randrange(1, 60)
    return [
        (some_day(), Know("late", ZONES["late"], ("late-app",))),
        (some_day(), Know("later", ZONES["later"])),
        (some_day(), Lend("shared", "dupont", again, None)),
        (some_day(), Publish(LATER)),
    ]


def _deliver(product: Product) -> Iterator[Step]:
    rng = product.rng
    events = product.batch(rng.choice((3, 8, 12, 20)))
    while events:
        form = rng.choice(("event", "batch", "batch", "lines"))
        size = 1 if form == "event" else rng.randint(1, 25)
        bodied, events = events[:size], events[size:]
        if form != "event" and product.chance(0.4):  # the same, or the same identity, twice in one body
            bodied.insert(rng.randrange(len(bodied) + 1), product.again(rng.choice(bodied)))
        texts = [spoilt.written(rng, one) for one in bodied]
        if product.chance(0.35):
            whole = texts[0] if form == "event" else ""
            sound = product.event()
            spoiled = spoilt.spoiled(rng, sound, form, corrections=CORRECTIONS)
            if product.chance(0.5):  # it is mended, and sent again
                product.held.append((product.now + DAY * rng.randrange(3), sound))
            texts = [spoiled] if form == "event" else [*texts, spoiled]
            if whole:
                yield Send(whole, "event", "once")
        raw = texts[0] if form == "event" else "\n".join(texts) if form == "lines" else f"[{','.join(texts)}]"
        if form != "lines" and product.chance(0.03):  # cut off on the way, and sent again
            yield Send(raw[: rng.randrange(1, len(raw))], form, "once")
        how = rng.choice((*("once",) * 6, "twice at once", "killed", "while metering"))
        yield Send(raw, form, how)
        if product.chance(0.05):  # the answer was lost
            yield Send(raw, form, "once")
        if product.chance(0.3):
            yield Meter(rng.choice(("drained", "two", "some", "some", "killed", "undone")))


def as_catalogue(meters: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a catalogue file: JSON is YAML."""
    return json.dumps({"meters": meters})
