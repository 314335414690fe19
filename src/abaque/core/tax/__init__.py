"""VAT as the rules of EN 16931 count it. Rates and mentions with their legal source are data elsewhere."""

from .rate import Rate, Treatment, decide
from .totals import TaxGroup, Totals, tax_on, total_up

__all__ = ["Rate", "TaxGroup", "Totals", "Treatment", "decide", "tax_on", "total_up"]
