"""What the running period comes to so far: the next invoice, if nothing more were used. Nothing is stored."""

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
    subscriptions = [one for one in _subscriptions(customer) if _runs(one, now)]
    cycle = terms_of(subscriptions[0]).cycle if subscriptions else _months(customer, now)
    index = cycle.index_of(now)
    owed = [each for one in subscriptions for each in _owed(one, now)]
    return Estimate(
        period=cycle.period(index),
        previous=cycle.period(index - 1),
        currency=currency(customer.currency),
        parts=_rated(owed, customer),
    )


def _subscriptions(customer: Customer) -> list[Subscription]:
    found = Subscription.objects.filter(customer=customer).select_related("customer", "plan_version__plan")
    return list(found.order_by("starts_at", "id"))


def _runs(subscription: Subscription, now: datetime) -> bool:
    terms = terms_of(subscription)
    return terms.first <= now and (terms.last is None or now < terms.last)


def _owed(subscription: Subscription, now: datetime) -> list[Due]:
    """Return what falls due after now, up to the end of the period that runs."""
    terms = terms_of(subscription)
    end = terms.cycle.period(terms.cycle.index_of(now)).end
    return [each for each in due(plan_of(subscription), terms, until=end) if each.due_at > now]


def _rated(owed: list[Due], customer: Customer) -> tuple[Part, ...]:
    codes = {each.charge.meter for each in owed if each.charge.meter}
    meters = dict(Meter.objects.filter(code__in=codes).values_list("code", "id"))
    metered = [each for each in owed if each.charge.meter in meters]
    asked = [Asked(meters[str(e.charge.meter)], customer.pk, e.span.start, e.span.end) for e in metered]
    used = {id(each): measured.quantity for each, measured in zip(metered, measure(asked), strict=True)}
    parts = []
    for each in owed:
        # A meter the catalogue names but that has not been published yet has counted nothing.
        quantity = used.get(id(each), Decimal(0)) if each.charge.meter else None
        # A sum may still be below zero while corrections are ahead of what they correct: nothing so far.
        rating, net = rate_due(
            each, quantity and max(quantity, Decimal(0)), currency(customer.currency), customer.zone
        )
        allowance = each.charge.allowance
        if allowance is not None:
            allowance = prorated_allowance(allowance, share_of(each, customer.zone))
        parts.append(Part(each, quantity, allowance, rating, net))
    return tuple(parts)


def _months(customer: Customer, now: datetime) -> Cycle:
    day = local_day(now, customer.zone)
    return Cycle(day, Interval(Unit.MONTH, 1), customer.zone, Alignment.CALENDAR)
