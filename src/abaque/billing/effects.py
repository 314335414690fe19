"""What a change of usage would change: per customer and meter, in the meter's unit and in money.

Usage is measured as it stands and as it would be, every period of every charge is rated by both, and the
difference is told: of periods that are still open, and of those for which an invoice was issued.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from abaque.billing.offers import plan_of, terms_of
from abaque.billing.seal import hour_of
from abaque.core.money import Money, currency, total
from abaque.core.period import Span
from abaque.core.subscription import Due, due, rate_due
from abaque.storage.models import Customer, Invoice, Subscription
from abaque.storage.read.spans import Asked, Measured, measure

_HOUR = timedelta(hours=1)
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_EVER = (_BEGINNING, datetime(2100, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes for one customer and meter. `before` and `after`: its usage since ever.

    `open` and `issued` are differences of net money: of periods not yet invoiced, up to the end of the running
    one, and of those invoiced, where the difference is what would have to be corrected.
    """

    customer_id: str
    customer: str
    meter: str
    before: Decimal
    after: Decimal
    open: Money
    issued: Money


def lately(first: datetime | None, last: datetime | None) -> Span:
    """Return whole hours around what there is: over which levels and averages are told."""
    if first is None or last is None:
        return Span(_BEGINNING, _BEGINNING + _HOUR)
    return Span(hour_of(first), hour_of(last) + _HOUR)


@dataclass(frozen=True, slots=True)
class _Place:
    """A span of one meter of one customer; `due` None: since ever."""

    customer: Customer
    meter: str
    due: Due | None = None
    issued: bool = False


def effects(
    customers: Sequence[int],
    meters: Mapping[str, tuple[int, int]],
    *,
    now: datetime,
    ordered: Mapping[str, Span],
    change: Callable[[], None] | None = None,
) -> tuple[Effect, ...]:
    """Return what changes, customers in the order of their external ids; nothing is told of what stays the same.

    `customers` are internal ids; `meters` says by code which version counts before and which after. `change`
    is done between the two, in the current transaction. `ordered` are the meters whose usage depends on when each
    event was, with the span over which it is told; of others it is told since ever.
    """
    places = _places(customers, meters, now)
    before = _measured(places, meters, ordered, 0)
    if change is not None:
        change()
    after = _measured(places, meters, ordered, 1)
    found: dict[tuple[int, str], list[tuple[_Place, Measured, Measured]]] = defaultdict(list)
    for place, was, becomes in zip(places, before, after, strict=True):
        found[place.customer.pk, place.meter].append((place, was, becomes))
    told = (_effect(those) for those in found.values())
    return tuple(one for one in told if one.before != one.after or one.open.minor or one.issued.minor)


def sums(told: Sequence[Effect]) -> dict[str, tuple[Money, Money]]:
    """Return the differences of all together, open and issued, by currency."""
    codes = sorted({one.open.currency.code for one in told})
    return {
        code: (
            total((one.open for one in told if one.open.currency.code == code), currency(code)),
            total((one.issued for one in told if one.open.currency.code == code), currency(code)),
        )
        for code in codes
    }


def _effect(those: Sequence[tuple[_Place, Measured, Measured]]) -> Effect:
    (whole, was, becomes), *parts = those
    customer = whole.customer
    money = currency(customer.currency)
    differences = [
        (place.issued, _net(place, after) - _net(place, before))
        for place, before, after in parts
        if before.quantity != after.quantity
    ]
    return Effect(
        customer_id=customer.public_id,
        customer=customer.legal_name or str(customer.external_id),
        meter=whole.meter,
        before=was.quantity,
        after=becomes.quantity,
        open=total((one for issued, one in differences if not issued), money),
        issued=total((one for issued, one in differences if issued), money),
    )


def _net(place: _Place, usage: Measured) -> Money:
    """Return what a period costs at some usage; a sum below zero waits for what it corrects: nothing so far."""
    assert place.due is not None
    customer = place.customer
    quantity = max(usage.quantity, Decimal(0))
    return rate_due(place.due, quantity, currency(customer.currency), customer.zone)[1]


def _measured(
    places: Sequence[_Place],
    meters: Mapping[str, tuple[int, int]],
    ordered: Mapping[str, Span],
    which: int,
) -> list[Measured]:
    return measure(
        [
            Asked(
                meters[place.meter][which],
                place.customer.pk,
                *_span(place, ordered),
            )
            for place in places
        ]
    )


def _span(place: _Place, ordered: Mapping[str, Span]) -> tuple[datetime, datetime]:
    span = ordered.get(place.meter) if place.due is None else place.due.span
    return _EVER if span is None else (span.start, span.end)


def _places(customers: Sequence[int], meters: Mapping[str, tuple[int, int]], now: datetime) -> list[_Place]:
    """Return each customer's meters since ever, each followed by the periods that are billed by it."""
    owed: dict[tuple[int, str], list[_Place]] = defaultdict(list)
    found = Subscription.objects.filter(customer__in=customers).order_by("starts_at", "id")
    issued = set(
        Invoice.objects.filter(customer__in=customers)
        .exclude(state=Invoice.State.DRAFT)
        .values_list("subscription_id", "due_at")
    )
    for one in found.select_related("customer", "plan_version__plan"):
        for each in _dues(one, now):
            code = each.charge.meter
            if code is not None and code in meters:
                place = _Place(one.customer, code, each, (one.pk, each.due_at) in issued)
                owed[one.customer_id, code].append(place)
    return [
        place
        for customer in Customer.objects.filter(pk__in=customers).order_by("external_id", "pk")
        for code in sorted(meters)
        for place in (_Place(customer, code), *owed[customer.pk, code])
    ]


def _dues(subscription: Subscription, now: datetime) -> Sequence[Due]:
    """Return what fell due since a subscription began, up to the end of the period that runs."""
    terms = terms_of(subscription)
    if now < terms.first:
        return ()
    until = terms.cycle.period(terms.cycle.index_of(now)).end
    return due(plan_of(subscription), terms, until=until)
