"""One event before one meter, by itself. What other events change about it is decided in the fold."""

from datetime import datetime
from decimal import Decimal

from .attribute import as_number, as_word, attribute
from .event import Event, Fate, Judgement
from .meter import Aggregate, Meter


def judge(event: Event, meter: Meter, *, horizon: datetime | None = None) -> Judgement:
    """Return what the meter makes of the event, looking at no other event.

    In this order: an event nobody can place (no customer, or later than `horizon`, where one is given) is
    quarantined; one that failed, then one that is filtered out, is not billable; one whose value is missing or
    no number is quarantined; the rest counts.
    """
    if not meter.concerns(event):
        return Judgement(Fate.RECORDED)
    operation = as_word(attribute(event.data, meter.operation)) if meter.operation is not None else None
    group = tuple(as_word(attribute(event.data, path)) for path in meter.group_by)

    def because(fate: Fate, reason: str) -> Judgement:
        return Judgement(fate, reason, group=group, operation=operation)

    if event.customer is None:
        return because(Fate.QUARANTINED, "unknown_customer")
    if horizon is not None and event.time > horizon:
        return because(Fate.QUARANTINED, "future")
    if meter.outcome is not None and meter.outcome.failed(attribute(event.data, meter.outcome.attribute)):
        return because(Fate.NOT_BILLABLE, "failure")
    if not all(condition.met_by(attribute(event.data, condition.attribute)) for condition in meter.where):
        return because(Fate.NOT_BILLABLE, "filtered")
    if meter.aggregate is Aggregate.COUNT or meter.value is None:
        return Judgement(Fate.COUNTED, None, Decimal(1), None, group, operation)
    found = attribute(event.data, meter.value)
    if found is None:
        return because(Fate.QUARANTINED, "missing_value")
    if meter.aggregate is Aggregate.UNIQUE:
        word = as_word(found)
        if word is None:
            return because(Fate.QUARANTINED, "bad_value")
        return Judgement(Fate.COUNTED, None, None, word, group, operation)
    number = as_number(found)
    if number is None:
        return because(Fate.QUARANTINED, "bad_value")
    return Judgement(Fate.COUNTED, None, number, None, group, operation)
