"""From what is due to a draft: usage measured, rated by the core, taxed, added up."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from abaque.billing.offers import plan_of, terms_of
from abaque.billing.parties import legal_identity
from abaque.billing.runner import jsonable
from abaque.core.invoicing import Line, required_fields, totals
from abaque.core.money import Currency
from abaque.core.subscription import Due, due, rate_due
from abaque.core.tax import Rate, Totals, Treatment, decide
from abaque.storage.models import Customer, Invoice, InvoiceLine, Meter, Subscription
from abaque.storage.read.spans import Asked, measure


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


def drafts_of(subscription: Subscription, *, until: datetime, done: set[datetime]) -> list[Draft]:
    """Return the drafts of all boundaries up to `until` that are not `done` (issued, or closed at zero)."""
    dues = [
        item
        for item in due(plan_of(subscription), terms_of(subscription), until=until)
        if item.due_at not in done
    ]
    return [
        _draft(subscription, due_at, tuple(items))
        for due_at, items in groupby(dues, key=lambda item: item.due_at)
    ]


def tax_rate(customer: Customer) -> Rate:
    """Return the VAT of a customer's supplies: the issuer's standard rate, reverse charge, or none."""
    return decide(Treatment(customer.tax), customer.issuer.vat_percent)


def _draft(subscription: Subscription, due_at: datetime, dues: tuple[Due, ...]) -> Draft:
    customer = subscription.customer
    lines = tuple(_lines(subscription, dues, tax_rate(customer)))
    currency = plan_of(subscription).currency
    missing = required_fields(
        legal_identity(customer.issuer),
        legal_identity(customer),
        Treatment(customer.tax),
    )
    return Draft(subscription, due_at, dues, lines, totals(lines, currency), missing)


def _lines(subscription: Subscription, dues: tuple[Due, ...], rate: Rate) -> Iterable[Line]:
    customer, currency = subscription.customer, plan_of(subscription).currency
    meters = dict(Meter.objects.values_list("code", "pk"))
    metered = [item for item in dues if item.charge.meter is not None]
    usage = measure(
        [
            Asked(meters[str(item.charge.meter)], customer.pk, item.span.start, item.span.end)
            for item in metered
        ]
    )
    quantities = {id(item): found.quantity for item, found in zip(metered, usage, strict=True)}
    for item in dues:
        yield _line(item, quantities, currency, customer.zone, rate)


def _line(item: Due, quantities: dict[int, object], currency: Currency, zone: str, rate: Rate) -> Line:
    quantity = quantities.get(id(item))
    rating, net = rate_due(item, quantity, currency, zone)  # type: ignore[arg-type]  # a Decimal or None
    units = {step.unit for step in rating.steps}
    return Line(
        charge=item.charge.code,
        quantity=rating.quantity,
        unit=units.pop() if len(units) == 1 else None,
        net=net,
        rate=rate,
        span=item.span,
        steps=rating.steps,
    )


def store(draft: Draft, *, now: datetime) -> Invoice | None:
    """Write a draft, or bring the stored one up to date; None where nothing changed.

    A draft that sums to zero closes its period and claims its units without a document.
    """
    stored = (
        Invoice.objects.select_for_update()
        .filter(subscription=draft.subscription, due_at=draft.due_at)
        .first()
    )
    if stored is not None and (stored.state != Invoice.State.DRAFT or bytes(stored.digest) == draft.digest):
        return None
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
    invoice.save()
    invoice.lines.all().delete()
    InvoiceLine.objects.bulk_create(_rows(draft, invoice))
    return invoice


def _rows(draft: Draft, invoice: Invoice) -> list[InvoiceLine]:
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
            quantity=line.quantity if item.charge.meter else None,
            net=line.net.minor,
            tax_category=line.rate.category,
            tax_percent=line.rate.percent,
            names=dict(item.charge.names),
            steps=jsonable(line.steps),
        )
        for position, (item, line) in enumerate(zip(draft.dues, draft.lines, strict=True), start=1)
    ]


def forget_others(subscription: Subscription, drafts: list[Draft], *, until: datetime) -> int:
    """Delete drafts of boundaries that no longer are, such as those after an end that was set since."""
    keep = [draft.due_at for draft in drafts]
    stale = Invoice.objects.filter(subscription=subscription, state=Invoice.State.DRAFT, due_at__lte=until)
    return stale.exclude(due_at__in=keep).delete()[0]
