"""Changing what is subscribed: plan, version, quantities, add-ons, pause."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from abaque.core.fault import Fault
from abaque.core.period import (
    ListedDates,
    Timeline,
    Unit,
    change,
    check_zone,
    days_in,
    local_day,
    local_midnight,
    zone_at,
)
from abaque.core.pricing import Plan, rate

from . import events as on
from .history import AddOn, History, Mode, Segment, edited, ended, prolonged
from .schedule import own_schedule, schedule_of
from .starts import period_end, term_after
from .subscription import Subscription
from .terms import Terms

Edit = Callable[[Segment], Segment]
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.YEAR: 365}


def changed(subscription: Subscription, event: on.Event, now: datetime) -> Subscription:
    """Return the subscription after an event that changes what is subscribed."""
    match event:
        case on.ChangePlan(_, plan, when):
            _check_currency(subscription, plan, now)
            upgrade = is_upgrade(subscription, plan, now)
            when = when or (on.When.NOW if upgrade else on.When.PERIOD_END)
            return _to_plan(subscription, plan, when, now)
        case on.Migrate(_, plan):
            _check_currency(subscription, plan, now)
            running = subscription.at(now).plan
            if plan.code != running.code:
                raise Fault("other_plan", plan=plan.code, running=running.code)
            return _to_plan(subscription, plan, on.When.PERIOD_END, now)
        case on.ChangeQuantity(_, name, quantity, when):
            return _edit(subscription, when, now, _quantity(name, quantity))
        case on.AddAddOn(_, addon, when):
            return _edit(subscription, when, now, _addon(addon.code, (addon,)))
        case on.RemoveAddOn(_, code, when):
            return _edit(subscription, when, now, _addon(code, ()))
        case on.Move(_, zone):
            return _move(subscription, zone, now)
        case on.Pause(_, credit):
            return _edit(subscription, on.When.NOW if credit else on.When.PERIOD_END, now, _mode(Mode.PAUSED))
        case on.Resume():
            return _edit(subscription, on.When.NOW, now, _mode(Mode.ACTIVE))
        case _:
            return subscription


def is_upgrade(subscription: Subscription, plan: Plan, now: datetime) -> bool:
    """Whether a plan's fixed fees at today's quantities cost as much per day as the running plan's, or more.

    Usage is left out: nobody knows it beforehand. Going over to a shorter interval is none: what was paid for longer
    is used first.
    """
    segment = subscription.at(now)
    if _length(plan) < _length(segment.plan):
        return False
    return _per_day(subscription, plan, segment, now) >= _per_day(subscription, segment.plan, segment, now)


def _move(subscription: Subscription, zone: str, now: datetime) -> Subscription:
    """Let the running period end at a midnight of the new zone, by the rule of a timeline: no gap and no sliver."""
    there = check_zone(zone)
    subscription = _stay(subscription, now)
    was = subscription.at(now).schedule
    if there == zone_at(was, now):
        return replace(subscription, zone=there)
    assert not isinstance(was, Timeline)
    steady = replace(was, zone=there)
    timeline = change(Timeline(was), steady, now)

    def before(segment: Segment) -> Segment:
        return replace(segment, schedule=timeline) if segment.schedule == was else segment

    starts = timeline.turns[-1].starts
    history = _shifted(
        subscription.history, now, (period_end(subscription.at(now), now), was.zone), (starts, there)
    )
    turned = edited(
        tuple(before(segment) for segment in history),
        starts,
        lambda segment: replace(segment, schedule=steady),
    )
    return replace(subscription, zone=there, history=turned)


def _stay(subscription: Subscription, now: datetime) -> Subscription:
    """Take back a move that has not come yet."""
    timeline = subscription.at(now).schedule
    if not isinstance(timeline, Timeline):
        return subscription
    turn = timeline.turns[-1]

    def back(segment: Segment) -> Segment:
        moved = segment.schedule == timeline or (
            segment.start >= turn.starts and segment.schedule == turn.schedule
        )
        return replace(segment, schedule=timeline.first) if moved else segment

    first = timeline.first
    ends = first.period(first.index_of(now)).end
    history = _shifted(
        tuple(back(segment) for segment in subscription.history),
        now,
        (turn.starts, turn.schedule.zone),
        (ends, first.zone),
    )
    return replace(subscription, zone=first.zone, history=edited(history, ends, lambda segment: segment))


def _shifted(
    history: History, now: datetime, old: tuple[datetime, str], new: tuple[datetime, str]
) -> History:
    """Return the history with what is planned at the period's end, or at a later midnight, at that of another zone.

    `old` and `new` are the end of the running period and the zone it is of.
    """

    def shift(instant: datetime) -> datetime:
        if instant <= now:
            return instant
        if instant == old[0]:
            return new[0]
        return max(new[0], local_midnight(local_day(instant, old[1]), new[1]))

    return tuple(
        replace(segment, start=shift(segment.start), end=segment.end and shift(segment.end))
        for segment in history
    )


def _check_currency(subscription: Subscription, plan: Plan, now: datetime) -> None:
    """Refuse a plan in another currency: currencies never meet on an invoice. End, and begin anew."""
    running = subscription.at(now).plan
    if plan.currency != running.currency:
        raise Fault("other_currency", plan=plan.code, ours=running.currency.code, theirs=plan.currency.code)


def _length(plan: Plan) -> int:
    """Return about how many days a period of the plan has; a list of dates counts as its interval."""
    return _DAYS[plan.interval.unit] * plan.interval.count


def _per_day(subscription: Subscription, plan: Plan, segment: Segment, now: datetime) -> Fraction:
    assert subscription.anchor is not None
    zone = subscription.zone
    terms = Terms(now, None, schedule_of(plan, subscription.anchor, zone), anchor=subscription.anchor)
    quantities, fees = dict(segment.quantities), Fraction(0)
    for charge in plan.charges:
        if charge.meter is None:
            schedule = own_schedule(charge.interval, terms)
            period = schedule.period(schedule.index_of(now))
            exact = rate(charge.price, quantities.get(charge.quantity or "", Decimal(1))).exact
            fees += Fraction(exact) * Fraction(1, days_in(period, zone))
    return fees


def _to_plan(subscription: Subscription, plan: Plan, when: on.When, now: datetime) -> Subscription:
    """Change the plan where the customer lives now; a move that has not come yet comes at that plan's period end."""
    stays = _stay(subscription, now)
    after = _edit(stays, when, now, _plan(stays, plan), plan)
    return after if subscription.zone == stays.zone else _move(after, subscription.zone, now)


def _plan(subscription: Subscription, plan: Plan) -> Edit:
    assert subscription.anchor is not None
    schedule = schedule_of(plan, subscription.anchor, subscription.zone)
    return lambda segment: replace(segment, plan=plan, schedule=schedule)


def _quantity(name: str, quantity: Decimal) -> Edit:
    return lambda segment: replace(
        segment, quantities=tuple(sorted({**dict(segment.quantities), name: quantity}.items()))
    )


def _addon(code: str, instead: tuple[AddOn, ...]) -> Edit:
    return lambda segment: replace(
        segment, addons=(*(addon for addon in segment.addons if addon.code != code), *instead)
    )


def _mode(mode: Mode) -> Edit:
    return lambda segment: replace(segment, mode=mode)


def _edit(
    subscription: Subscription, when: on.When, now: datetime, edit: Edit, plan: Plan | None = None
) -> Subscription:
    """Edit from now or from the period's end on. A trial's period ends with the trial."""
    segment = subscription.at(now)
    at = now
    if when is on.When.PERIOD_END:
        at = segment.end if segment.mode is Mode.TRIAL and segment.end else period_end(segment, now)
    history = edited(subscription.history, at, edit)
    if plan is not None:
        end = _agreed_end(subscription, segment, plan, at)
        history = prolonged(history, None)
        history = history if end is None else ended(history, end)
    return replace(subscription, history=history)


def _agreed_end(subscription: Subscription, segment: Segment, plan: Plan, at: datetime) -> datetime | None:
    """Return when a subscription ends that goes over to a plan: a fixed term begins then, a list of days is its own.

    What was agreed before stays, but for the end of a list that is left.
    """
    schedule = schedule_of(plan, local_day(at, subscription.zone), subscription.zone)
    if isinstance(schedule, ListedDates):
        schedule.index_of(at)
        return schedule.boundary(len(schedule.days) - 1)
    if plan.term is not None and not plan.term.renews and segment.plan.term != plan.term:
        return term_after(subscription, plan.term, at)
    if isinstance(segment.schedule, ListedDates):
        return None
    return subscription.history[-1].end
