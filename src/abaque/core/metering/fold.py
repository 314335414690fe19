"""Usage as a fold over events, and a merge of two folds: what any storage of usage must equal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import add, divide, subtract

from .event import Event, Fate, Judgement
from .judge import judge
from .mark import Mark, level_after, members_after
from .meter import Aggregate, Meter
from .slot import slot_of

_FINE = 12

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

    `count` units, their summed `quantity`, the highest `peak` and the lowest `trough`, the distinct `members`;
    `successes` are the units that stand for an operation, so that another merge can still find an earlier one;
    `marks` the units themselves where their order decides. Law: a unit that is kept as a success or a mark
    counts once even if it is in both parts of a merge.
    """

    aggregate: Aggregate
    count: int = 0
    quantity: Decimal = Decimal(0)
    peak: Decimal | None = None
    members: frozenset[str] = frozenset()
    successes: frozenset[Success] = frozenset()
    trough: Decimal | None = None
    marks: frozenset[Mark] = frozenset()


Usage = dict[Key, SlotUsage]


def fold(meter: Meter, events: Iterable[Event], *, horizon: datetime | None = None) -> Usage:
    """Return usage per (customer, group, quarter hour UTC). An event sent twice counts once.

    With operation keys, all attempts of one customer's operation are one unit, only if one succeeded; it
    belongs to the slot and group, and has the quantity, of the earliest success.
    """
    return _usage(meter, judged(meter, events, horizon=horizon))


def judge_all(
    meter: Meter, events: Iterable[Event], *, horizon: datetime | None = None
) -> dict[tuple[str, str], Judgement]:
    """Return the judgement of each event by `(source, id)`, those of further attempts included."""
    return {
        (event.source, event.id): judgement for event, judgement in judged(meter, events, horizon=horizon)
    }


def merge(meter: Meter, a: Mapping[Key, SlotUsage], b: Mapping[Key, SlotUsage]) -> Usage:
    """Return the usage of both sets of events: the fold of their union.

    An event may be in both only where the state keeps identities (operations, levels, members that change).
    """
    merged: Usage = dict(a)
    for key, state in b.items():
        merged[key] = combine(meter.aggregate, (merged[key], state)) if key in merged else state
    return _without_attempts(merged) if meter.operation is not None else merged


def combine(aggregate: Aggregate, states: Iterable[SlotUsage]) -> SlotUsage:
    """Return several slots of one customer as one: an hour, a day, a billing period."""
    parts = tuple(states)
    successes: set[Success] = set()
    repeated: list[Success] = []
    for part in parts:
        repeated += successes & part.successes
        successes |= part.successes
    marks = frozenset[Mark]().union(*(part.marks for part in parts))
    peaks = [part.peak for part in parts if part.peak is not None]
    troughs = [part.trough for part in parts if part.trough is not None]
    return SlotUsage(
        aggregate,
        count=len(marks) if marks else sum(part.count for part in parts) - len(repeated),
        quantity=subtract(
            add(*(part.quantity for part in parts)), add(*(success.quantity for success in repeated))
        ),
        peak=max(peaks, default=None),
        members=frozenset().union(*(part.members for part in parts)),
        successes=frozenset(successes),
        trough=min(troughs, default=None),
        marks=marks,
    )


def value(state: SlotUsage) -> Decimal:
    """Return the usage: how many units, their sum, average, highest, lowest or latest, or how many distinct.

    Zero of nothing; an average is rounded to twelve fractional digits. Fault `span_needed` for a level weighted
    by time and for the peak or trough of one that events change, which `value_in` gives.
    """
    match state.aggregate:
        case Aggregate.COUNT:
            return Decimal(state.count)
        case Aggregate.SUM:
            return state.quantity
        case Aggregate.MAX if state.peak is not None:
            return state.peak
        case Aggregate.MIN if state.trough is not None:
            return state.trough
        case Aggregate.AVERAGE:
            return divide(state.quantity, Decimal(state.count or 1), scale=_FINE)
        case Aggregate.LATEST:
            return level_after(state.marks) or Decimal(0)
        case Aggregate.UNIQUE:
            return Decimal(len(members_after(state.marks) if state.marks else state.members))
        case Aggregate.TIME_WEIGHTED | Aggregate.MAX | Aggregate.MIN:
            if state.marks:
                raise Fault("span_needed")
            return Decimal(0)


def fold_values(
    meter: Meter, events: Iterable[Event], *, horizon: datetime | None = None
) -> dict[tuple[str, tuple[str | None, ...]], Decimal]:
    """Return the usage of each (customer, group) over all the events given."""
    slots: dict[tuple[str, tuple[str | None, ...]], list[SlotUsage]] = {}
    for (customer, group, _), state in fold(meter, events, horizon=horizon).items():
        slots.setdefault((customer, group), []).append(state)
    return {key: value(combine(meter.aggregate, states)) for key, states in slots.items()}


def judged(
    meter: Meter, events: Iterable[Event], *, horizon: datetime | None = None
) -> list[tuple[Event, Judgement]]:
    """Return each event once with its judgement, further attempts at an operation known as such."""
    once = {(event.source, event.id): event for event in events}
    alone = [(event, judge(event, meter, horizon=horizon)) for event in once.values()]
    earliest: dict[tuple[str | None, str], Event] = {}
    for event, judgement in alone:
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
        for event, judgement in alone
    ]


def _usage(meter: Meter, units: Iterable[tuple[Event, Judgement]]) -> Usage:
    slots: dict[Key, list[SlotUsage]] = {}
    for event, judgement in units:
        if judgement.fate is Fate.COUNTED:
            assert event.customer is not None
            key = (event.customer, judgement.group, slot_of(event.time))
            slots.setdefault(key, []).append(unit(meter, event, judgement))
    return {key: combine(meter.aggregate, states) for key, states in slots.items()}


def unit(meter: Meter, event: Event, judgement: Judgement) -> SlotUsage:
    """Return the usage of one event that counts."""
    quantity = judgement.quantity if judgement.quantity is not None else Decimal(0)
    success = (
        frozenset({Success(event.time, event.source, event.id, judgement.operation, quantity)})
        if judgement.operation is not None
        else frozenset()
    )
    return SlotUsage(
        meter.aggregate,
        count=1,
        quantity=Decimal(0) if meter.keeps_marks else quantity,
        peak=judgement.quantity if meter.aggregate is Aggregate.MAX and not meter.of_changes else None,
        members=frozenset() if judgement.value is None else frozenset({judgement.value}),
        successes=success,
        trough=judgement.quantity if meter.aggregate is Aggregate.MIN and not meter.of_changes else None,
        marks=frozenset({_mark(meter, event, judgement)}) if meter.keeps_marks else frozenset(),
    )


def unit_of_mark(meter: Meter, mark: Mark) -> SlotUsage:
    """Return the usage of one event that a store kept as a mark, as `unit` gives it for the event."""
    level = mark.quantity if not meter.of_changes else None
    return SlotUsage(
        meter.aggregate,
        count=1,
        peak=level if meter.aggregate is Aggregate.MAX else None,
        members=frozenset() if mark.member is None else frozenset({mark.member}),
        trough=level if meter.aggregate is Aggregate.MIN else None,
        marks=frozenset({mark}),
    )


def _mark(meter: Meter, event: Event, judgement: Judgement) -> Mark:
    received = event.received if event.received is not None else event.time
    quantity = judgement.quantity if judgement.quantity is not None else Decimal(1)
    return Mark(event.time, received, event.source, event.id, quantity, judgement.value, meter.of_changes)


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
