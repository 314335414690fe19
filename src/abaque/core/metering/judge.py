"""One event before one meter, by itself. What other events change about it is decided in the fold."""

from datetime import datetime
from decimal import Decimal

from .attribute import as_number, as_word, attribute
from .event import Event, Fate, Judgement
from .meter import Aggregate, Meter


def judge(event: Event, meter: Meter, *, horizon: datetime | None = None) -> Judgement:
    """Return what the meter makes of the event, looking at no other event.

    In this order: an event nobody can place (no customer, or later than `horizon`, where one is given) is
    quarantined; one that failed, then one that is filtered out, is not billable; one whose value is missing
    or no number is quarantined; the rest counts.
    """
    if not meter.concerns(event):
        return Judgement(Fate.RECORDED)
    operation = as_word(attribute(event.data, meter.operation)) if meter.operation is not None else None
    group = tuple(as_word(attribute(event.data, path)) for path in meter.group_by)
    obstacle = _obstacle(event, meter, horizon)
    if obstacle is not None:
        return Judgement(*obstacle, group=group, operation=operation)
    found = None if meter.value is None else attribute(event.data, meter.value)
    quantity, word = _worth(meter.aggregate, found)
    if meter.change is not None and word is not None:
        found = attribute(event.data, meter.change.attribute)
        quantity = meter.change.sign(found)
        word = word if quantity is not None else None
    if quantity is None and word is None:
        reason = "missing_value" if found is None else "bad_value"
        return Judgement(Fate.QUARANTINED, reason, group=group, operation=operation)
    return Judgement(Fate.COUNTED, None, quantity, word, group, operation)


def _obstacle(event: Event, meter: Meter, horizon: datetime | None) -> tuple[Fate, str] | None:
    """Return why the event cannot count whatever its value, the first reason that holds."""
    if event.customer is None:
        return Fate.QUARANTINED, "unknown_customer"
    if horizon is not None and event.time > horizon:
        return Fate.QUARANTINED, "future"
    if meter.outcome is not None and meter.outcome.failed(attribute(event.data, meter.outcome.attribute)):
        return Fate.NOT_BILLABLE, "failure"
    if not all(one.met(event.data) for one in (*meter.where, *meter.filters)):
        return Fate.NOT_BILLABLE, "filtered"
    return None


def _worth(aggregate: Aggregate, found: object) -> tuple[Decimal | None, str | None]:
    """Return the quantity an event adds, or the word a unique meter remembers; neither if it has none."""
    match aggregate:
        case Aggregate.COUNT:
            return Decimal(1), None
        case Aggregate.UNIQUE:
            return None, as_word(found)
        case _:
            return as_number(found), None
