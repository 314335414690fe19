"""Playing a subscription: the same functions as billing, in the same order, and no rule of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from abaque.core.invoicing import Line, Totals, totals
from abaque.core.pricing import Plan, Pool, Usage
from abaque.core.subscription import Due, Terms, due, rate_due
from abaque.core.tax import Rate

from .pools import drawn


@dataclass(frozen=True, slots=True)
class Played:
    """What one boundary invoices: every line that fell due then, zeros too, and their totals."""

    at: datetime
    lines: tuple[Line, ...]
    totals: Totals


def play(
    plan: Plan, terms: Terms, usage: Callable[[Due], Usage | Decimal], tax: Rate, *, until: datetime
) -> tuple[Played, ...]:
    """Return what is invoiced up to and including `until`, oldest first.

    `usage` gives the meter's value in a due charge's span, or the subscribed quantity, and is asked for charges
    that have one only; for an allowance that is a pool of its own, also in the part of the span that lies in each
    of its periods. Law: playing until a later instant begins with what playing until an earlier one gave.
    Faults: those of `rate_due`.
    """
    pools: dict[str, Pool] = {}

    def line(item: Due) -> Line:
        charge = item.charge
        counted = charge.meter is not None or charge.quantity is not None
        used = usage(item) if counted else None
        free, allowance = None, charge.allowance
        if allowance is not None and allowance.pooled:
            free, pools[charge.code] = drawn(pools.get(charge.code, Pool()), allowance, item, terms, usage)
        rating, net = rate_due(item, used, plan.currency, terms.cycle.zone, free=free)
        units = {step.unit for step in rating.steps}
        unit = units.pop() if len(units) == 1 else None
        return Line(charge.code, rating.quantity, unit, net, tax, item.span, rating.steps)

    found = []
    for at, items in groupby(due(plan, terms, until=until), key=lambda item: item.due_at):
        lines = tuple(line(item) for item in items)
        found.append(Played(at, lines, totals(lines)))
    return tuple(found)
