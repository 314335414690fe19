"""What is owed after a change: the difference between what should be invoiced in advance and what was."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from abaque.core.money import Money, multiply, nearest, scaled, subtract, to_money
from abaque.core.period import Span
from abaque.core.pricing import Bill, Charge

from .bill import Billed, bill
from .proration import rate_due
from .subscription import Invoiced, Subscription


class Kind(StrEnum):
    """Which way money goes."""

    CHARGE = "charge"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Owed:
    """A fee to invoice, or what is to be given back of one that `refers_to` names. Amounts are above zero.

    `span` is the part of the period `whole` it is for, `reason` the event it comes from.
    """

    kind: Kind
    charge: Charge
    whole: Span
    span: Span
    quantity: Decimal | None
    amount: Money
    refers_to: Invoiced | None
    reason: str


def settle(subscription: Subscription, now: datetime, reason: str) -> tuple[Subscription, tuple[Owed, ...]]:
    """Return the subscription with everything due in advance by `now` invoiced, and what is owed for that.

    A fee whose span shrank gives back what was invoiced for the rest, in proportion to the list price: a
    discounted fee gives back the discounted rest. A span that grew back, because a cancellation was taken
    back, is charged in the same proportion. Credits come first. Laws: a credit never exceeds what was
    invoiced for the same charge and span; settling again owes nothing.
    """
    wanted = [item for item in bill(subscription, until=now) if item.due.charge.bill is Bill.ADVANCE]
    known = {_key(item): item for item in subscription.invoiced}
    credits_: list[Owed] = []
    charges: list[Owed] = []
    invoiced: list[Invoiced] = []
    for item in wanted:
        before = known.pop(_key(item), None)
        after = _invoiced(item, subscription.zone, before)
        invoiced.append(after)
        paid = before.net.minor if before else 0
        if after.net.minor < paid and before is not None:
            span = Span(after.due.span.end, before.due.span.end)
            credits_.append(_owed(Kind.CREDIT, before, span, paid - after.net.minor, reason))
        elif after.net.minor > paid:
            span = Span(before.due.span.end, after.due.span.end) if before else after.due.span
            charges.append(_owed(Kind.CHARGE, after, span, after.net.minor - paid, reason))
    dropped = [
        _owed(Kind.CREDIT, item, item.due.span, item.net.minor, reason)
        for item in known.values()
        if item.net.minor
    ]
    return replace(subscription, invoiced=tuple(invoiced)), (*credits_, *dropped, *charges)


def _key(item: Billed | Invoiced) -> tuple[object, ...]:
    due = item.due
    return item.owner, due.charge, item.quantity, due.whole, due.span.start


def _invoiced(item: Billed, zone: str, before: Invoiced | None) -> Invoiced:
    """Return what should be invoiced for it, keeping to the discount it was invoiced with."""
    if before is not None and before.due.span == item.due.span:
        return before
    currency = item.plan.currency
    listed = rate_due(item.due, item.quantity, currency, zone)[1]
    net = _less(listed, item.percent_off)
    if before is not None and before.listed.minor:
        net = Money(nearest(before.net.minor * listed.minor, before.listed.minor), currency)
    return Invoiced(item.owner, item.due, item.quantity, listed, net)


def _owed(kind: Kind, item: Invoiced, span: Span, minor: int, reason: str) -> Owed:
    amount = Money(minor, item.net.currency)
    refers_to = item if kind is Kind.CREDIT else None
    return Owed(kind, item.due.charge, item.due.whole, span, item.quantity, amount, refers_to, reason)


def _less(money: Money, percent: Decimal) -> Money:
    """Return the amount less a percentage, rounded once."""
    left = scaled(multiply(money.decimal(), subtract(Decimal(100), percent)), -2)
    return to_money(left, money.currency)
