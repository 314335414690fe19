"""Everything a subscription's history makes due."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from abaque.core.period import Schedule, Span
from abaque.core.pricing import Bill, Charge, Flat, Plan, Prorate
from abaque.core.pricing.plan import MINIMUM, TRUE_UP

from .due import Due, due_of
from .history import History, Mode, Segment
from .phase import percent_off
from .subscription import Subscription
from .terms import Terms

_FOREVER = datetime.max.replace(tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Billed:
    """A due charge, what it belongs to, the subscribed quantity it is rated on, and what its phase takes off.

    `plan` is the one that runs at its `moment`; an add-on may outlast it. `terms`: how long the charge stands
    unchanged, on which schedule.
    """

    owner: str
    due: Due
    quantity: Decimal | None
    plan: Plan
    terms: Terms
    percent_off: Decimal

    @property
    def key(self) -> tuple[object, ...]:
        """What it is invoiced and credited as."""
        return self.due.claimed(self.owner, self.quantity)

    @property
    def moment(self) -> datetime:
        """An instant of the plan's period it is billed with: its first, or in arrears its last."""
        return _moment(self.due, self.terms)


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
    found = [
        *_billed(fees, _by_second, until, whole_days=False),
        *_billed(fees, _by_day, until),
        *_billed(usage, _metered, until),
    ]
    return tuple(sorted(found, key=lambda item: (item.due.due_at, item.due.whole.start)))


def minimums(subscription: Subscription, *, until: datetime) -> tuple[tuple[Billed, tuple[Span, ...]], ...]:
    """Return the minimum spends and commitments whose periods are over, each with the spans it counts for.

    A trial commits to nothing, nor do the days of a pause. Oldest first, minimum spends before commitments.
    """
    running = _terms(subscription, {Mode.ACTIVE, Mode.PAUSED})
    committed = [
        Span(terms.first, max(terms.first, terms.last or _FOREVER))
        for _, terms in _terms(subscription, {Mode.ACTIVE})
    ]
    found = []
    for item in _billed(running, _bounds, until):
        spans = (span.overlap(item.due.span) for span in committed)
        found.append((item, tuple(span for span in spans if span is not None)))
    return tuple(sorted(found, key=lambda each: (each[0].due.due_at, each[0].due.charge.code == TRUE_UP)))


def running(subscription: Subscription) -> dict[tuple[str, int], list[Span]]:
    """Return the days on which each plan version, by code and number, bills anything."""
    found: dict[tuple[str, int], list[Span]] = {}
    for segment, terms in _terms(subscription, {Mode.ACTIVE, Mode.PAUSED}):
        if terms.last is None or terms.first < terms.last:
            owned = Span(terms.first, terms.last or _FOREVER)
            found.setdefault((segment.plan.code, segment.plan.version), []).append(owned)
    return found


def _metered(segment: Segment) -> Iterable[tuple[str, Charge]]:
    return (each for each in segment.charges if each[1].meter is not None)


def _by_day(segment: Segment) -> Iterable[tuple[str, Charge]]:
    return (
        each for each in segment.charges if each[1].meter is None and each[1].prorate is not Prorate.SECOND
    )


def _by_second(segment: Segment) -> Iterable[tuple[str, Charge]]:
    return (each for each in segment.charges if each[1].meter is None and each[1].prorate is Prorate.SECOND)


def _bounds(segment: Segment) -> Iterable[tuple[str, Charge]]:
    """Yield the least a plan's periods come to as charges: due when the period is over, for all of it."""
    plan, owner = segment.plan, segment.owner
    if plan.minimum is not None:
        yield owner, Charge(MINIMUM, Flat(plan.minimum))
    if plan.commitment is not None:
        yield owner, Charge(TRUE_UP, Flat(plan.commitment.amount), interval=plan.commitment.interval)


def _billed(
    owned: list[tuple[Segment, Terms]],
    charges: Callable[[Segment], Iterable[tuple[str, Charge]]],
    until: datetime,
    *,
    whole_days: bool = True,
) -> list[Billed]:
    found = []
    if whole_days:
        owned = [each for each in owned if each[1].last is None or each[1].first < each[1].last]
    for claim, terms in _stretches(owned, charges, whole_days=whole_days):
        for item in due_of(claim.charge, terms, until=until):
            plan = _plan_at(owned, _moment(item, terms))
            off = percent_off(plan, terms, item)
            found.append(Billed(claim.owner, item, claim.quantity, plan, terms, off))
    return found


def _moment(due: Due, terms: Terms) -> datetime:
    if due.charge.bill is Bill.ADVANCE:
        return due.span.start
    return min(due.span.end, terms.last or due.span.end) - _MOMENT


def _plan_at(owned: list[tuple[Segment, Terms]], moment: datetime) -> Plan:
    """Return the plan that owns an instant, or the last one before it."""
    begun = [segment.plan for segment, terms in owned if terms.first <= moment]
    return begun[-1] if begun else owned[0][0].plan


def _terms(subscription: Subscription, modes: set[Mode]) -> list[tuple[Segment, Terms]]:
    """Return the segments of these modes with the days they own: the later one owns a day that two touch."""
    history: History = tuple(segment for segment in subscription.history if segment.mode in modes)
    found = []
    for place, segment in enumerate(history):
        alone = Terms(segment.start, segment.end, segment.schedule, anchor=segment.anchor)
        if alone.end is not None and place + 1 < len(history):
            following = history[place + 1]
            alone = replace(alone, successor=Terms(following.start, None, following.schedule).first)
        found.append((segment, alone))
    return found


def _stretches(
    owned: list[tuple[Segment, Terms]],
    charges: Callable[[Segment], Iterable[tuple[str, Charge]]],
    *,
    whole_days: bool,
) -> list[tuple[_Claim, Terms]]:
    """Return what each charge is claimed for without a change: neighbours with the same claim are one.

    What is counted by days has neighbours by days: what changed and came back within a day changed nothing.
    """
    done: list[tuple[_Claim, Terms]] = []
    running: dict[_Claim, Terms] = {}
    for segment, terms in owned:
        claims = [
            _Claim(owner, charge, dict(segment.quantities).get(charge.quantity or ""), segment.schedule)
            for owner, charge in charges(segment)
        ]
        following: dict[_Claim, Terms] = {}
        for claim in claims:
            before = running.pop(claim, None)
            start = terms.start
            if before is not None and _neighbours(before, terms, whole_days=whole_days):
                start = before.start
            elif before is not None:
                done.append((claim, before))
            following[claim] = replace(terms, start=start)
        done += running.items()
        running = following
    done += running.items()
    return [(claim, _with_its_last_day(claim, terms, done)) for claim, terms in done]


def _neighbours(one: Terms, following: Terms, *, whole_days: bool) -> bool:
    return one.last == following.first if whole_days else one.end == following.start


def _with_its_last_day(claim: _Claim, terms: Terms, all_: list[tuple[_Claim, Terms]]) -> Terms:
    """Return the terms with the day of the change, if nobody else claims the meter's usage of that day."""
    if claim.charge.meter is None or terms.successor is None:
        return terms
    whole = replace(terms, successor=None)
    assert whole.end is not None
    assert whole.last is not None
    for other, others in all_:
        same = other.charge.meter == claim.charge.meter and others is not terms
        if same and whole.end <= others.start and others.first < whole.last:
            return terms
    return whole
