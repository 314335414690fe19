"""Beginning and ending: start, activation, trial, cancellation, reactivation, renewal."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from abaque.core.fault import Fault
from abaque.core.period import Cycle, ListedDates, local_day, local_midnight
from abaque.core.pricing import Term

from . import events as on
from .history import History, Mode, Segment, ended, prolonged
from .schedule import schedule_of
from .subscription import State, Subscription


def begun(subscription: Subscription, event: on.Event, now: datetime) -> Subscription | None:
    """Return the subscription after an event that begins or ends it, None for any other."""
    match event:
        case on.Start():
            return _start(replace(subscription, history=()), event, event.at or now)
        case on.Activate():
            segment = subscription.history[0]
            again = on.Start(event.key, segment.plan, now, segment.quantities, segment.addons)
            days = _trial_days(subscription.history, subscription.zone)
            return _lay_out(replace(subscription, history=()), again, now, days)
        case on.ExtendTrial(_, days):
            return _trial_until(subscription, now, days)
        case on.Convert():
            return _trial_until(subscription, now, None)
        case on.Cancel():
            return _cancel(subscription, event, now)
        case on.Reactivate():
            return _reactivate(subscription, event, now)
        case on.Renew():
            return _renew(subscription, now)
        case _:
            return None


def _start(subscription: Subscription, event: on.Start, at: datetime) -> Subscription:
    day = local_day(at, subscription.zone)
    days = event.plan.trial.days if event.plan.trial else 0
    used = (day - (event.trial_from or day)).days
    return _lay_out(subscription, event, at, max(0, days - max(0, used)))


def _lay_out(subscription: Subscription, event: on.Start, at: datetime, days: int) -> Subscription:
    """Lay the history out: the trial, then what is billed, anchored on the trial's end, to the end agreed."""
    zone, plan = subscription.zone, event.plan
    anchor = local_day(at, zone) + timedelta(days=days)
    billed = local_midnight(anchor, zone) if days else at
    schedule = schedule_of(plan, anchor, zone)
    end = None
    if isinstance(schedule, ListedDates):
        schedule.index_of(billed)
        end = schedule.boundary(len(schedule.days) - 1)
    elif plan.term is not None and not plan.term.renews:
        end = Cycle(anchor, plan.term.interval, zone).boundary(1)
    running = Segment(billed, end, plan, schedule, Mode.ACTIVE, event.quantities, event.addons, anchor)
    kept = tuple(segment for segment in subscription.history if segment.end and segment.end <= at)
    trial = (replace(running, start=at, end=billed, mode=Mode.TRIAL),) if days else ()
    return replace(subscription, anchor=anchor, history=(*kept, *trial, running), end=None, planned=())


def _trial_days(history: History, zone: str) -> int:
    first = history[0]
    if first.mode is not Mode.TRIAL or first.end is None:
        return 0
    return (local_day(first.end, zone) - local_day(first.start, zone)).days


def _trial_until(subscription: Subscription, now: datetime, longer: int | None) -> Subscription:
    """Move the trial's end; what follows is laid out anew from there. Converted on its first day: no trial."""
    trial = subscription.at(now)
    assert trial.end is not None
    zone = subscription.zone
    until: date = local_day(now, zone)
    if longer is not None:
        if longer < 1:
            raise Fault("bad_trial", days=longer)
        until = local_day(trial.end, zone) + timedelta(days=longer)
    days = (until - local_day(trial.start, zone)).days
    then = subscription.history[subscription.history.index(trial) + 1]
    again = on.Start("", then.plan, trial.start, then.quantities, then.addons)
    laid = _lay_out(subscription, again, trial.start, days)

    def tried(segment: Segment) -> Segment:
        """What was planned for after the trial does not change the trial itself."""
        if segment.start != trial.start or segment.mode is not Mode.TRIAL:
            return segment
        return replace(segment, plan=trial.plan, quantities=trial.quantities, addons=trial.addons)

    return replace(laid, history=tuple(tried(segment) for segment in laid.history))


def _cancel(subscription: Subscription, event: on.Cancel, now: datetime) -> Subscription:
    segment = subscription.at(now)
    if subscription.state(now) is State.PENDING:
        return replace(subscription, history=(), anchor=None)
    at = event.when
    if at is on.When.NOW:
        at = now
    elif at is on.When.PERIOD_END:
        at = segment.end if segment.mode is Mode.TRIAL and segment.end else period_end(segment, now)
    assert isinstance(at, datetime)
    if at < now:
        raise Fault("ends_before_now", at=at, now=now)
    planned = subscription.planned or subscription.history
    at = min(at, planned[-1].end or at)
    return replace(subscription, history=ended(planned, at), end=at, planned=planned)


def _reactivate(subscription: Subscription, event: on.Reactivate, now: datetime) -> Subscription:
    """Go on as was planned before the cancellation; after the end begin anew, with the days of trial that are left."""
    if subscription.state(now) is State.CANCELLED:
        return replace(subscription, history=subscription.planned, end=None, planned=())
    first, last = subscription.history[0], subscription.history[-1]
    tried_from = local_day(first.start, subscription.zone)
    again = on.Start(event.key, last.plan, now, last.quantities, last.addons, tried_from)
    if first.mode is not Mode.TRIAL:
        return _lay_out(subscription, again, now, 0)
    return _start(subscription, again, now)


def _renew(subscription: Subscription, now: datetime) -> Subscription:
    segment = subscription.at(now)
    term, end = segment.plan.term, subscription.history[-1].end
    if term is None or end is None or subscription.anchor is None:
        raise Fault("no_term", plan=segment.plan.code)
    return replace(subscription, history=prolonged(subscription.history, term_after(subscription, term, end)))


def term_after(subscription: Subscription, term: Term, start: datetime) -> datetime:
    """Return when a term that begins then is over, counted from the anchor if it begins with one of its terms."""
    zone = subscription.zone
    assert subscription.anchor is not None
    terms = Cycle(subscription.anchor, term.interval, zone)
    index = terms.index_of(start)
    if terms.boundary(index) != start:
        return Cycle(local_day(start, zone), term.interval, zone).boundary(1)
    return terms.boundary(index + 1)


def period_end(segment: Segment, now: datetime) -> datetime:
    """Return the instant the billing period that runs now ends."""
    return segment.schedule.period(segment.schedule.index_of(now)).end
