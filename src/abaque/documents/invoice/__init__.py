"""Invoices and credit notes as A4 PDF."""

from abaque.documents.invoice.document import (
    Buyer,
    InvoiceDocument,
    Issuer,
    Kind,
    Line,
    Period,
    Reference,
    Tax,
)
from abaque.documents.invoice.plain import as_plain, from_plain
from abaque.documents.invoice.render import Rendered, prove, render

__all__ = [
    "Buyer",
    "InvoiceDocument",
    "Issuer",
    "Kind",
    "Line",
    "Period",
    "Reference",
    "Rendered",
    "Tax",
    "as_plain",
    "from_plain",
    "prove",
    "render",
]
