"""From what is due to a draft: usage measured, rated by the core, taxed, added up."""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from django.db.models import Q

from abaque.billing.adjusting import Item, Note, adjustments_of
from abaque.billing.offers import plan_of, terms_of
from abaque.billing.parties import legal_identity
from abaque.billing.runner import jsonable
from abaque.core.fault import Fault
from abaque.core.invoicing import Line, required_fields, totals
from abaque.core.money import Currency
from abaque.core.pricing import Charge, rate
from abaque.core.subscription import Due, due, rate_due
from abaque.core.tax import Rate, Totals, Treatment, decide
from abaque.storage import hot
from abaque.storage.models import Customer, Invoice, InvoiceLine, Issuer, Meter, Subscription
from abaque.storage.read.spans import Asked, measure
from abaque.storage.sql.spans import ACTIVE_DAYS

_DAY = timedelta(days=1)
#: So long late usage waits for the next invoice of its subscription.
FOLLOWS = timedelta(days=30)
_OUTSIDE_SCOPE = "O"
Key = tuple[int, str, datetime | int]


@dataclass(frozen=True, slots=True)
class Draft:
    """What an invoice or a credit note would say: lines with their steps, totals, and what the law still misses."""

    subscription: Subscription
    kind: str
    due_at: datetime
    items: tuple[Item, ...]
    totals: Totals
    missing: tuple[str, ...]
    corrects: Invoice | None = None

    @property
    def period(self) -> tuple[datetime, datetime]:
        """The span the lines speak of; late usage of earlier ones does not widen that of an invoice's own."""
        own = [item.due.span for item in self.items if item.adjusts is None]
        spans = own or [item.due.span for item in self.items]
        return min(span.start for span in spans), max(span.end for span in spans)

    @property
    def key(self) -> Key:
        """What no other draft has."""
        corrects = None if self.corrects is None else self.corrects.pk
        return key_of(self.subscription.pk, self.kind, self.due_at, corrects)

    @property
    def digest(self) -> bytes:
        """What an approval binds: the lines and totals as seen, and the documents they speak of."""
        of = [(item.adjusts and item.adjusts.pk, item.credits and item.credits.pk) for item in self.items]
        lines = [item.line for item in self.items]
        seen = jsonable({"lines": lines, "of": of, "totals": self.totals, "missing": self.missing})
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).digest()


def key_of(subscription: int, kind: str, due_at: datetime, corrects: int | None) -> Key:
    """Return what tells drafts apart: an invoice's boundary, what a credit note corrects; one is closing."""
    return subscription, kind, due_at if kind == Invoice.Kind.INVOICE else corrects or 0


@dataclass(frozen=True, slots=True)
class _Owed:
    """What a subscription owes at one boundary, before its usage is known; late usage of earlier ones with it."""

    subscription: Subscription
    due_at: datetime
    dues: tuple[Due, ...]
    late: tuple[Item, ...] = ()


def drafts_of(
    asked: Sequence[tuple[Subscription, datetime]], *, now: datetime
) -> tuple[list[Draft], list[tuple[Subscription, Fault]]]:
    """Return the drafts of many subscriptions, each up to its own moment, measured in one go.

    Boundaries that are issued, or closed at zero, are left out, and so are those at which nothing was used and
    nothing is owed. What late usage adds to issued periods is on the first draft that follows, or on a closing
    invoice where none does within 30 days; what it takes from them is on credit notes. A subscription that cannot
    be rated must not keep the others from being billed: it is returned with its fault.
    """
    subscriptions = [subscription for subscription, _ in asked]
    active, done = _active_days(subscriptions), _done(subscriptions)
    late, unsettled = adjustments_of(subscriptions)
    faults = {subscription.pk: (subscription, fault) for subscription, fault in unsettled}
    owed: list[_Owed] = []
    drafts: list[Draft] = []
    for subscription, until in asked:
        if subscription.pk in faults:
            continue
        changed = late[subscription.pk]
        finished = done.get(subscription.pk, set())
        boundaries = list(_owed(subscription, until, finished))
        days = active.get(subscription.customer_id, ())
        billable = {one.due_at for one in boundaries if _may_bill(one, days)}
        with_it, alone = _split(subscription, changed.more)
        if with_it:
            last = max(finished)
            follows = [one.due_at for one in boundaries if one.due_at in billable or one.due_at > last]
            if follows:
                billable.add(follows[0])
                boundaries = [
                    replace(one, late=with_it) if one.due_at == follows[0] else one for one in boundaries
                ]
            elif not any(one.due_at > last for one in _owed(subscription, now + FOLLOWS, finished)):
                alone = (*with_it, *alone)
        owed += [one for one in boundaries if one.due_at in billable]
        try:
            drafts += _beside(subscription, alone, changed.less)
        except Fault as fault:
            faults[subscription.pk] = (subscription, fault)
    quantities = _measured(owed)
    for one in owed:
        try:
            drafts.append(_draft(one, quantities))
        except Fault as fault:
            faults.setdefault(one.subscription.pk, (one.subscription, fault))
    return [draft for draft in drafts if draft.subscription.pk not in faults], list(faults.values())


def _done(subscriptions: Sequence[Subscription]) -> dict[int, set[datetime]]:
    """Return the boundaries that are issued or closed at zero, by subscription."""
    done: dict[int, set[datetime]] = {}
    finished = Invoice.objects.filter(subscription__in=subscriptions, kind=Invoice.Kind.INVOICE).exclude(
        state=Invoice.State.DRAFT
    )
    for subscription, due_at in finished.values_list("subscription_id", "due_at"):
        done.setdefault(subscription, set()).add(due_at)
    return done


def _owed(subscription: Subscription, until: datetime, finished: set[datetime]) -> Iterator[_Owed]:
    dues = due(plan_of(subscription), terms_of(subscription), until=until)
    for due_at, items in groupby(dues, key=lambda item: item.due_at):
        if due_at not in finished:
            yield _Owed(subscription, due_at, tuple(items))


def _active_days(subscriptions: Sequence[Subscription]) -> dict[int, tuple[datetime, ...]]:
    """Return the days (UTC) on which each customer used something: years of silence need no measuring."""
    found = hot.rows(ACTIVE_DAYS, {"customers": [subscription.customer_id for subscription in subscriptions]})
    return {customer: tuple(sorted(days)) for customer, days in found}


def _may_bill(owed: _Owed, active: Sequence[datetime]) -> bool:
    """Whether anything can be owed: a fixed fee, a fee due without usage, or usage on one of its days."""
    for item in owed.dues:
        if item.charge.meter is None or _costs_unused(item.charge):
            return True
        place = bisect_left(active, item.span.start - _DAY)
        if place < len(active) and active[place] < item.span.end:
            return True
    return False


@lru_cache(maxsize=1024)
def _costs_unused(charge: Charge) -> bool:
    """Whether a metered charge costs something at no usage: a first tier's flat fee, a minimum."""
    return bool(charge.minimum) or rate(charge.price, Decimal(0)).exact != 0


def _measured(owed: Sequence[_Owed]) -> dict[int, Decimal]:
    """Return the usage of every metered due, by the due's identity."""
    metered = [(one, item) for one in owed for item in one.dues if item.charge.meter is not None]
    meters = dict(Meter.objects.values_list("code", "pk")) if metered else {}
    usage = measure(
        [
            Asked(
                meters[str(item.charge.meter)], one.subscription.customer_id, item.span.start, item.span.end
            )
            for one, item in metered
        ]
    )
    return {id(item): found.quantity for (_, item), found in zip(metered, usage, strict=True)}


def tax_rate(customer: Customer) -> Rate:
    """Return the VAT of a customer's supplies: the issuer's standard rate, reverse charge, or none."""
    return decide(Treatment(customer.tax), customer.issuer.vat_percent)


def _split(subscription: Subscription, late: tuple[Item, ...]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Return the late lines that may stand beside those of today, and those that need a document of their own.

    What was outside the scope of VAT and what is within it never share an invoice (BR-O-11 to 14).
    """
    outside = tax_rate(subscription.customer).category == _OUTSIDE_SCOPE
    fits = [(item.line.rate.category == _OUTSIDE_SCOPE) is outside for item in late]
    together = tuple(item for item, fit in zip(late, fits, strict=True) if fit)
    return together, tuple(item for item, fit in zip(late, fits, strict=True) if not fit)


def _beside(subscription: Subscription, closing: tuple[Item, ...], less: Sequence[Note]) -> Iterator[Draft]:
    """Yield the documents that late usage makes beside the invoices of boundaries."""
    customer = subscription.customer
    if closing:
        sums = totals([item.line for item in closing], plan_of(subscription).currency)
        due_at = max(item.adjusts.due_at for item in closing if item.adjusts)
        missing = _missing(customer, customer.issuer)
        yield Draft(subscription, Invoice.Kind.CLOSING, due_at, closing, sums, missing)
    for note in less:
        missing = _missing(customer, note.corrects.issuer)
        yield Draft(
            subscription,
            Invoice.Kind.CREDIT_NOTE,
            note.corrects.due_at,
            note.items,
            note.totals,
            missing,
            corrects=note.corrects,
        )


def _missing(customer: Customer, issuer: Issuer) -> tuple[str, ...]:
    return required_fields(legal_identity(issuer), legal_identity(customer), Treatment(customer.tax))


def _draft(owed: _Owed, quantities: Mapping[int, Decimal]) -> Draft:
    subscription, customer = owed.subscription, owed.subscription.customer
    currency, tax = plan_of(subscription).currency, tax_rate(customer)
    items = (
        *(
            Item(item, _line(item, quantities.get(id(item)), currency, customer.zone, tax))
            for item in owed.dues
        ),
        *owed.late,
    )
    return Draft(
        subscription,
        Invoice.Kind.INVOICE,
        owed.due_at,
        items,
        totals([item.line for item in items], currency),
        _missing(customer, customer.issuer),
    )


def _line(item: Due, quantity: Decimal | None, currency: Currency, zone: str, tax: Rate) -> Line:
    if quantity is not None and quantity < 0:
        # The price may know what it would cost, but a run has no document yet for an invoice below zero.
        raise Fault("negative_quantity", quantity=quantity)
    rating, net = rate_due(item, quantity, currency, zone)
    return Line(
        charge=item.charge.code,
        quantity=rating.quantity,
        unit=rating.price,
        net=net,
        rate=tax,
        span=item.span,
        steps=rating.steps,
    )


def store(drafts: Sequence[Draft], *, now: datetime) -> int:
    """Write drafts, or bring the stored ones up to date. Returns how many changed.

    What is issued stays as it is, whatever a draft would now say.
    """
    subscriptions = {draft.subscription.pk for draft in drafts}
    stored = {
        key_of(invoice.subscription_id, invoice.kind, invoice.due_at, invoice.corrects_id): invoice
        for invoice in Invoice.objects.select_for_update().filter(
            Q(kind=Invoice.Kind.INVOICE) | Q(state=Invoice.State.DRAFT), subscription__in=subscriptions
        )
    }
    changed: list[tuple[Draft, Invoice]] = []
    for draft in drafts:
        found = stored.get(draft.key)
        standing = found is not None and (
            found.state != Invoice.State.DRAFT or bytes(found.digest) == draft.digest
        )
        if not standing:
            changed.append((draft, _filled(draft, found, now)))
    for _, invoice in changed:
        if invoice.pk is not None:
            invoice.save()
            invoice.lines.all().delete()
    Invoice.objects.bulk_create([invoice for _, invoice in changed if invoice.pk is None])
    versions = dict(Meter.objects.values_list("code", "version"))
    InvoiceLine.objects.bulk_create(
        [row for draft, invoice in changed for row in _rows(draft, invoice, versions)]
    )
    return len(changed)


def _filled(draft: Draft, stored: Invoice | None, now: datetime) -> Invoice:
    """Return the row of a draft, new or brought up to date, not yet written."""
    customer = draft.subscription.customer
    invoice = stored or Invoice(
        issuer=draft.corrects.issuer if draft.corrects else customer.issuer,
        customer=customer,
        subscription=draft.subscription,
        kind=draft.kind,
        corrects=draft.corrects,
        due_at=draft.due_at,
        created_at=now,
    )
    invoice.due_at = draft.due_at
    start, end = draft.period
    invoice.period_start, invoice.period_end = start, end
    invoice.currency = draft.totals.net.currency.code
    invoice.net, invoice.tax, invoice.gross = (
        draft.totals.net.minor,
        draft.totals.tax.minor,
        draft.totals.gross.minor,
    )
    invoice.taxes = [
        {
            "category": group.rate.category,
            "percent": f"{group.rate.percent.normalize():f}",
            "base": group.base.minor,
            "tax": group.tax.minor,
            "mention": group.rate.mention,
        }
        for group in draft.totals.taxes
    ]
    invoice.digest, invoice.missing, invoice.updated_at = draft.digest, list(draft.missing), now
    return invoice


def _rows(draft: Draft, invoice: Invoice, versions: Mapping[str, int]) -> list[InvoiceLine]:
    return [
        InvoiceLine(
            invoice=invoice,
            position=position,
            subscription=draft.subscription,
            charge=item.line.charge,
            revision=item.revision,
            adjusts=item.adjusts,
            credits=item.credits,
            span_start=item.due.span.start,
            span_end=item.due.span.end,
            whole_start=item.due.whole.start,
            whole_end=item.due.whole.end,
            meter=item.due.charge.meter or "",
            meter_version=versions.get(item.due.charge.meter or ""),
            quantity=item.line.quantity if item.due.charge.meter else None,
            net=item.line.net.minor,
            tax_category=item.line.rate.category,
            tax_percent=item.line.rate.percent,
            names=dict(item.due.charge.names),
            steps=jsonable(item.line.steps),
        )
        for position, item in enumerate(draft.items, start=1)
    ]


def forget_others(drafts: Sequence[Draft], asked: Sequence[tuple[Subscription, datetime]]) -> int:
    """Delete drafts of what no longer is: a boundary after an end that was set since, usage that came back."""
    keep = {draft.key for draft in drafts}
    until = {subscription.pk: moment for subscription, moment in asked}
    drafted = Invoice.objects.filter(state=Invoice.State.DRAFT, subscription__in=until)
    stale = [
        invoice.pk
        for invoice in drafted.only("subscription_id", "kind", "due_at", "corrects_id")
        if (invoice.kind != Invoice.Kind.INVOICE or invoice.due_at <= until[invoice.subscription_id])
        and key_of(invoice.subscription_id, invoice.kind, invoice.due_at, invoice.corrects_id) not in keep
    ]
    return Invoice.objects.filter(pk__in=stale, state=Invoice.State.DRAFT).delete()[0] if stale else 0
