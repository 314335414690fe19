"""Invoices as values: lines, totals, numbers, and what the law wants on them."""

from abaque.core.tax import TaxGroup, Totals

from .line import Line, totals
from .number import check_pattern, number
from .party import Party, required_fields

__all__ = ["Line", "Party", "TaxGroup", "Totals", "check_pattern", "number", "required_fields", "totals"]
