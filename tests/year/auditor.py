"""The auditor: what must become of every event and every figure, in dictionaries.

It shares no code with what it audits and reads none of its tables: the rules of the design's fifth section are
written down here once more, in the plainest way, slow and from the beginning each time. Nothing is remembered but
what was sent, whose subjects are whose, and which meters there are.
"""

import json
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from tests.year import traffic
from tests.year.corrections import AMEND, VOID, Standing, bad_correction, settle

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
EXACT = Context(prec=100)
#: An event shows the first that holds.
SHOWN = ("voided", "replaced", "quarantined", "waiting", "counted", "not_billable", "recorded", "applied")

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,12})?", re.ASCII)
_LONGEST_TEXT, _LONGEST_NUMBER = 255, 40

Identity = tuple[str, str]
Data = Mapping[str, Any]
Group = tuple[str | None, ...]


@dataclass(frozen=True)
class Verdict:
    """What the door must say of one sent event.

    `warned`: that it is accepted, but not counted yet.
    """

    word: str
    reason: str | None = None
    warned: bool = False


@dataclass(frozen=True)
class Event:
    """An accepted event, as it counts: `time` is its own or, if it had none, that of its receipt."""

    source: str
    id: str
    type: str
    subject: str
    time: datetime
    data: Data

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.time, self.source, self.id

    def __str__(self) -> str:
        said = json.dumps(self.data, default=str, ensure_ascii=False)
        return (
            f"event {self.source} {self.id}: {self.type} of {self.subject} at {self.time.isoformat()}, {said}"
        )


@dataclass(frozen=True)
class Fate:
    """What one meter (the empty name: none) must have made of an event; `hour` is set where it counts."""

    word: str
    reason: str | None = None
    quantity: Decimal | None = None
    hour: datetime | None = None

    def __str__(self) -> str:
        return " ".join(
            str(one) for one in (self.word, self.reason, self.quantity, self.hour) if one not in (None, "")
        )


@dataclass
class Slot:
    """What one customer's group used of a meter in a quarter hour: what each counted event adds, and failures."""

    counted: list[Any] = field(default_factory=list)
    failures: int = 0


#: By customer, meter, group and quarter hour.
Slots = dict[tuple[str, str, Group, datetime], Slot]


@dataclass
class Prediction:
    fates: dict[Identity, dict[str, Fate]] = field(default_factory=dict)
    slots: Slots = field(default_factory=dict)

    def shown(self, identity: Identity) -> str:
        return min((one.word for one in self.fates[identity].values()), key=SHOWN.index)


@dataclass(frozen=True)
class _Alias:
    subject: str
    customer: str
    start: datetime | None
    end: datetime | None

    def holds(self, subject: str, time: datetime) -> bool:
        return (
            subject == self.subject
            and (self.start is None or time >= self.start)
            and (self.end is None or time < self.end)
        )


@dataclass(frozen=True)
class _Spoiled:
    """Stands, in what was read, for something no event may hold."""

    reason: str


class Auditor:
    """Told the same as the house; asked what must be."""

    def __init__(self, sources: Sequence[str] = traffic.SOURCES) -> None:
        self.sources = sources
        self.events: dict[Identity, Event] = {}
        self.said: dict[Identity, Hashable] = {}
        self.aliases: list[_Alias] = []
        self.meters: dict[str, Data] = {}

    def hear(self, step: traffic.Step, now: datetime) -> list[Verdict] | None:
        """Take note of a step of the year; return the verdicts of what was sent in it."""
        match step:
            case traffic.Know(customer, _, aliases):
                for subject in (customer, *aliases):
                    self.know(subject, customer)
            case traffic.Lend(subject, customer, start, end):
                self.know(subject, customer, start, end)
            case traffic.Publish(meters):
                self.publish(meters)
            case traffic.Send(raw, form):
                return self.receive(raw, form, now)
        return None

    def know(
        self, subject: str, customer: str, start: datetime | None = None, end: datetime | None = None
    ) -> None:
        self.aliases.append(_Alias(subject, customer, start, end))

    def publish(self, meters: Mapping[str, Data]) -> None:
        self.meters.update(meters)

    def receive(self, raw: str, form: str, now: datetime) -> list[Verdict] | None:
        """Return a verdict for each event of a body; None if nothing of the body can be read."""
        if form == "lines":
            return [self._judge(_read(line), now) for line in raw.split("\n") if line.strip()]
        whole = _read(raw)
        if isinstance(whole, _Spoiled) and whole.reason == "malformed_json":
            return None
        return [self._judge(one, now) for one in (whole if form == "batch" else [whole])]

    def predict(self, now: datetime) -> Prediction:
        """Return what must be once everything sent is metered at `now`."""
        prediction = Prediction()
        counted: list[tuple[Event, str, str, Group, str | None, Any]] = []
        for identity, standing in settle(self.events).items():
            fates = prediction.fates[identity] = dict(self._not_counted(standing))
            for code in self._meters_of(standing):
                event = standing.event
                word, reason, worth = self._by_itself(event, self.meters[code], now)
                fates[code] = Fate(word, reason)
                if word == "counted" or reason == "failure":
                    customer = self._customer(event)
                    assert customer is not None
                    group = tuple(
                        _word(_at(event.data, path)) for path in self.meters[code].get("group_by", ())
                    )
                    if reason == "failure":
                        prediction.slots.setdefault(
                            (customer, code, group, _floor(event, QUARTER)), Slot()
                        ).failures += 1
                    else:
                        operation = _word(_at(event.data, self.meters[code].get("operation")))
                        counted.append((event, code, customer, group, operation, worth))
        self._count(counted, prediction)
        return prediction

    def _count(
        self, counted: list[tuple[Event, str, str, Group, str | None, Any]], prediction: Prediction
    ) -> None:
        """All attempts of a customer's operation are one unit: the earliest success."""
        first: dict[tuple[str, str, str], Event] = {}
        for event, code, customer, _, operation, _ in counted:
            if operation is not None:
                best = first.setdefault((code, customer, operation), event)
                first[code, customer, operation] = min(best, event, key=lambda one: one.order)
        for event, code, customer, group, operation, worth in counted:
            fates = prediction.fates[event.source, event.id]
            if operation is not None and first[code, customer, operation] is not event:
                fates[code] = Fate("not_billable", "attempt")
                continue
            quantity = worth if isinstance(worth, Decimal) else None
            fates[code] = Fate("counted", None, quantity, _floor(event, HOUR))
            slot = prediction.slots.setdefault((customer, code, group, _floor(event, QUARTER)), Slot())
            slot.counted.append(worth)

    def _judge(self, element: Any, now: datetime) -> Verdict:
        reason = self._fault(element)
        if reason is not None:
            return Verdict("rejected", reason)
        identity = element["source"], element["id"]
        said = _counting(element)
        if identity in self.said:
            return Verdict("duplicate" if self.said[identity] == said else "conflict")
        time = element.get("time")
        event = Event(
            *identity,
            element["type"],
            element.get("subject", ""),
            now if time is None else instant(time),
            element.get("data") or {},
        )
        self.said[identity], self.events[identity] = said, event
        return Verdict("accepted", warned=self._warned(event, now))

    def _warned(self, event: Event, now: datetime) -> bool:
        if event.type in (VOID, AMEND):
            return False
        codes = [code for code, meter in self.meters.items() if _concerns(meter, event.type)]
        judged = [self._by_itself(event, self.meters[code], now)[0] for code in codes]
        return not codes or "quarantined" in judged

    def _fault(self, element: Any) -> str | None:
        """Return why an event is rejected."""
        if (spoiled := _spoiled(element)) is not None:
            return spoiled
        if not isinstance(element, dict):
            return "not_an_object"
        correction = element.get("type") in (VOID, AMEND)
        texts = (_bad_text(element, name) for name in ("id", "source", "type", "subject"))
        data = element.get("data")
        wrong = [
            *(one for one in texts if one and not (correction and one == "missing_subject")),
            *(["reserved_type"] if not correction and str(element.get("type")).startswith("abaque.") else []),
            *(["bad_specversion"] if element.get("specversion", "1.0") != "1.0" else []),
            *(["binary_data"] if "data_base64" in element else []),
            *(["bad_subscription"] if not isinstance(element.get("subscription", ""), str) else []),
            *(["data_not_an_object"] if not isinstance(data, dict | None) else []),
            *(["bad_time"] if element.get("time") is not None and not is_instant(element["time"]) else []),
        ]
        if not wrong and correction and bad_correction(element["type"], data or {}, is_instant):
            wrong.append("bad_correction")
        if not wrong and element["source"] not in self.sources:
            wrong.append("source_not_allowed")
        return wrong[0] if wrong else None

    def _customer(self, event: Event) -> str | None:
        return next((one.customer for one in self.aliases if one.holds(event.subject, event.time)), None)

    def _meters_of(self, standing: Standing[Event]) -> Iterator[str]:
        """Yield the meters for which the event is counted, or would be."""
        if standing.word in ("stands", "amends"):
            yield from (code for code, meter in self.meters.items() if _concerns(meter, standing.event.type))

    def _not_counted(self, standing: Standing[Event]) -> Iterator[tuple[str, Fate]]:
        """Yield what stands beside the fates of meters, or in their place."""
        word = standing.word
        codes = [code for code, meter in self.meters.items() if _concerns(meter, standing.event.type)]
        if word == "amends":
            yield "", Fate("applied" if codes or word == "applied" else "recorded")
        elif word == "stands":
            if not codes:
                yield "", Fate("recorded")
        elif word in ("voided", "replaced"):
            yield from ((code, Fate(word)) for code in codes or [""])
        else:
            yield "", Fate(word, standing.reason)

    def _by_itself(self, event: Event, meter: Data, now: datetime) -> tuple[str, str | None, Any]:
        """Return what a meter makes of an event, looking at no other, and what it adds if it counts."""
        if self._customer(event) is None:
            return "quarantined", "unknown_customer", None
        if event.time > now + HOUR:
            return "quarantined", "future", None
        if _failed(event.data, meter.get("outcome", {"attribute": "outcome", "success": ["success"]})):
            return "not_billable", "failure", None
        where: Data = meter.get("where", {})
        if not all(any(_same(_at(event.data, path), one) for one in where[path]) for path in where):
            return "not_billable", "filtered", None
        return _worth_of(event.data, meter)


def _failed(data: Data, outcome: Any) -> bool:
    """Whether it says that it did not succeed; one that says nothing of it did."""
    found = None if outcome == "none" else _at(data, outcome["attribute"])
    return found is not None and _word(found) not in outcome["success"]


def _worth_of(data: Data, meter: Data) -> tuple[str, str | None, Any]:
    if meter["aggregate"] == "count":
        return "counted", None, Decimal(1)
    found = _at(data, meter["value"])
    if found is None:
        return "quarantined", "missing_value", None
    word = _word(found)
    if meter["aggregate"] == "unique":
        return ("quarantined", "bad_value", None) if word is None else ("counted", None, word)
    if word is None or isinstance(found, bool) or not _NUMBER.fullmatch(word):
        return "quarantined", "bad_value", None
    return "counted", None, Decimal(word)


def rolled(
    slots: Slots,
    aggregates: Mapping[str, str],
    window: Callable[[datetime], Hashable],
    *,
    groups: bool,
) -> dict[tuple[Any, ...], tuple[Decimal, int, int]]:
    """Return quantity, counted events and failures by customer, meter, window and, where asked for, group."""
    together: dict[tuple[Any, ...], Slot] = {}
    for (customer, meter, group, start), slot in slots.items():
        key = (customer, meter, window(start), group if groups else None)
        sum_ = together.setdefault(key, Slot())
        sum_.counted += slot.counted
        sum_.failures += slot.failures
    return {
        key: (_worth(aggregates[key[1]], slot.counted), len(slot.counted), slot.failures)
        for key, slot in together.items()
    }


def _worth(aggregate: str, counted: Sequence[Any]) -> Decimal:
    if aggregate == "unique":
        return Decimal(len(set(counted)))
    if aggregate == "max":
        return max(counted, default=Decimal(0))
    total = Decimal(0)
    for one in counted:
        total = EXACT.add(total, one)
    return total


def _bad_text(element: Data, name: str) -> str | None:
    if name not in element:
        return f"missing_{name}"
    given = element[name]
    if not isinstance(given, str) or not given:
        return f"bad_{name}"
    long = len(given.encode()) > _LONGEST_TEXT
    return (f"{name}_too_long" if name in ("id", "source") else f"bad_{name}") if long else None


def is_instant(text: Any) -> bool:
    """Whether it is RFC 3339 with an offset, a day that exists, from 2000 to 2099."""
    if not isinstance(text, str) or not _RFC3339.fullmatch(text.upper()):
        return False
    try:
        return 2000 <= datetime.fromisoformat(text.upper()).year <= 2099
    except ValueError:
        return False


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _floor(event: Event, step: timedelta) -> datetime:
    return event.time - (event.time - datetime(2000, 1, 1, tzinfo=UTC)) % step


def _concerns(meter: Data, type_: str) -> bool:
    return type_ == meter["event"] if isinstance(meter["event"], str) else type_ in meter["event"]


def _at(data: Data, path: str | None) -> Any:
    found: Any = data if path is not None else None
    for key in (path or "").split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _word(value: Any) -> str | None:
    """Return a text, number or boolean as text, numbers written out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if isinstance(value, str) else None


def _same(found: Any, wanted: Any) -> bool:
    """Texts equal texts, numbers numbers, booleans booleans."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    return found is not None and found == wanted


def _read(text: str) -> Any:
    """Return what a text says, numbers exact; `_Spoiled` in the place of what cannot be."""

    def pairs(items: list[tuple[str, Any]]) -> Any:
        if len({key for key, _ in items}) < len(items):
            return _Spoiled("duplicate_key")
        return dict(items)

    def number(written: str) -> Any:
        value = Decimal(written)
        return _Spoiled("number_too_long") if len(f"{value:f}") > _LONGEST_NUMBER else value

    def constant(name: str) -> Any:
        raise ValueError(name)

    try:
        return json.loads(
            text, object_pairs_hook=pairs, parse_int=number, parse_float=number, parse_constant=constant
        )
    except ValueError:
        return _Spoiled("malformed_json")


def _spoiled(value: Any) -> str | None:
    """Return the first reason for which nothing that holds this can be stored."""
    if isinstance(value, _Spoiled):
        return value.reason
    if isinstance(value, str):
        broken = any(one == "\0" or "\ud800" <= one <= "\udfff" for one in value)
        return "bad_character" if broken else None
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return next((reason for reason in map(_spoiled, parts) if reason), None)


def _counting(element: Any) -> Hashable:
    """Return what of an event may count: not its version, nor what only describes its sending."""
    time = element.get("time")
    return (
        *(element.get(name) or "" for name in ("type", "subject", "subscription")),
        None if time is None else instant(time),
        _normal(element.get("data") or {}),
    )


def _normal(value: Any) -> Hashable:
    """Return what was said, however it was written: order of keys, blanks and escapes say nothing."""
    if isinstance(value, dict):
        return frozenset((key, _normal(one)) for key, one in value.items())
    if isinstance(value, list):
        return tuple(_normal(one) for one in value)
    return type(value).__name__, str(value)
