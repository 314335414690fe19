"""The sides that are compared, pair by pair, as the core's facts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from abaque.billing.habits import MANY, quiet
from abaque.billing.holding import ACTIONS
from abaque.billing.late_usage import claims, settle
from abaque.billing.offers import plan_of
from abaque.billing.promised import Part, Promise, due_soon, measured, missing, promises
from abaque.core.money import Currency, Money, currency
from abaque.core.period import Span
from abaque.core.reconciling import Difference, Fact, Kind, Tolerance, agree, compare, stretches
from abaque.core.subscription import Due, rate_due
from abaque.ports.platform import PlatformInvoice
from abaque.storage.models import (
    ControlTotal,
    Customer,
    Hour,
    Invoice,
    InvoiceLine,
    Push,
    Subscription,
)

_MINUTE = "%Y-%m-%dT%H:%MZ"
_NO_CURRENCY = "EUR"  # in which the zero is said where there is no customer to tell

#: Whom a control total is of, where it is of no single customer: all together, or each of very many.
ALL, EVERYBODY = "all", "*"


def subject_of(code: str, start: datetime, end: datetime | None, who: str) -> str:
    """Name a control total: its meter, from when, until when (None: a stretch that goes on), and whose."""
    until = "" if end is None else f"{end.astimezone(UTC):{_MINUTE}}"
    return f"{code} {start.astimezone(UTC):{_MINUTE}}…{until} {who}"


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, the subject people know it by, and the customer it touches."""

    difference: Difference
    subject: str
    customer: Customer | None
    scope: str = ""  # what a hold stops where it is about no single customer, such as `meter:documents`
    due_soon: bool = False
    stops: tuple[str, ...] = ACTIONS


@dataclass(slots=True)
class Check:
    """One pair of sides: how many facts were compared, and where they do not agree.

    `each_alone`: what is unknown of one fact keeps no other from turning green.
    """

    name: str
    compared: int = 0
    differences: list[Found] = field(default_factory=list)
    tolerance: Tolerance = field(default_factory=Tolerance)
    each_alone: bool = False


def totals_and_usage(now: datetime) -> Check:
    """What the product states against what was metered; what it promised and did not state in time is unknown."""
    check = Check("totals ↔ usage", each_alone=True)
    stated = list(
        ControlTotal.objects.filter(replaced_at=None).select_related("meter", "customer").order_by("pk")
    )
    ours = measured(
        [
            Part(one.meter_id, one.meter.aggregate, one.customer_id, one.starts_at, one.ends_at)
            for one in stated
        ]
    )
    for total, quantity in zip(stated, ours, strict=True):
        check.compared += 1
        if agree(quantity, total.quantity, total.tolerance):
            continue
        who = ALL if total.customer is None else total.customer.external_id
        subject = subject_of(total.meter.code, total.starts_at, total.ends_at, who)
        for difference in compare(
            [Fact(subject, quantity=quantity)],
            [Fact(subject, quantity=total.quantity)],
            currency=_currency(total.customer),
        ):
            worth = _worth(total, quantity, difference.impact)
            priced = Difference(
                difference.kind, subject, difference.ours, difference.theirs, worth, difference.aspects
            )
            check.differences.append(Found(priced, subject, total.customer, f"meter:{total.meter.code}"))
    for promise in promises(now):
        check.compared += _missing(promise, check.differences, now)
    return check


def _missing(promise: Promise, found: list[Found], now: datetime) -> int:
    """Find the totals that are overdue, each stretch of time as one; return how many there are.

    Of very many customers at once they are one difference too: then the feed is what is missing. Invoices that
    were issued are not touched by a total to come: only issuing is held, where it is due within a day.
    """
    without = missing(promise, promise.overdue(now))
    number = sum(len(spans) for spans in without.values())
    customers: dict[int | None, Customer | None] = {None: None}
    if len(without) > MANY:
        spans = {span.start: span for each in without.values() for span in each}
        without, everybody = {None: [spans[start] for start in sorted(spans)]}, EVERYBODY
    else:
        everybody = ALL
        customers |= Customer.objects.in_bulk([pk for pk in without if pk is not None])
    stretched = [(customers[pk], span) for pk, spans in without.items() for span in stretches(spans)]
    ours = measured([promise.part(None if who is None else who.pk, span) for who, span in stretched])
    for (customer, span), quantity in zip(stretched, ours, strict=True):
        code = promise.meter.code
        subject = subject_of(code, span.start, None, customer.external_id if customer else everybody)
        fact = Fact(subject, quantity=quantity, as_of=span.end)
        for difference in compare([fact], None, currency=_currency(customer)):
            soon = due_soon(promise, customer, span, now)
            found.append(
                Found(difference, subject, customer, f"meter:{code}", due_soon=soon, stops=("issue",))
            )
    return number


def events_and_habit(now: datetime) -> Check:
    """What comes in against what usually does at this time of the week. Silence is looked into, it holds nothing."""
    check = Check("events ↔ habit")
    check.compared, silent = quiet(now)
    customers = Customer.objects.in_bulk(
        [int(one.silence.name) for one in silent if one.kind == "customer" and one.silence.name]
    )
    for one in silent:
        customer = (
            customers.get(int(one.silence.name)) if one.kind == "customer" and one.silence.name else None
        )
        name = customer.external_id if customer else one.silence.name
        subject = f"{one.kind} {name or EVERYBODY}"
        ours = Fact(subject, quantity=Decimal(one.silence.counted))
        usual = Fact(subject, quantity=Decimal(one.silence.usual))
        difference = Difference(
            Kind.STALE, subject, ours, usual, Money.zero(_currency(customer)), ("quantity",)
        )
        check.differences.append(Found(difference, subject, customer, stops=()))
    return check


def events_and_usage() -> Check:
    """Compare raw events with usage: the sealed hours whose recomputation did not agree."""
    check = Check("events ↔ usage")
    metered = Hour.objects.filter(meter__isnull=False)
    check.compared = metered.count()
    for hour in metered.filter(consistent_at=None).select_related("meter").order_by("pk"):
        code = hour.meter.code if hour.meter is not None else ""
        subject = f"{code} {hour.hour:%Y-%m-%dT%H:%MZ}"
        ours = Fact(subject, quantity=hour.quantity)
        difference = Difference(
            Kind.DIFFERING, subject, ours, None, Money.zero(_currency(None)), ("quantity",)
        )
        check.differences.append(Found(difference, subject, None, f"meter:{code}"))
    return check


def usage_and_invoices() -> Check:
    """What was billed of each charge's span, less what was credited, against what its usage costs as it is known now.

    Late usage is no fault of anybody's and its own remedy: the next close drafts what it changes, so it holds nothing.
    """
    check = Check("usage ↔ invoices")
    settled = settle(claims())
    check.compared = sum(len(one.claim.lines) for one in settled)
    drafted = _drafted()
    for one in settled:
        if one.owed is None:
            continue
        line = one.claim.first
        customer = one.claim.subscription.customer
        subject = f"{line.invoice.public_id}/{line.position}"
        state = drafted.get((line.subscription_id, line.charge, line.span_start), "")
        billed = one.claim.billed
        difference = Difference(
            Kind.DIFFERING,
            subject,
            Fact(subject, amount=billed, quantity=one.claim.quantity),
            Fact(subject, amount=one.should, quantity=one.quantity, state=state or None),
            abs(billed - one.should),
            ("amount",),
        )
        check.differences.append(Found(difference, subject, customer, stops=()))
    return check


def _drafted() -> dict[tuple[int, str, datetime], str]:
    """Return which billed spans drafts bill more of, or give back of: `to_bill`, `to_credit`."""
    waiting = InvoiceLine.objects.filter(invoice__state=Invoice.State.DRAFT).exclude(
        adjusts=None, credits=None
    )
    return {
        (line.subscription_id, line.charge, line.span_start): "to_credit" if line.credits_id else "to_bill"
        for line in waiting
    }


def invoices_and_platform(connector: str, theirs: Sequence[PlatformInvoice] | None) -> Check:
    """What was handed over to a platform against what it keeps.

    What it took without our hearing of it is ours all the same; what it was asked to take and did not is missing
    there. What still waits for its turn is not compared.
    """
    check = Check(f"invoices ↔ {connector}")
    there = {invoice.external_id for invoice in theirs or ()}
    by_id = {
        push.invoice.public_id: push.invoice
        for push in Push.objects.filter(connector=connector)
        .select_related("invoice__customer")
        .order_by("pk")
        if push.acknowledged_at is not None or push.last_error or push.invoice.public_id in there
    }
    currencies = {invoice.currency for invoice in by_id.values()} | {i.currency for i in theirs or ()}
    if theirs is None and not currencies:
        currencies = {_NO_CURRENCY}
    for code in sorted(currencies):
        unit = currency(code)
        ours = [Fact(i.public_id, amount=_gross(i)) for i in by_id.values() if i.currency == code]
        kept = (
            None
            if theirs is None
            else [Fact(i.external_id, amount=Money(i.total, unit)) for i in theirs if i.currency == code]
        )
        check.compared += len(ours)
        for difference in compare(ours, kept, currency=unit):
            invoice = by_id.get(difference.key)
            check.differences.append(
                Found(
                    difference,
                    difference.key or connector,
                    None if invoice is None else invoice.customer,
                    f"connector:{connector}",
                ),
            )
    return check


def _gross(invoice: Invoice) -> Money:
    """Return what a document comes to; what a credit note gives back is below zero."""
    gross = Money(invoice.gross, currency(invoice.currency))
    return gross if invoice.corrects_id is None else -gross


def _worth(total: ControlTotal, ours: Decimal, unpriced: Money) -> Money:
    """Price a difference of quantities by what each side would be billed on the customer's plan."""
    if total.customer is None:
        return unpriced
    found = (
        Subscription.objects.filter(customer=total.customer, starts_at__lt=total.ends_at)
        .select_related("customer", "plan_version__plan")
        .order_by("-starts_at")
    )
    for subscription in found:
        for charge in plan_of(subscription).charges:
            if charge.meter == total.meter.code:
                span = Span(total.starts_at, total.ends_at)
                mine = _rated(subscription, charge.code, span, ours)
                return abs(mine - _rated(subscription, charge.code, span, total.quantity))
    return unpriced


def _rated(subscription: Subscription, code: str, span: Span, quantity: Decimal) -> Money:
    plan = plan_of(subscription)
    item = Due(plan.charge(code), 0, span, span, span.end)
    # A sum may sink below zero by corrections: there is nothing to bill then.
    return rate_due(item, max(quantity, Decimal(0)), plan.currency, subscription.customer.zone)[1]


def _currency(customer: Customer | None) -> Currency:
    return currency(_NO_CURRENCY if customer is None else customer.currency)
