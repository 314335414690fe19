"""Usage as a fold over events, and a merge of two folds: what any storage of usage must equal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from abaque.core.money import add

from .event import Event, Fate, Judgement
from .judge import judge
from .meter import Aggregate, Meter
from .slot import slot_of

Key = tuple[str, tuple[str | None, ...], datetime]


@dataclass(frozen=True, slots=True, order=True)
class Success:
    """The event by which an operation counts. Ordered: the earliest by time, then source, then id."""

    time: datetime
    source: str
    id: str
    operation: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class SlotUsage:
    """What one meter knows of one customer, group and quarter hour.

    `count` units, their summed `quantity`, the highest `peak`, the distinct `members`; `successes` are the
    units that stand for an operation, so that another merge can still find an earlier one.
    """

    aggregate: Aggregate
    count: int = 0
    quantity: Decimal = Decimal(0)
    peak: Decimal | None = None
    members: frozenset[str] = frozenset()
    successes: frozenset[Success] = frozenset()


Usage = dict[Key, SlotUsage]


def fold(meter: Meter, events: Iterable[Event], *, horizon: datetime | None = None) -> Usage:
    """Return usage per (customer, group, quarter hour UTC). An event sent twice counts once.

    With operation keys, all attempts of one customer's operation are one unit, only if one succeeded; it
    belongs to the slot and group, and has the quantity, of the earliest success.
    """
    return _usage(meter, _judged(meter, events, horizon))


def judge_all(
    meter: Meter, events: Iterable[Event], *, horizon: datetime | None = None
) -> dict[tuple[str, str], Judgement]:
    """Return the judgement of each event by `(source, id)`, those of further attempts included."""
    return {(event.source, event.id): judgement for event, judgement in _judged(meter, events, horizon)}


def merge(meter: Meter, a: Mapping[Key, SlotUsage], b: Mapping[Key, SlotUsage]) -> Usage:
    """Return the usage of both sets of events, which share no event: the fold of their union."""
    merged: Usage = dict(a)
    for key, state in b.items():
        merged[key] = combine(meter.aggregate, (merged[key], state)) if key in merged else state
    return _without_attempts(merged) if meter.operation is not None else merged


def combine(aggregate: Aggregate, states: Iterable[SlotUsage]) -> SlotUsage:
    """Return several slots of one customer as one: an hour, a day, a billing period."""
    parts = tuple(states)
    peaks = [part.peak for part in parts if part.peak is not None]
    return SlotUsage(
        aggregate,
        count=sum(part.count for part in parts),
        quantity=add(*(part.quantity for part in parts)),
        peak=max(peaks, default=None),
        members=frozenset().union(*(part.members for part in parts)),
        successes=frozenset().union(*(part.successes for part in parts)),
    )


def value(state: SlotUsage) -> Decimal:
    """Return the usage: how many units, their sum, the highest, or how many distinct. Zero of nothing."""
    match state.aggregate:
        case Aggregate.COUNT:
            return Decimal(state.count)
        case Aggregate.SUM:
            return state.quantity
        case Aggregate.MAX:
            return state.peak if state.peak is not None else Decimal(0)
        case Aggregate.UNIQUE:
            return Decimal(len(state.members))


def fold_values(
    meter: Meter, events: Iterable[Event], *, horizon: datetime | None = None
) -> dict[tuple[str, tuple[str | None, ...]], Decimal]:
    """Return the usage of each (customer, group) over all the events given."""
    slots: dict[tuple[str, tuple[str | None, ...]], list[SlotUsage]] = {}
    for (customer, group, _), state in fold(meter, events, horizon=horizon).items():
        slots.setdefault((customer, group), []).append(state)
    return {key: value(combine(meter.aggregate, states)) for key, states in slots.items()}


def _judged(meter: Meter, events: Iterable[Event], horizon: datetime | None) -> list[tuple[Event, Judgement]]:
    once = {(event.source, event.id): event for event in events}
    judged = [(event, judge(event, meter, horizon=horizon)) for event in once.values()]
    earliest: dict[tuple[str | None, str], Event] = {}
    for event, judgement in judged:
        if judgement.fate is not Fate.COUNTED or judgement.operation is None:
            continue
        best = earliest.setdefault((event.customer, judgement.operation), event)
        if _order(event) < _order(best):
            earliest[event.customer, judgement.operation] = event
    return [
        (event, _as_attempt(judgement))
        if judgement.fate is Fate.COUNTED
        and judgement.operation is not None
        and earliest[event.customer, judgement.operation] is not event
        else (event, judgement)
        for event, judgement in judged
    ]


def _usage(meter: Meter, judged: Iterable[tuple[Event, Judgement]]) -> Usage:
    slots: dict[Key, list[SlotUsage]] = {}
    for event, judgement in judged:
        if judgement.fate is Fate.COUNTED:
            assert event.customer is not None
            key = (event.customer, judgement.group, slot_of(event.time))
            slots.setdefault(key, []).append(_unit(meter, event, judgement))
    return {key: combine(meter.aggregate, units) for key, units in slots.items()}


def _unit(meter: Meter, event: Event, judgement: Judgement) -> SlotUsage:
    quantity = judgement.quantity if judgement.quantity is not None else Decimal(0)
    success = (
        frozenset({Success(event.time, event.source, event.id, judgement.operation, quantity)})
        if judgement.operation is not None
        else frozenset()
    )
    return SlotUsage(
        meter.aggregate,
        count=1,
        quantity=quantity,
        peak=judgement.quantity if meter.aggregate is Aggregate.MAX else None,
        members=frozenset() if judgement.value is None else frozenset({judgement.value}),
        successes=success,
    )


def _without_attempts(usage: Usage) -> Usage:
    """Drop from merged usage every success of an operation that came after another."""
    earliest: dict[tuple[str, str], Success] = {}
    for (customer, _, _), state in usage.items():
        for success in state.successes:
            best = earliest.setdefault((customer, success.operation), success)
            earliest[customer, success.operation] = min(best, success)
    kept: Usage = {}
    for key, state in usage.items():
        late = {one for one in state.successes if earliest[key[0], one.operation] != one}
        if late:
            state = replace(  # noqa: PLW2901 -- the slot with fewer units takes the slot's place
                state,
                count=state.count - len(late),
                quantity=add(state.quantity, *(one.quantity.copy_negate() for one in late)),
                successes=state.successes - late,
            )
        if state.count:
            kept[key] = state
    return kept


def _as_attempt(judgement: Judgement) -> Judgement:
    return Judgement(Fate.NOT_BILLABLE, "attempt", group=judgement.group, operation=judgement.operation)


def _order(event: Event) -> tuple[datetime, str, str]:
    return event.time, event.source, event.id
