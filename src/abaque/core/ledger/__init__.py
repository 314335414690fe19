"""Balanced entries: every money fact as postings that sum to zero."""

from .deposit import deposit_invoiced, deposit_used
from .entry import Entry, Posting
from .exchange import exchange_difference, in_book
from .payment import (
    credit_bought,
    credit_burnt,
    credit_expired,
    payment_applied,
    payment_received,
    refunded,
)
from .revenue import revenue_accrued, revenue_deferred, revenue_recognised, reversed_entry
from .sale import credit_note_issued, invoice_issued, written_off
from .vat_point import Settlement, VatPoint, vat_fell_due

__all__ = [
    "Entry",
    "Posting",
    "Settlement",
    "VatPoint",
    "credit_bought",
    "credit_burnt",
    "credit_expired",
    "credit_note_issued",
    "deposit_invoiced",
    "deposit_used",
    "exchange_difference",
    "in_book",
    "invoice_issued",
    "payment_applied",
    "payment_received",
    "refunded",
    "revenue_accrued",
    "revenue_deferred",
    "revenue_recognised",
    "reversed_entry",
    "vat_fell_due",
    "written_off",
]
