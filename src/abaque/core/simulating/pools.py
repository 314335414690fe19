"""Allowances that are pools of their own: opened period by period, drawn from in the order of billing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from abaque.core.money import add
from abaque.core.period import Interval, Span, Unit, local_day
from abaque.core.pricing import Allowance, Charge, Pool, Usage, draw, opened
from abaque.core.subscription import Due, Terms, prorated_allowance, share_of
from abaque.core.subscription.schedule import own_schedule

_MOMENT = timedelta(microseconds=1)
_MONTH = Interval(Unit.MONTH)


def pooled(charge: Charge) -> Allowance | None:
    """Return the allowance of a charge that is a pool of its own, None if it has none such."""
    allowance = charge.allowance
    if allowance is None:
        return None
    own = allowance.interval is not None or allowance.by_month or allowance.rollover is not None
    return allowance if own else None


def drawn(
    pool: Pool, allowance: Allowance, due: Due, terms: Terms, usage: Callable[[Due], Usage | Decimal]
) -> tuple[Decimal, Pool]:
    """Return how many units of a due charge are free, and what is left of its pool.

    Allowance periods lie on the plan's anchor. One with other quantities by month has those of the month it
    begins in, by local day; one that the subscription runs for in part grants that part. Where several lie in
    the span that is billed, each gives to the usage of its own days. Law: dues that follow each other draw
    together no more than what the periods they touch grant.
    """
    interval = allowance.interval or (_MONTH if allowance.by_month else due.charge.interval)
    schedule = own_schedule(interval, terms)
    free = Decimal(0)
    for index in range(schedule.index_of(due.span.start), schedule.index_of(due.span.end - _MOMENT) + 1):
        period = schedule.period(index)
        pool = opened(pool, allowance, index, _granted(allowance, period, due, terms))
        used = usage(replace(due, span=period.overlap(due.span) or due.span))
        taken, pool = draw(pool, used.quantity if isinstance(used, Usage) else used)
        free = add(free, taken)
    return free, pool


def _granted(allowance: Allowance, period: Span, due: Due, terms: Terms) -> Decimal:
    """Return the units of an allowance period, or of the part of it the subscription runs."""
    zone = terms.cycle.zone
    running = period.overlap(Span(terms.first, terms.last or period.end)) or period
    part = share_of(replace(due, whole=period, span=running), zone)
    return prorated_allowance(allowance.in_month(local_day(period.start, zone).month), part)
