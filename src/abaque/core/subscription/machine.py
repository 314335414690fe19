"""The life of a subscription, as one pure function. `_TABLE` says which event may come in which state.

An event edits the history from an instant on; what is owed follows from the difference (`settle`).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from abaque.core.fault import Fault

from . import events as on
from .changes import changed
from .settle import Owed, settle
from .starts import begun
from .subscription import State, Subscription

_ALWAYS = {on.Advance}
_RUNNING = {on.ChangePlan, on.Migrate, on.ChangeQuantity, on.AddAddOn, on.RemoveAddOn, on.Cancel}
_TABLE: dict[State, set[type]] = {
    State.PENDING: _ALWAYS | {on.Start, on.Activate, on.Cancel},
    State.TRIALING: _ALWAYS | _RUNNING | {on.ExtendTrial, on.Convert},
    State.ACTIVE: _ALWAYS | _RUNNING | {on.Pause, on.Renew, on.Move},
    State.PAUSED: _ALWAYS | _RUNNING | {on.Resume, on.Move},
    State.CANCELLED: _ALWAYS | {on.Cancel, on.Reactivate},
    State.ENDED: _ALWAYS | {on.Reactivate},
}


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event made of a subscription, and what is owed for it."""

    subscription: Subscription
    owed: tuple[Owed, ...] = ()


def step(subscription: Subscription, event: on.Event, now: datetime) -> Transition:
    """Return what the event makes of the subscription, and what is owed in advance at once.

    The same key again changes nothing and owes nothing. Laws: segments never overlap, each day of each charge
    is invoiced at most once net of credits, what was credited was invoiced. Faults: those of `moved`.
    """
    if event.key in subscription.seen:
        return Transition(subscription)
    return Transition(*settle(moved(subscription, event, now), now, type(event).__name__))


def moved(subscription: Subscription, event: on.Event, now: datetime) -> Subscription:
    """Return what the event makes of the subscription, nothing settled yet: several may come in one instant.

    Faults `not_in_state`, `out_of_order` (before the event that came last), and those of the event.
    """
    if event.key in subscription.seen:
        return subscription
    state, name = subscription.state(now), type(event).__name__
    if type(event) not in _TABLE[state] or (not subscription.history and not isinstance(event, on.Start)):
        raise Fault("not_in_state", state=state, event=name)
    if subscription.latest is not None and now < subscription.latest:
        raise Fault("out_of_order", event=name, at=now, latest=subscription.latest)
    after = begun(subscription, event, now)
    if after is None:
        after = changed(subscription, event, now)
    return replace(after, seen=(*subscription.seen, event.key), latest=now)
