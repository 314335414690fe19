"""What the running period comes to so far: the next invoice, if nothing more were used. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.billing.offers import plan_of, terms_of
from abaque.core.money import Currency, Money, currency, total
from abaque.core.period import Alignment, Cycle, Interval, Span, Unit, local_day
from abaque.core.pricing import Charge, Rating
from abaque.core.subscription import Due, due, prorated_allowance, rate_due, share_of
from abaque.storage.models import Customer, Meter, Subscription
from abaque.storage.read.spans import Asked, measure


@dataclass(frozen=True, slots=True)
class Part:
    """One charge of the next invoice. `allowance` is in the meter's units, for `due.span`."""

    due: Due
    quantity: Decimal | None
    allowance: Decimal | None
    rating: Rating
    net: Money

    @property
    def charge(self) -> Charge:
        return self.due.charge


@dataclass(frozen=True, slots=True)
class Estimate:
    """`period` is the running one of the oldest subscription, the calendar month where there is none.

    `net` is before tax. Subscriptions in another currency than the customer's cannot exist.
    """

    period: Span
    previous: Span
    currency: Currency
    parts: tuple[Part, ...]

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
    owed = {pk: [each for one in those for each in _owed(one, now)] for pk, those in running.items()}
    used = _used(owed)
    return {
        customer.pk: _estimate(customer, running[customer.pk], owed[customer.pk], used, now)
        for customer in customers
    }


def _estimate(
    customer: Customer,
    subscriptions: Sequence[Subscription],
    owed: Sequence[Due],
    used: Mapping[tuple[int, int], Decimal],
    now: datetime,
) -> Estimate:
    cycle = terms_of(subscriptions[0]).cycle if subscriptions else _months(customer, now)
    index = cycle.index_of(now)
    return Estimate(
        period=cycle.period(index),
        previous=cycle.period(index - 1),
        currency=currency(customer.currency),
        parts=tuple(_part(customer, each, used.get((customer.pk, n))) for n, each in enumerate(owed)),
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


def _used(owed: Mapping[int, Sequence[Due]]) -> dict[tuple[int, int], Decimal]:
    """Return the usage of each metered due, by customer and place."""
    codes = {each.charge.meter for those in owed.values() for each in those if each.charge.meter}
    meters = dict(Meter.objects.filter(code__in=codes).values_list("code", "id"))
    places = [
        ((customer, n), Asked(meters[each.charge.meter], customer, each.span.start, each.span.end))
        for customer, those in owed.items()
        for n, each in enumerate(those)
        if each.charge.meter in meters
    ]
    measured = measure([asked for _, asked in places])
    return {place: found.quantity for (place, _), found in zip(places, measured, strict=True)}


def _part(customer: Customer, each: Due, used: Decimal | None) -> Part:
    quantity = None
    if each.charge.meter is not None:
        # A meter that is not published yet counted nothing; a sum may be below zero while a correction
        # is ahead of what it corrects: nothing so far.
        quantity = max(used or Decimal(0), Decimal(0))
    rating, net = rate_due(each, quantity, currency(customer.currency), customer.zone)
    included = each.charge.allowance
    allowance = (
        None if included is None else prorated_allowance(included.quantity, share_of(each, customer.zone))
    )
    return Part(each, quantity, allowance, rating, net)


def _months(customer: Customer, now: datetime) -> Cycle:
    day = local_day(now, customer.zone)
    return Cycle(day, Interval(Unit.MONTH, 1), customer.zone, Alignment.CALENDAR)
