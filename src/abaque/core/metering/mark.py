"""Events that set a level or move a member, in the order in which they decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One event kept with its identity. Ordered by event time, then receipt, then source and id.

    `quantity` is the level it sets, or 1 for a member that comes and -1 for one that goes; `member` is who.
    """

    time: datetime
    received: datetime
    source: str
    id: str
    quantity: Decimal
    member: str | None = None


def level_after(marks: Iterable[Mark]) -> Decimal | None:
    """Return the level the latest mark sets, None of nothing."""
    last = max(marks, default=None)
    return None if last is None else last.quantity


def members_after(marks: Iterable[Mark]) -> frozenset[str]:
    """Return who is there after the marks: those whose latest operation added them."""
    latest = {mark.member: mark.quantity for mark in sorted(marks)}
    return frozenset(member for member, sign in latest.items() if member is not None and sign > 0)
