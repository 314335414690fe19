"""Events that set or change a level or move a member, in the order in which they decide."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.core.money import add


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One event kept with its identity. Ordered by event time, then receipt, then source and id.

    `quantity` is the level it sets, or by how much it changes the level if `changes`; for members 1 for one
    that comes and -1 for one that goes, and `member` is who.
    """

    time: datetime
    received: datetime
    source: str
    id: str
    quantity: Decimal
    member: str | None = None
    changes: bool = False

    def after(self, level: Decimal) -> Decimal:
        """Return the level after it, from the one before. Levels go below zero where changes take them there."""
        return add(level, self.quantity) if self.changes else self.quantity


def level_after(marks: Iterable[Mark]) -> Decimal | None:
    """Return the level the marks leave behind, zero before the first of them; None of nothing."""
    level: Decimal | None = None
    for mark in sorted(marks):
        level = mark.after(level if level is not None else Decimal(0))
    return level


def levels_held(marks: Iterable[Mark], level: Decimal, start: datetime) -> Iterator[Decimal]:
    """Yield each level that held from `start` on, where `level` was left by what came before.

    Marks of one instant are one step: a level that lasted no time was not held, so that the order in which
    they came makes no peak of its own.
    """
    at = start
    for mark in sorted(marks):
        if mark.time > at:
            yield level
        at, level = mark.time, mark.after(level)
    yield level


def members_after(marks: Iterable[Mark]) -> frozenset[str]:
    """Return who is there after the marks: those whose latest operation added them."""
    latest = {mark.member: mark.quantity for mark in sorted(marks)}
    return frozenset(member for member, sign in latest.items() if member is not None and sign > 0)
