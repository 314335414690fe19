"""Allowances with an interval of their own: which of their periods a due part falls in, and what each grants."""

from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.period import Span, days_in
from abaque.core.pricing import Prorate

from .due import Due
from .proration import Share, prorated_allowance
from .schedule import own_schedule
from .terms import Terms


@dataclass(frozen=True, slots=True)
class Grant:
    """Allowance period `index` grants `quantity` units; `span` is the part of it that is in the due part."""

    index: int
    span: Span
    quantity: Decimal


def grants(due: Due, terms: Terms) -> tuple[Grant, ...]:
    """Return the allowance periods a due part falls in, oldest first.

    A period grants by the days of it that the subscription runs; months with a quantity of their own are those
    in which it begins. Each is opened in a pool and the usage of `span` drawn from it, one after the other;
    what is free in sum goes to `rate_due`. Law: the spans tile the due part. Fault `no_allowance`.
    """
    allowance = due.charge.allowance
    if allowance is None:
        raise Fault("no_allowance", charge=due.charge.code)
    schedule = own_schedule(allowance.interval or due.charge.interval, terms)
    found: list[Grant] = []
    index = schedule.index_of(due.span.start)
    while (whole := schedule.period(index)).start < due.span.end:
        span = whole.overlap(due.span)
        assert span is not None
        before = days_in(Span(whole.start, max(whole.start, terms.first)), schedule.zone)
        last = whole.end if terms.last is None else min(whole.end, terms.last)
        part = Share(
            before,
            days_in(Span(whole.start, last), schedule.zone),
            days_in(whole, schedule.zone),
            Prorate.DAY,
        )
        quantity = prorated_allowance(allowance.in_month(schedule.day(index).month), part)
        found.append(Grant(index, span, quantity))
        index += 1
    return tuple(found)
