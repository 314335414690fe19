"""Changing what is subscribed: plan, version, quantities, add-ons, pause."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from abaque.core.fault import Fault
from abaque.core.period import days_in
from abaque.core.pricing import Plan, rate

from . import events as on
from .history import AddOn, Mode, Segment, edited
from .schedule import own_schedule, schedule_of
from .starts import period_end
from .subscription import Subscription
from .terms import Terms


def changed(subscription: Subscription, event: on.Event, now: datetime) -> Subscription:
    """Return the subscription after an event that changes what is subscribed."""
    segment = subscription.at(now)
    match event:
        case on.ChangePlan(_, plan, when):
            when = when or (on.When.NOW if is_upgrade(subscription, plan, now) else on.When.PERIOD_END)
            return _to_plan(subscription, plan, _instant(segment, when, now))
        case on.Migrate(_, plan):
            if plan.code != segment.plan.code:
                raise Fault("other_plan", plan=plan.code, running=segment.plan.code)
            return _to_plan(subscription, plan, _instant(segment, on.When.PERIOD_END, now))
        case on.Pause(_, credit):
            at = now if credit else period_end(segment, now)
            return _edit(subscription, at, lambda each: replace(each, mode=Mode.PAUSED))
        case on.Resume():
            return _edit(subscription, now, lambda each: replace(each, mode=Mode.ACTIVE))
        case on.ChangeQuantity(_, name, quantity, when):
            if quantity < 0:
                raise Fault("negative_quantity", quantity=quantity)

            def requantified(each: Segment) -> Segment:
                return replace(
                    each, quantities=tuple(sorted({**dict(each.quantities), name: quantity}.items()))
                )

            return _edit(subscription, _instant(segment, when, now), requantified)
        case on.AddAddOn(_, addon, when):
            return _edit(
                subscription,
                _instant(segment, when, now),
                lambda each: replace(each, addons=(*_without(each, addon.code), addon)),
            )
        case on.RemoveAddOn(_, code, when):
            return _edit(
                subscription,
                _instant(segment, when, now),
                lambda each: replace(each, addons=_without(each, code)),
            )
        case _:
            return subscription


def is_upgrade(subscription: Subscription, plan: Plan, now: datetime) -> bool:
    """Whether a plan's fixed fees at today's quantities cost as much per day as the running plan's, or more.

    Usage is left out: nobody knows it beforehand. Fees in another currency: an upgrade.
    """
    segment = subscription.at(now)
    if plan.currency != segment.plan.currency:
        return True
    return _per_day(subscription, plan, segment, now) >= _per_day(subscription, segment.plan, segment, now)


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
            fees += Fraction(exact) / days_in(period, zone)
    return fees


def _to_plan(subscription: Subscription, plan: Plan, at: datetime) -> Subscription:
    assert subscription.anchor is not None
    schedule = schedule_of(plan, subscription.anchor, subscription.zone)
    return _edit(subscription, at, lambda each: replace(each, plan=plan, schedule=schedule))


def _edit(subscription: Subscription, at: datetime, edit: Callable[[Segment], Segment]) -> Subscription:
    return replace(subscription, history=edited(subscription.history, at, edit))


def _instant(segment: Segment, when: on.When, now: datetime) -> datetime:
    return now if when is on.When.NOW else period_end(segment, now)


def _without(segment: Segment, code: str) -> tuple[AddOn, ...]:
    return tuple(addon for addon in segment.addons if addon.code != code)
