"""What is owed after a change: the difference between what should be invoiced and what was.

Credits follow what was invoiced, after discounts, never the price list: part of a fee gives back that part of
what was paid for it. What comes on top of usage already invoiced is charged at the price list, for the discounts
of its own invoice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from abaque.core.money import Money, nearest, subtract
from abaque.core.period import Span
from abaque.core.pricing import Bill, Charge, Rating, Step, further
from abaque.core.pricing.plan import MINIMUM, TRUE_UP

from .rated import Rated, Used, rated, rated_in_advance
from .subscription import Invoiced, Subscription


class Kind(StrEnum):
    """Which way money goes."""

    CHARGE = "charge"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Owed:
    """What is to be invoiced, or given back of what `refers_to` names.

    `span` is the part of the period `whole` it is for, `reason` the event it comes from. A credit's amount is above
    zero; a charge's is below only where usage fell below zero. Of a charge: the steps of `rating` sum to its
    amount, `becomes` is what is invoiced in all once it is, and `discounted` says that its amount is already what
    discounts left.
    """

    kind: Kind
    charge: Charge
    whole: Span
    span: Span
    quantity: Decimal | None
    amount: Money
    refers_to: Invoiced | None
    reason: str
    rating: Rating | None = None
    becomes: Invoiced | None = None
    discounted: bool = False


Settled = tuple[Subscription, tuple[Owed, ...]]


def settle(subscription: Subscription, now: datetime, reason: str) -> Settled:
    """Return the subscription with everything due in advance by `now` invoiced, and what is owed for that.

    A fee whose span shrank gives back what was invoiced for the rest, in proportion to the list price: a
    discounted fee gives back the discounted rest. A span that grew back, because a cancellation was taken
    back, is charged in the same proportion. Credits come first. Laws: a credit never exceeds what was
    invoiced for the same charge and span; settling again owes nothing.
    """
    return _settled(subscription, rated_in_advance(subscription, until=now), Bill.ADVANCE, reason)


def settle_usage(subscription: Subscription, now: datetime, usage: Used, reason: str) -> Settled:
    """Return the subscription with everything due in arrears by `now` invoiced, and what is owed for that.

    Every period so far is rated again with all that is known of its usage, minus what was invoiced of it: more
    is charged, less is given back. Same laws. Faults: those of `rated`.
    """
    return _settled(subscription, rated(subscription, usage, until=now), Bill.ARREARS, reason)


def _settled(subscription: Subscription, wanted: Iterable[Rated], bill: Bill, reason: str) -> Settled:
    known = {item.key: item for item in subscription.invoiced if item.due.charge.bill is bill}
    credits_: list[Owed] = []
    charges: list[Owed] = []
    invoiced = [item for item in subscription.invoiced if item.due.charge.bill is not bill]
    for one in wanted:
        if one.item.due.charge.bill is not bill:
            continue
        before = known.pop(one.item.key, None)
        if before is None and not one.net.minor and one.item.due.charge.code in {MINIMUM, TRUE_UP}:
            continue
        after, owing = settle_one(one, before, reason)
        invoiced.append(after)
        for owed in owing:
            (credits_ if owed.kind is Kind.CREDIT else charges).append(owed)
    dropped = (item for item in known.values() if item.net.minor > 0)
    credits_ += [_credit(item, item.due.span, item.net, reason) for item in dropped]
    return replace(subscription, invoiced=tuple(invoiced)), (*credits_, *charges)


def settle_one(one: Rated, before: Invoiced | None, reason: str) -> tuple[Invoiced, tuple[Owed, ...]]:
    """Return what is invoiced in all of one charge for one span, and what is owed for that.

    It is rated with all that is known, less what was invoiced of it `before`. Same laws.
    """
    after = _after(one, before)
    return after, tuple(_difference(one, before, after, reason))


def _after(one: Rated, before: Invoiced | None) -> Invoiced:
    """Return what should be invoiced in all, keeping to the discount it was invoiced with."""
    item, listed, net = one.item, one.net, one.net
    advance = item.due.charge.bill is Bill.ADVANCE
    if before is not None:
        if listed == before.listed or (advance and before.due.span == item.due.span):
            return replace(before, due=item.due)
        shrinks = 0 <= listed.minor < before.listed.minor
        if before.listed.minor and (advance or shrinks):
            net = Money(nearest(before.net.minor * listed.minor, before.listed.minor), net.currency)
        elif listed > before.listed:
            net = before.net + listed - before.listed
    return Invoiced(item.owner, item.due, item.quantity, listed, net)


def _difference(one: Rated, before: Invoiced | None, after: Invoiced, reason: str) -> Iterator[Owed]:
    """Yield what is given back of what was invoiced, and what is charged."""
    if before is None:
        yield _charge(one, after, after.due.span, after.net, one.rating, reason=reason)
        return
    paid, zero = before.net, Money.zero(after.net.currency)
    back = min(paid - after.net, max(paid, zero))
    if back.minor > 0:
        yield _credit(before, _rest(after.due.span, before.due.span), back, reason)
        paid = paid - back
    more = after.net - paid
    if more.minor:
        rating = one.rating if back.minor > 0 else further(one.rating, before.listed)
        off = subtract(more.decimal(), rating.money(more.currency).decimal())
        if off:
            rating = replace(rating, steps=(*rating.steps, Step("as_invoiced", Decimal(0), None, off)))
        span = _rest(before.due.span, after.due.span)
        yield _charge(one, after, span, more, rating, reason=reason, discounted=bool(off))


def _rest(shorter: Span, longer: Span) -> Span:
    """Return what one span has beyond the other; all of it where both end together."""
    return Span(shorter.end, longer.end) if shorter.end < longer.end else longer


def _charge(
    one: Rated,
    after: Invoiced,
    span: Span,
    amount: Money,
    rating: Rating,
    *,
    reason: str,
    discounted: bool = False,
) -> Owed:
    due, quantity = one.item.due, one.item.quantity
    kind = Kind.CHARGE
    return Owed(kind, due.charge, due.whole, span, quantity, amount, None, reason, rating, after, discounted)


def _credit(item: Invoiced, span: Span, amount: Money, reason: str) -> Owed:
    due = item.due
    return Owed(Kind.CREDIT, due.charge, due.whole, span, item.quantity, amount, item, reason)
