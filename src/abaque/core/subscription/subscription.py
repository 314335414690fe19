"""A subscription as a value: where it stands, what it was, what was invoiced for it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from abaque.core.fault import Fault
from abaque.core.money import Money

from .due import Due
from .history import History, Mode, Segment


class State(StrEnum):
    """Where a subscription is in its life. Cancelled: it has an end that somebody asked for, still to come."""

    PENDING = "pending"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What was invoiced of a charge: `net` after discounts, `listed` by the price list, for `due`'s span."""

    owner: str
    due: Due
    quantity: Decimal | None
    listed: Money
    net: Money

    @property
    def key(self) -> tuple[object, ...]:
        """What it is invoiced and credited as."""
        return self.due.claimed(self.owner, self.quantity)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A customer's agreement over time, billed in one zone from one anchor.

    `end` is an end somebody asked for, `planned` the history without it; `seen` the keys of events that were applied.
    """

    zone: str
    anchor: date | None = None
    history: History = ()
    invoiced: tuple[Invoiced, ...] = ()
    seen: tuple[str, ...] = ()
    end: datetime | None = None
    latest: datetime | None = None
    planned: History = ()

    def at(self, now: datetime) -> Segment:
        """Return the segment that holds `now`, the next one before the start or in a gap, else the last."""
        for segment in self.history:
            if segment.end is None or now < segment.end:
                return segment
        if not self.history:
            raise Fault("not_started")
        return self.history[-1]

    def state(self, now: datetime) -> State:
        """Return where it stands."""
        if not self.history:
            return State.PENDING
        segment = self.at(now)
        if segment.end is not None and segment.end <= now:
            return State.ENDED
        if now < segment.start:
            return State.PENDING
        if self.end is not None:
            return State.CANCELLED
        return _STATES[segment.mode]

    def paused(self, now: datetime) -> bool:
        """Return whether it rests, with an end to come or not."""
        segment = self.at(now)
        return segment.start <= now and segment.mode is Mode.PAUSED


_STATES = {Mode.TRIAL: State.TRIALING, Mode.ACTIVE: State.ACTIVE, Mode.PAUSED: State.PAUSED}


def noted(subscription: Subscription, invoiced: Invoiced, net: Money) -> Subscription:
    """Return the subscription knowing what was really invoiced, after discounts: credits follow it.

    Faults `unknown_invoiced`, `over_listed` (more than the price list says, or of the other sign).
    """
    if invoiced not in subscription.invoiced:
        raise Fault("unknown_invoiced", charge=invoiced.due.charge.code)
    if not min(0, invoiced.listed.minor) <= net.minor <= max(0, invoiced.listed.minor):
        raise Fault("over_listed", net=net, listed=invoiced.listed)
    known = tuple(replace(each, net=net) if each == invoiced else each for each in subscription.invoiced)
    return replace(subscription, invoiced=known)
