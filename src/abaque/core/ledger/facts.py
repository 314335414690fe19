"""The postings of each business fact."""

from abaque.core.money import EXACT
from abaque.core.tax import Totals

from .entry import Entry, Posting


def invoice_issued(customer: str, totals: Totals) -> Entry:
    """Return the entry of an issued invoice: the customer owes the gross; net is revenue, tax is owed on.

    Accounts `receivable:CUSTOMER`, and `revenue:…` and `vat:…` per category and percentage, so that VAT stays
    attributable to its rate. Nothing is posted where nothing is due. Fault `unbalanced` if the totals are.
    """
    postings = [Posting(f"receivable:{customer}", totals.gross)]
    for group in totals.taxes:
        name = f"{group.rate.category}:{EXACT.normalize(group.rate.percent):f}"
        postings.append(Posting(f"revenue:{name}", -group.base))
        postings.append(Posting(f"vat:{name}", -group.tax))
    return Entry("invoice_issued", tuple(posting for posting in postings if posting.amount.minor))
