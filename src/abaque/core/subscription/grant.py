"""Allowances with an interval of their own: which of their periods a due part falls in, and what each grants."""

from dataclasses import dataclass, replace
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.period import Interval, Span, Unit

from .due import Due
from .proration import prorated_allowance, share_of
from .schedule import own_schedule
from .terms import Terms

_MONTH = Interval(Unit.MONTH)


@dataclass(frozen=True, slots=True)
class Grant:
    """Allowance period `index` grants `quantity` units; `span` is the part of it that is in the due part."""

    index: int
    span: Span
    quantity: Decimal


def grants(due: Due, terms: Terms) -> tuple[Grant, ...]:
    """Return the allowance periods a due part falls in, oldest first.

    A period grants what its charge prorates for the part of it that the subscription runs. An allowance with
    quantities by month has periods of a month, each with the quantity of the month it begins in. Each is opened
    in a pool and the usage of `span` drawn from it, one after the other; what is free in sum goes to `rate_due`.
    Law: the spans tile the due part. Fault `no_allowance`.
    """
    allowance = due.charge.allowance
    if allowance is None:
        raise Fault("no_allowance", charge=due.charge.code)
    interval = allowance.interval or (_MONTH if allowance.by_month else due.charge.interval)
    schedule = own_schedule(interval, terms)
    found: list[Grant] = []
    index = schedule.index_of(due.span.start)
    while (whole := schedule.period(index)).start < due.span.end:
        span = whole.overlap(due.span)
        running = whole.overlap(Span(terms.first, terms.last or whole.end))
        assert span is not None
        assert running is not None
        part = share_of(replace(due, whole=whole, span=running), schedule.zone)
        quantity = prorated_allowance(allowance.in_month(schedule.day(index).month), part)
        found.append(Grant(index, span, quantity))
        index += 1
    return tuple(found)
