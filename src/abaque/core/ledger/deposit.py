"""Deposit invoices, and the final invoices they pay in part.

Law: a deposit is no revenue: it is owed to the customer until a final invoice uses it. Used whole, in whatever
parts, its net and its VAT are gone from the books to the minor unit, and the final invoice's remain: VAT is
owed once.

Source: Directive 2006/112 art. 65: VAT on a payment on account falls due when it is received.
"""

from abaque.core.money import Money, cumulative_share, total
from abaque.core.tax import Totals

from .account import per_rate
from .entry import Entry, entry
from .vat_point import VatPoint


def deposit_invoiced(customer: str, totals: Totals, vat: VatPoint = VatPoint.DEBITS) -> Entry:
    """Return the entry of a deposit invoice. On receipts `vat_fell_due` follows with its payment."""
    taxes = [(per_rate(vat.account, part.rate), -part.tax) for part in totals.taxes]
    return entry(
        "deposit_invoiced",
        (f"receivable:{customer}", totals.gross),
        (f"deposits:{customer}", -totals.net),
        *taxes,
    )


def deposit_used(customer: str, deposit: Totals, used: Money, now: Money) -> Entry:
    """Return the entry by which a paid deposit, of which so much was `used` before, pays `now` of an invoice.

    The VAT that fell due with the deposit is taken back, for the final invoice shows all of it again. Fault
    `bad_share` beyond the deposit.
    """
    gross = deposit.gross.minor
    taxes = [
        (per_rate("vat", part.rate), cumulative_share(part.tax, used.minor, (used + now).minor, gross))
        for part in deposit.taxes
    ]
    net = now - total((tax for _, tax in taxes), now.currency)
    return entry("deposit_used", (f"deposits:{customer}", net), *taxes, (f"receivable:{customer}", -now))
