"""Everything a subscription's history makes due."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.core.period import Schedule
from abaque.core.pricing import Charge, Plan

from .due import Due, due_of
from .history import History, Mode, Segment
from .phase import percent_off
from .subscription import Subscription
from .terms import Terms


@dataclass(frozen=True, slots=True)
class Billed:
    """A due charge, what it belongs to, the subscribed quantity it is rated on, and what its phase takes off."""

    owner: str
    due: Due
    quantity: Decimal | None
    plan: Plan
    percent_off: Decimal


@dataclass(frozen=True, slots=True)
class _Claim:
    owner: str
    charge: Charge
    quantity: Decimal | None
    schedule: Schedule


def bill(subscription: Subscription, *, until: datetime) -> tuple[Billed, ...]:
    """Return all that falls due up to and including `until`, oldest first.

    A trial owes nothing. While it is paused fixed fees rest and usage is billed as ever: nothing is lost. A
    change splits only the charges it changes; a plan's charges are all its own. Law: what is due of one charge
    never overlaps, whatever happened.
    """
    fees = _terms(subscription, {Mode.ACTIVE})
    usage = _terms(subscription, {Mode.ACTIVE, Mode.PAUSED})
    found: list[Billed] = []
    for metered, owned in ((False, fees), (True, usage)):
        for claim, plan, terms in _stretches(owned, metered=metered):
            found += [
                Billed(claim.owner, item, claim.quantity, plan, percent_off(plan, terms, item))
                for item in due_of(claim.charge, terms, until=until)
            ]
    return tuple(sorted(found, key=lambda item: (item.due.due_at, item.due.whole.start)))


def _terms(subscription: Subscription, modes: set[Mode]) -> list[tuple[Segment, Terms]]:
    """Return the segments of these modes with the days they own: the later one owns a day that two touch."""
    history: History = tuple(segment for segment in subscription.history if segment.mode in modes)
    found = []
    for place, segment in enumerate(history):
        alone = Terms(segment.start, segment.end, segment.schedule, anchor=subscription.anchor)
        following = history[place + 1] if place + 1 < len(history) else None
        succeeded = False
        if following is not None and alone.last is not None:
            succeeded = Terms(following.start, None, following.schedule).first < alone.last
        found.append((segment, Terms(alone.start, alone.end, alone.cycle, succeeded, alone.anchor)))
    return found


def _stretches(owned: list[tuple[Segment, Terms]], *, metered: bool) -> list[tuple[_Claim, Plan, Terms]]:
    """Return what each charge is claimed for without a change: neighbours with the same claim are one."""
    done: list[tuple[_Claim, Plan, Terms]] = []
    running: dict[_Claim, tuple[Plan, Terms]] = {}
    for segment, terms in owned:
        claims = [
            _Claim(owner, charge, dict(segment.quantities).get(charge.quantity or ""), segment.schedule)
            for owner, charge in segment.charges
            if (charge.meter is not None) is metered
        ]
        following: dict[_Claim, tuple[Plan, Terms]] = {}
        for claim in claims:
            before = running.pop(claim, None)
            start = terms.start
            if before is not None and before[1].end == start:
                start = before[1].start
            elif before is not None:
                done.append((claim, *before))
            following[claim] = (
                segment.plan,
                Terms(start, terms.end, terms.cycle, terms.succeeded, terms.anchor),
            )
        done += [(claim, *each) for claim, each in running.items()]
        running = following
    return [*done, *((claim, *each) for claim, each in running.items())]
