"""What late usage changes of issued invoices: lines that bill more of a span, and credit notes that give back."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from abaque.billing import late_usage
from abaque.billing.as_issued import credit_notes_of, invoice_of, rate_of
from abaque.billing.late_usage import Settled
from abaque.core.fault import Fault
from abaque.core.invoicing import Line, credit_note
from abaque.core.money import Money, currency
from abaque.core.pricing import Rating, Step, further
from abaque.core.subscription import Due
from abaque.core.tax import Totals
from abaque.storage.models import Invoice, InvoiceLine, Subscription


@dataclass(frozen=True, slots=True)
class Item:
    """A line and what it claims.

    Revision 0 bills its span first, later ones bill more of what an invoice, which it `adjusts`, billed before. One
    that `credits` a line gives back part of it.
    """

    due: Due
    line: Line
    revision: int = 0
    adjusts: Invoice | None = None
    credits: InvoiceLine | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What a credit note on an issued invoice would say."""

    corrects: Invoice
    items: tuple[Item, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class Adjustments:
    """What late usage of a subscription comes to."""

    more: tuple[Item, ...] = ()
    less: tuple[Note, ...] = ()


def adjustments_of(
    subscriptions: Sequence[Subscription],
) -> tuple[Mapping[int, Adjustments], list[tuple[Subscription, Fault]]]:
    """Return what late usage changes, by subscription; those of which it cannot be told, with the fault."""
    by_subscription: dict[int, list[Settled]] = defaultdict(list)
    for one in late_usage.settle(late_usage.claims([subscription.pk for subscription in subscriptions])):
        if one.owed is not None:
            by_subscription[one.claim.subscription.pk].append(one)
    found: dict[int, Adjustments] = {}
    faults = []
    for subscription in subscriptions:
        changed = by_subscription.get(subscription.pk, [])
        try:
            more = tuple(_more(one) for one in changed if one.more)
            found[subscription.pk] = Adjustments(more, _notes([one for one in changed if not one.more]))
        except Fault as fault:
            faults.append((subscription, fault))
    return found, faults


def _more(settled: Settled) -> Item:
    first, owed = settled.claim.first, settled.owed
    assert owed is not None
    assert owed.rating is not None
    line = _line(settled, owed.rating, owed.amount, first)
    return Item(settled.due, line, settled.claim.revision, adjusts=first.invoice)


def _line(settled: Settled, rating: Rating, net: Money, of: InvoiceLine) -> Line:
    """Return a line at the rate of the supply's own period, as the earlier line had it."""
    return Line(
        charge=of.charge,
        quantity=settled.quantity,
        unit=rating.price,
        net=net,
        rate=rate_of(of, of.invoice),
        span=settled.due.span,
        steps=rating.steps,
    )


def _notes(settled: Sequence[Settled]) -> tuple[Note, ...]:
    """Return the credit notes, one for each invoice that billed too much."""
    items: dict[int, list[Item]] = defaultdict(list)
    for one in settled:
        for line, rating in _given_back(one):
            credited = _line(one, rating, rating.money(one.should.currency), line)
            items[line.invoice_id].append(Item(one.due, credited, line.revision, credits=line))
    invoices = Invoice.objects.filter(pk__in=items).select_related("issuer").prefetch_related("lines")
    return tuple(_note(invoice, items[invoice.pk]) for invoice in invoices.order_by("pk"))


def _given_back(settled: Settled) -> Iterator[tuple[InvoiceLine, Rating]]:
    """Yield the lines that billed too much, the newest first, each with the steps of what it gives back.

    They are the same whether the notes on newer lines are issued or not: a line gives back all that is left of it,
    or what it and older ones billed beyond what the usage costs.
    """
    left = settled.claim.left()
    for place, (line, open_) in enumerate(left):
        older = sum(minor for _, minor in left[place + 1 :])
        both = Money(older + open_, settled.should.currency)
        if both <= settled.should:
            return
        if settled.should.minor <= older:
            whole = Money(open_, both.currency).decimal()
            yield line, Rating(settled.quantity, (Step("billed_before", Decimal(0), None, whole),))
        else:
            yield line, further(settled.rating, both).negated()


def _note(invoice: Invoice, items: Sequence[Item]) -> Note:
    issued = Invoice.objects.filter(corrects=invoice, state=Invoice.State.ISSUED).prefetch_related("lines")
    previous = credit_notes_of(invoice, issued.order_by("issued_at", "pk"))
    places = {line.pk: place for place, line in enumerate(invoice.lines.all())}
    unit = currency(invoice.currency)
    parts = {places[item.credits.pk]: Money(item.line.net.minor, unit) for item in items if item.credits}
    note = credit_note(invoice_of(invoice), parts, previous)
    return Note(invoice, tuple(items), note.totals)
