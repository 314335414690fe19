"""The usage of one customer in one span: what a price is asked about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from abaque.core.money import add
from abaque.core.money.rounding import rounded
from abaque.core.period import Span

from .event import Event, Fate, Judgement
from .fold import SlotUsage, combine, judged, unit, unit_of_mark
from .level import value_in
from .mark import Mark
from .meter import Aggregate, Meter

Group = tuple[str | None, ...]
_LEVELS = {Aggregate.LATEST, Aggregate.TIME_WEIGHTED}
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SpanUsage:
    """`quantity` in the meter's units, None of nothing where the meter says so; `events` that count in the span.

    `amounts` is the number each of them carries, oldest first (none for a unique meter); `cells` the quantity
    of each group.
    """

    quantity: Decimal | None
    events: int = 0
    amounts: tuple[Decimal, ...] = ()
    cells: Mapping[Group, Decimal] = field(default_factory=dict, hash=False)


def usage_of(
    meter: Meter,
    events: Iterable[Event],
    *,
    customer: str,
    span: Span,
    period: Span | None = None,
    zone: str = "UTC",
    horizon: datetime | None = None,
) -> SpanUsage:
    """Return what a customer used in a span.

    `events` may be of any time and customer: earlier ones say what a level was at the start, any of them may
    be an attempt at the same operation. `period` is the billing period the span is part of, `zone` where its
    days are. Levels add up over groups; every other aggregate is of all events together. Law: order and
    repetition of events change nothing; the weighted time of adjoining spans of a period adds up to the period's,
    since what a meter does not carry is forgotten where the period begins, not where the span does.
    """
    since = _EVER if meter.carries else (period or span).start
    counted = sorted(
        (
            (event, judgement)
            for event, judgement in judged(meter, events, horizon=horizon)
            if judgement.fate is Fate.COUNTED
            and event.customer == customer
            and since <= event.time < span.end
        ),
        key=lambda pair: (pair[0].time, pair[0].received or pair[0].time, pair[0].source, pair[0].id),
    )

    def quantity_of(chosen: list[tuple[Event, Judgement]]) -> Decimal | None:
        before = _state(meter, (pair for pair in chosen if pair[0].time < span.start))
        within = _state(meter, (pair for pair in chosen if pair[0].time >= span.start))
        return value_in(meter, within, span, before=before, period=period, zone=zone)

    groups: dict[Group, list[tuple[Event, Judgement]]] = {}
    for pair in counted:
        if meter.keeps_marks or pair[0].time >= span.start:
            groups.setdefault(pair[1].group, []).append(pair)
    cells = {group: found for group, pairs in groups.items() if (found := quantity_of(pairs)) is not None}
    quantity = add(*cells.values()) if cells and meter.aggregate in _LEVELS else quantity_of(counted)
    inside = [judgement for event, judgement in counted if event.time >= span.start]
    return SpanUsage(
        None if quantity is None else rounded_quantity(meter, quantity),
        len(inside),
        tuple(each.quantity for each in inside if each.quantity is not None and each.value is None),
        {group: rounded_quantity(meter, cell) for group, cell in cells.items()},
    )


def usage_of_marks(
    meter: Meter,
    marks: Iterable[tuple[Group, Mark]],
    *,
    span: Span,
    period: Span | None = None,
    zone: str = "UTC",
) -> SpanUsage:
    """Return what a customer used in a span, from the marks a store kept of a meter that keeps them, by group.

    Law: it is what `usage_of` gives for the events.
    """
    since = _EVER if meter.carries else (period or span).start
    kept = sorted(
        ((mark, group) for group, mark in marks if since <= mark.time < span.end), key=lambda one: one[0]
    )

    def quantity_of(chosen: list[Mark]) -> Decimal | None:
        before = combine(
            meter.aggregate, (unit_of_mark(meter, one) for one in chosen if one.time < span.start)
        )
        within = combine(
            meter.aggregate, (unit_of_mark(meter, one) for one in chosen if one.time >= span.start)
        )
        return value_in(meter, within, span, before=before, period=period, zone=zone)

    groups: dict[Group, list[Mark]] = {}
    for mark, group in kept:
        groups.setdefault(group, []).append(mark)
    cells = {group: found for group, chosen in groups.items() if (found := quantity_of(chosen)) is not None}
    everything = [mark for mark, _ in kept]
    quantity = add(*cells.values()) if cells and meter.aggregate in _LEVELS else quantity_of(everything)
    inside = [mark for mark in everything if mark.time >= span.start]
    return SpanUsage(
        None if quantity is None else rounded_quantity(meter, quantity),
        len(inside),
        tuple(mark.quantity for mark in inside if mark.member is None),
        {group: rounded_quantity(meter, cell) for group, cell in cells.items()},
    )


def _state(meter: Meter, pairs: Iterable[tuple[Event, Judgement]]) -> SlotUsage:
    return combine(meter.aggregate, (unit(meter, event, judgement) for event, judgement in pairs))


def rounded_quantity(meter: Meter, quantity: Decimal) -> Decimal:
    """Return the quantity of a span as the meter rounds it."""
    return quantity if meter.rounding is None else rounded(quantity, meter.rounding)
