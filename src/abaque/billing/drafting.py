"""From what is due to a draft: usage measured, rated by the core, taxed, added up."""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

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
from abaque.storage.models import Customer, Invoice, InvoiceLine, Meter, Subscription
from abaque.storage.read.spans import Asked, measure

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """What an invoice would say: lines with their steps, totals, and what the law still misses."""

    subscription: Subscription
    due_at: datetime
    dues: tuple[Due, ...]
    lines: tuple[Line, ...]
    totals: Totals
    missing: tuple[str, ...]

    @property
    def period(self) -> tuple[datetime, datetime]:
        """The span the lines speak of."""
        return min(item.span.start for item in self.dues), max(item.span.end for item in self.dues)

    @property
    def digest(self) -> bytes:
        """What an approval binds: the lines and totals as seen."""
        seen = jsonable({"lines": self.lines, "totals": self.totals, "missing": self.missing})
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).digest()


@dataclass(frozen=True, slots=True)
class _Owed:
    """What a subscription owes at one boundary, before its usage is known."""

    subscription: Subscription
    due_at: datetime
    dues: tuple[Due, ...]


def drafts_of(
    asked: Sequence[tuple[Subscription, datetime]], *, done: Mapping[int, set[datetime]]
) -> tuple[list[Draft], list[tuple[Subscription, Fault]]]:
    """Return the drafts of many subscriptions, each up to its own moment, measured in one go.

    Boundaries in `done` (issued, or closed at zero, by subscription) are left out, and so are those at which
    nothing was used and nothing is owed. A subscription that cannot
    be rated must not keep the others from being billed: it is returned with its fault.
    """
    active = _active_days([subscription for subscription, _ in asked])
    owed = [
        one
        for subscription, until in asked
        for one in _owed(subscription, until, done)
        if _may_bill(one, active.get(subscription.customer_id, ()))
    ]
    quantities = _measured(owed)
    drafts: list[Draft] = []
    faults: dict[int, tuple[Subscription, Fault]] = {}
    for one in owed:
        try:
            drafts.append(_draft(one, quantities))
        except Fault as fault:
            faults.setdefault(one.subscription.pk, (one.subscription, fault))
    return [draft for draft in drafts if draft.subscription.pk not in faults], list(faults.values())


def _owed(subscription: Subscription, until: datetime, done: Mapping[int, set[datetime]]) -> Iterator[_Owed]:
    finished = done.get(subscription.pk, set())
    dues = due(plan_of(subscription), terms_of(subscription), until=until)
    for due_at, items in groupby(dues, key=lambda item: item.due_at):
        if due_at not in finished:
            yield _Owed(subscription, due_at, tuple(items))


def _active_days(subscriptions: Sequence[Subscription]) -> dict[int, tuple[datetime, ...]]:
    """Return the days (UTC) on which each customer used something: years of silence need no measuring."""
    found = hot.rows(
        "SELECT customer_id, array_agg(DISTINCT date_bin('1 day', slot, timestamptz '2000-01-01 00:00+00'))"
        " FROM usage WHERE customer_id = ANY (%s) GROUP BY 1",
        [[subscription.customer_id for subscription in subscriptions]],
    )
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


def _draft(owed: _Owed, quantities: Mapping[int, Decimal]) -> Draft:
    subscription, customer = owed.subscription, owed.subscription.customer
    currency, tax = plan_of(subscription).currency, tax_rate(customer)
    lines = tuple(_line(item, quantities.get(id(item)), currency, customer.zone, tax) for item in owed.dues)
    missing = required_fields(
        legal_identity(customer.issuer), legal_identity(customer), Treatment(customer.tax)
    )
    return Draft(subscription, owed.due_at, owed.dues, lines, totals(lines, currency), missing)


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
        (invoice.subscription_id, invoice.due_at): invoice
        for invoice in Invoice.objects.select_for_update().filter(subscription__in=subscriptions)
    }
    changed: list[tuple[Draft, Invoice]] = []
    for draft in drafts:
        found = stored.get((draft.subscription.pk, draft.due_at))
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
        issuer=customer.issuer,
        customer=customer,
        subscription=draft.subscription,
        due_at=draft.due_at,
        created_at=now,
    )
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
            charge=line.charge,
            span_start=item.span.start,
            span_end=item.span.end,
            whole_start=item.whole.start,
            whole_end=item.whole.end,
            meter=item.charge.meter or "",
            meter_version=versions.get(item.charge.meter or ""),
            quantity=line.quantity if item.charge.meter else None,
            net=line.net.minor,
            tax_category=line.rate.category,
            tax_percent=line.rate.percent,
            names=dict(item.charge.names),
            steps=jsonable(line.steps),
        )
        for position, (item, line) in enumerate(zip(draft.dues, draft.lines, strict=True), start=1)
    ]


def forget_others(drafts: Sequence[Draft], asked: Sequence[tuple[Subscription, datetime]]) -> int:
    """Delete drafts of boundaries that no longer are, such as those after an end that was set since."""
    keep = {(draft.subscription.pk, draft.due_at) for draft in drafts}
    until = {subscription.pk: moment for subscription, moment in asked}
    drafted = Invoice.objects.filter(state=Invoice.State.DRAFT, subscription__in=until)
    stale = [
        pk
        for pk, subscription, due_at in drafted.values_list("pk", "subscription_id", "due_at")
        if due_at <= until[subscription] and (subscription, due_at) not in keep
    ]
    return Invoice.objects.filter(pk__in=stale, state=Invoice.State.DRAFT).delete()[0] if stale else 0
