"""Lives for tests of the player."""

from datetime import UTC, datetime
from decimal import Decimal

from abaque.core.simulating import Life, play
from abaque.core.subscription import Cancel, Start
from abaque.core.tax import Rate

VAT = Rate("S", Decimal(20))


def lived(plan, start, usage=lambda _: Decimal(0), *, zone="Europe/Paris", end=None, happened=(), learnt=()):
    """A life of one plan, all of whose usage is known from the start unless `usage` asks when."""
    ends = () if end is None else ((start, Cancel("end", end)),)
    asks = usage if usage.__code__.co_argcount > 1 else lambda due, _: usage(due)
    return Life(zone, ((start, Start("start", plan)), *ends, *happened), asks, VAT, learnt)


def invoices(life, until=datetime(2100, 1, 1, tzinfo=UTC)):
    return [one.invoice for one in play(life, until=until) if one.invoice is not None]
