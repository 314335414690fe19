"""VAT as the rules of EN 16931 count it. Rates and mentions with their legal source are data elsewhere."""

from .from_gross import from_gross
from .place import UNION, Buyer, Supply, decide_by_place
from .rate import Rate, Treatment, decide
from .rate_table import DatedRate, RateTable
from .totals import TaxGroup, Totals, summed, tax_on, total_up

__all__ = [
    "UNION",
    "Buyer",
    "DatedRate",
    "Rate",
    "RateTable",
    "Supply",
    "TaxGroup",
    "Totals",
    "Treatment",
    "decide",
    "decide_by_place",
    "from_gross",
    "summed",
    "tax_on",
    "total_up",
]
