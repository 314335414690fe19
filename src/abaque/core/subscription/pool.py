"""Allowances that are pools of their own: opened period by period, drawn from in the order of billing."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from abaque.core.money import add
from abaque.core.pricing import Allowance, Pool, Usage, draw, opened

from .due import Due
from .grant import grants
from .terms import Terms


def drawn(
    pool: Pool, allowance: Allowance, due: Due, terms: Terms, usage: Callable[[Due], Usage | Decimal]
) -> tuple[Decimal, Pool]:
    """Return how many units of a due charge are free, and what is left of its pool.

    Where several allowance periods lie in the span that is billed, each gives to the usage of its own days.
    Law: dues that follow each other draw together no more than what the periods they touch grant.
    """
    free = Decimal(0)
    for grant in grants(due, terms):
        pool = opened(pool, allowance, grant.index, grant.quantity)
        used = usage(replace(due, span=grant.span))
        taken, pool = draw(pool, used.quantity if isinstance(used, Usage) else used)
        free = add(free, taken)
    return free, pool
