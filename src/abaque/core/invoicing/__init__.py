"""Invoices as values: lines, reductions, totals, numbers, and what the law wants on them."""

from abaque.core.tax import TaxGroup, Totals

from .credit import Burn, Credit, TopUp, credits_left, expired, top_up
from .credit_note import CreditNote, credit_note
from .credit_pack import CreditPack, granted
from .deposit import Deposit
from .discount import Discount, apply_discounts, discounts_left
from .invoice import Invoice, draft
from .line import Line, totals
from .number import check_pattern, number
from .party import Party, required_fields
from .promotion import Promotion, redeem
from .reduction import Reduced, Reduction
from .spend import maximum_discount, minimum_line, prorated, true_up_line

__all__ = [
    "Burn",
    "Credit",
    "CreditNote",
    "CreditPack",
    "Deposit",
    "Discount",
    "Invoice",
    "Line",
    "Party",
    "Promotion",
    "Reduced",
    "Reduction",
    "TaxGroup",
    "TopUp",
    "Totals",
    "apply_discounts",
    "check_pattern",
    "credit_note",
    "credits_left",
    "discounts_left",
    "draft",
    "expired",
    "granted",
    "maximum_discount",
    "minimum_line",
    "number",
    "prorated",
    "redeem",
    "required_fields",
    "top_up",
    "totals",
    "true_up_line",
]
