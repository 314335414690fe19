"""What the running period comes to so far: the next invoice, if nothing more were used. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from abaque.billing.offers import plan_of, terms_of
from abaque.core.money import Currency, Money, currency, divide, multiply, total
from abaque.core.period import Alignment, Cycle, Interval, Span, Unit, local_day
from abaque.core.pricing import Charge, Rating
from abaque.core.subscription import Due, due, prorated_allowance, rate_due, share_of
from abaque.storage.models import Customer, Meter, Subscription
from abaque.storage.read.spans import Asked, Measured, measure

# What only adds up goes on as it began; a maximum or a number of distinct values stays what it is.
_PACED = frozenset({"count", "sum"})
_MOMENT = timedelta(microseconds=1)
# A pace is told once a twentieth of the span has passed: before, one event would foretell a fortune.
_PACE_FROM = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One charge of the next invoice. `allowance` is in the meter's units, for `due.span`.

    `not_billable` counts what failed; `paced` says whether the quantity grows with time.
    """

    due: Due
    quantity: Decimal | None
    not_billable: int
    paced: bool
    allowance: Decimal | None
    rating: Rating
    net: Money

    @property
    def charge(self) -> Charge:
        return self.due.charge


@dataclass(frozen=True, slots=True)
class Running:
    """A subscription and what falls due at the end of its running period."""

    id: str
    external_id: str | None
    plan: str
    version: int
    period: Span
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """`period` is the running one of the oldest subscription, the calendar month where there is none.

    `net` is before tax. Subscriptions in another currency than the customer's cannot exist.
    """

    period: Span
    previous: Span
    currency: Currency
    subscriptions: tuple[Running, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """What falls due of all subscriptions, the oldest subscription first."""
        return tuple(part for each in self.subscriptions for part in each.parts)

    @property
    def net(self) -> Money:
        return total((part.net for part in self.parts), self.currency)


def estimate(customer: Customer, now: datetime) -> Estimate:
    """Rate what falls due at the end of the running period: its arrears so far, the next one's advance fees."""
    return estimates([customer], now)[customer.pk]


def estimates(customers: Sequence[Customer], now: datetime) -> dict[int, Estimate]:
    """Estimate several customers by internal id, with three statements for all of them together."""
    running: dict[int, list[Subscription]] = {customer.pk: [] for customer in customers}
    for one in _subscriptions(customers):
        if _runs(one, now):
            running[one.customer_id].append(one)
    owed = {one.pk: _owed(one, now) for those in running.values() for one in those}
    used = _used([one for those in running.values() for one in those], owed)
    return {customer.pk: _estimate(customer, running[customer.pk], owed, used, now) for customer in customers}


def at_this_pace(part: Part, zone: str, now: datetime) -> tuple[Decimal | None, Money] | None:
    """Return the quantity and net a charge comes to if use goes on as it did so far. `zone`: the customer's.

    A quantity that does not grow with time stays. None while the span has hardly begun: there is no pace yet.
    """
    span = part.due.span
    if not part.paced or not part.quantity or now >= span.end:
        return part.quantity, part.net
    gone, whole = (now - span.start) // _MOMENT, (span.end - span.start) // _MOMENT
    if gone * _PACE_FROM < whole:
        return None
    exponent = part.quantity.as_tuple().exponent
    assert isinstance(exponent, int)
    quantity = divide(multiply(part.quantity, Decimal(whole)), Decimal(gone), scale=max(0, -exponent))
    return quantity, rate_due(part.due, quantity, part.net.currency, zone)[1]


_Used = Mapping[tuple[int, int], tuple[Measured, bool]]


def _estimate(
    customer: Customer,
    subscriptions: Sequence[Subscription],
    owed: Mapping[int, Sequence[Due]],
    used: _Used,
    now: datetime,
) -> Estimate:
    cycle = terms_of(subscriptions[0]).cycle if subscriptions else _months(customer, now)
    index = cycle.index_of(now)
    return Estimate(
        period=cycle.period(index),
        previous=cycle.period(index - 1),
        currency=currency(customer.currency),
        subscriptions=tuple(_running(customer, one, owed[one.pk], used, now) for one in subscriptions),
    )


def _running(
    customer: Customer, one: Subscription, owed: Sequence[Due], used: _Used, now: datetime
) -> Running:
    cycle = terms_of(one).cycle
    return Running(
        id=one.public_id,
        external_id=one.external_id,
        plan=one.plan_version.plan.code,
        version=one.plan_version.version,
        period=cycle.period(cycle.index_of(now)),
        parts=tuple(_part(customer, each, used.get((one.pk, n))) for n, each in enumerate(owed)),
    )


def _subscriptions(customers: Sequence[Customer]) -> list[Subscription]:
    found = Subscription.objects.filter(customer__in=[customer.pk for customer in customers])
    return list(found.select_related("customer", "plan_version__plan").order_by("starts_at", "id"))


def _runs(subscription: Subscription, now: datetime) -> bool:
    terms = terms_of(subscription)
    return terms.first <= now and (terms.last is None or now < terms.last)


def _owed(subscription: Subscription, now: datetime) -> list[Due]:
    """Return what falls due after now, up to the end of the period that runs."""
    terms = terms_of(subscription)
    end = terms.cycle.period(terms.cycle.index_of(now)).end
    return [each for each in due(plan_of(subscription), terms, until=end) if each.due_at > now]


def _used(subscriptions: Sequence[Subscription], owed: Mapping[int, Sequence[Due]]) -> _Used:
    """Return the usage of each metered due, by subscription and place, and whether it grows with time."""
    codes = {each.charge.meter for those in owed.values() for each in those if each.charge.meter}
    found = Meter.objects.filter(code__in=codes).values_list("code", "id", "aggregate")
    meters = {code: (id_, aggregate in _PACED) for code, id_, aggregate in found}
    places = [
        ((one.pk, n), each, meters[each.charge.meter], one.customer_id)
        for one in subscriptions
        for n, each in enumerate(owed[one.pk])
        if each.charge.meter in meters
    ]
    measured = measure(
        [Asked(meter, customer, each.span.start, each.span.end) for _, each, (meter, _), customer in places]
    )
    return {place: (usage, paced) for (place, _, (_, paced), _), usage in zip(places, measured, strict=True)}


def _part(customer: Customer, each: Due, used: tuple[Measured, bool] | None) -> Part:
    usage, paced = used or (Measured(0, Decimal(0), 0), False)
    quantity = None
    if each.charge.meter is not None:
        # A meter that is not published yet counted nothing; a sum may be below zero while a correction
        # is ahead of what it corrects: nothing so far.
        quantity = max(usage.quantity, Decimal(0))
    rating, net = rate_due(each, quantity, currency(customer.currency), customer.zone)
    included = each.charge.allowance
    allowance = (
        None if included is None else prorated_allowance(included.quantity, share_of(each, customer.zone))
    )
    return Part(each, quantity, usage.not_billable, paced, allowance, rating, net)


def _months(customer: Customer, now: datetime) -> Cycle:
    day = local_day(now, customer.zone)
    return Cycle(day, Interval(Unit.MONTH, 1), customer.zone, Alignment.CALENDAR)
