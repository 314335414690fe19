"""Allowances: what is included, in pools with an interval of their own, some of it carried over."""

from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import add, subtract
from abaque.core.period import Interval, Unit

from .step import check_digits

_MONTHS = range(1, 13)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rollover:
    """Unused units stay usable for `periods` further allowance periods, at most `limit` of them at a time."""

    periods: int
    limit: Decimal | None = None

    def __post_init__(self) -> None:
        if self.periods < 1:
            raise Fault("bad_rollover", periods=self.periods)
        if self.limit is not None:
            check_allowance(self.limit)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Units included per `interval`, or per billing period of the charge where that is None.

    `by_month` gives calendar months (1 to 12) another quantity, for seasonal trades. Faults `bad_allowance`,
    `too_many_digits`, `bad_month`, `seasonal_needs_months`, `bad_rollover`.
    """

    quantity: Decimal
    interval: Interval | None = None
    by_month: tuple[tuple[int, Decimal], ...] = ()
    rollover: Rollover | None = None

    def __post_init__(self) -> None:
        check_allowance(self.quantity)
        months = [month for month, _ in self.by_month]
        if any(month not in _MONTHS for month in months) or len(set(months)) < len(months):
            raise Fault("bad_month", months=tuple(months))
        for _, quantity in self.by_month:
            check_allowance(quantity)
        if months and self.interval not in {None, Interval(Unit.MONTH)}:
            raise Fault("seasonal_needs_months")

    @property
    def pooled(self) -> bool:
        """Whether it remembers more than the billing period of its charge, so that it is drawn from a `Pool`."""
        return self.interval is not None or bool(self.by_month) or self.rollover is not None

    def in_month(self, month: int) -> Decimal:
        """Return the units included in a calendar month, 1 to 12."""
        return dict(self.by_month).get(month, self.quantity)


@dataclass(frozen=True, slots=True)
class Pool:
    """What is left of an allowance: units by the allowance period that granted them, oldest first."""

    grants: tuple[tuple[int, Decimal], ...] = ()

    @property
    def left(self) -> Decimal:
        """All units that may still be drawn."""
        return add(*(units for _, units in self.grants))


def opened(pool: Pool, allowance: Allowance, period: int, granted: Decimal) -> Pool:
    """Return the pool as allowance period number `period` begins with `granted` new units.

    What earlier periods left is kept as the rollover says: for so many periods, and up to its limit, the
    oldest being lost first. Periods are opened in turn, unused ones too, else what they grant is lost; opening
    one again changes nothing. Law: over any run of periods no more units are free than were granted.
    """
    if pool.grants and pool.grants[-1][0] >= period:
        return pool
    rollover = allowance.rollover
    kept: list[tuple[int, Decimal]] = []
    if rollover is not None:
        room = rollover.limit
        for number, units in reversed(pool.grants):
            if number + rollover.periods < period:
                break
            units_kept = units if room is None else min(units, room)
            room = None if room is None else subtract(room, units_kept)
            if units_kept:
                kept.insert(0, (number, units_kept))
    return Pool((*kept, (period, granted)))


def draw(pool: Pool, wanted: Decimal) -> tuple[Decimal, Pool]:
    """Return how many of the units wanted are free, and what is left. The oldest grants are drawn first."""
    free, left = _ZERO, []
    for number, units in pool.grants:
        taken = min(units, subtract(wanted, free))
        free = add(free, taken)
        left.append((number, subtract(units, taken)))
    return free, Pool(tuple(left))


def check_allowance(allowance: Decimal) -> None:
    """Refuse an allowance that is no number or below zero. Faults `bad_allowance`, `too_many_digits`."""
    if not isinstance(allowance, Decimal) or not allowance.is_finite() or allowance < 0:
        raise Fault("bad_allowance", allowance=allowance)
    check_digits(allowance)
