"""Invoices, credit notes and write-offs.

Law: an invoice and credit notes that take all of it back leave every account as it was; a write-off leaves
the customer owing nothing. On debits the loss is the gross that is open; on receipts the VAT that waited for it
never falls due, so that the loss is what remains.

Source: Directive 2006/112 art. 90 (the tax base is reduced by cancellation and non-payment). On debits VAT is
recovered from the state only once the debt is lost for good, by a document of its own: not here.
"""

from abaque.core.fault import Fault
from abaque.core.money import Money, total
from abaque.core.tax import Totals

from .account import BAD_DEBT, per_rate
from .entry import Entry, entry
from .vat_point import Settlement, VatPoint


def invoice_issued(customer: str, totals: Totals, vat: VatPoint = VatPoint.DEBITS) -> Entry:
    """Return the entry of an issued invoice: the customer owes the gross; net is revenue, tax is owed on.

    Accounts `receivable:CUSTOMER`, and `revenue:…` and `vat:…` (or `vat_waiting:…`) per category and percentage,
    so that VAT stays attributable to its rate. Fault `unbalanced` if the totals are.
    """
    return entry("invoice_issued", (f"receivable:{customer}", totals.gross), *_earned(totals, vat))


def credit_note_issued(
    customer: str, note: Totals, before: Settlement, vat: VatPoint = VatPoint.DEBITS
) -> Entry:
    """Return the entry of a credit note on an invoice settled so far: what is owed falls, the rest is repayable.

    On receipts `vat_fell_due` with the settlement after it follows.
    """
    owed = before.open - before.credit(note).open
    taken = [(account, -amount) for account, amount in _earned(note, vat)]
    return entry(
        "credit_note_issued",
        *taken,
        (f"receivable:{customer}", -owed),
        (f"unapplied:{customer}", owed - note.gross),
    )


def written_off(customer: str, settlement: Settlement, vat: VatPoint = VatPoint.DEBITS) -> Entry:
    """Return the entry by which all that is open is given up. Fault `nothing_open`."""
    lost = settlement.open
    if not lost.minor:
        raise Fault("nothing_open", customer=customer)
    waiting = []
    if vat is VatPoint.RECEIPTS:
        due = settlement.vat_due()
        waiting = [
            (per_rate("vat_waiting", part.rate), part.tax - due[part.rate])
            for part in settlement.totals.taxes
        ]
    loss = lost - total((amount for _, amount in waiting), lost.currency)
    return entry("written_off", (BAD_DEBT, loss), *waiting, (f"receivable:{customer}", -lost))


def _earned(totals: Totals, vat: VatPoint) -> list[tuple[str, Money]]:
    return [
        posting
        for part in totals.taxes
        for posting in (
            (per_rate("revenue", part.rate), -part.base),
            (per_rate(vat.account, part.rate), -part.tax),
        )
    ]
