"""Stored invoices and credit notes as the core's values."""

from collections.abc import Iterable
from decimal import Decimal

from abaque.core.invoicing import CreditNote, Line, Reduced
from abaque.core.invoicing import Invoice as CoreInvoice
from abaque.core.ledger import Settlement
from abaque.core.money import Money, currency
from abaque.core.tax import Rate, TaxGroup, Totals
from abaque.storage import hot
from abaque.storage.models import Invoice, InvoiceLine


def totals_of(invoice: Invoice) -> Totals:
    """Return what an invoice or a credit note sums to."""
    unit = currency(invoice.currency)
    groups = tuple(
        TaxGroup(
            Rate(group["category"], Decimal(group["percent"]), group["mention"]),
            Money(group["base"], unit),
            Money(group["tax"], unit),
        )
        for group in invoice.taxes
    )
    return Totals(Money(invoice.net, unit), groups, Money(invoice.tax, unit), Money(invoice.gross, unit))


def rate_of(line: InvoiceLine, invoice: Invoice) -> Rate:
    """Return the VAT of a line as its invoice charged it."""
    wanted = line.tax_category, line.tax_percent
    for group in totals_of(invoice).taxes:
        if (group.rate.category, group.rate.percent) == wanted:
            return group.rate
    raise AssertionError(f"line {line.pk} has a rate that its invoice has not")


def invoice_of(invoice: Invoice) -> CoreInvoice:
    """Return an issued invoice, as credit notes look at it."""
    unit, totals = currency(invoice.currency), totals_of(invoice)
    lines = (
        Line(line.charge, line.quantity or Decimal(1), None, Money(line.net, unit), rate_of(line, invoice))
        for line in invoice.lines.all()
    )
    reduced = tuple(Reduced(line, (), line.net) for line in lines)
    return CoreInvoice(reduced, totals, (), (), (), totals.gross, ())


def credit_notes_of(invoice: Invoice, notes: Iterable[Invoice]) -> list[CreditNote]:
    """Return the credit notes of an invoice; their parts are said by the places of its lines."""
    unit = currency(invoice.currency)
    places = {line.pk: place for place, line in enumerate(invoice.lines.all())}
    return [
        CreditNote(
            tuple(
                (places[line.credits_id], Money(line.net, unit))
                for line in note.lines.all()
                if line.credits_id
            ),
            totals_of(note),
        )
        for note in notes
    ]


def settlement_of(invoice: Invoice, *, but: Invoice) -> Settlement:
    """Return what an issued invoice comes to less its credit notes, but one, and what the ledger received for it."""
    unit = currency(invoice.currency)
    settled = Settlement(totals_of(invoice), Money.zero(unit))
    for note in Invoice.objects.filter(corrects=invoice, state=Invoice.State.ISSUED).exclude(pk=but.pk):
        settled = settled.credit(totals_of(note))
    open_ = hot.rows(
        "SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p JOIN entry e ON e.id = p.entry_id"
        " WHERE e.invoice_id = %s AND p.account LIKE 'receivable:%%'",
        [invoice.pk],
    )[0][0]
    return Settlement(settled.totals, settled.totals.gross - Money(open_, unit))
