"""Balanced entries: every money fact as postings that sum to zero."""

from .entry import Entry, Posting
from .facts import invoice_issued

__all__ = ["Entry", "Posting", "invoice_issued"]
