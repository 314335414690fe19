"""Payments and refunds, in money and in prepaid credits.

Law: a payment takes off what is owed, never more; what exceeds it is the customer's, in `unapplied`, and can be
applied to a later invoice or refunded. A credit bought is owed to the customer until it burns or expires:
bought, burnt and expired sum to what is left (multi-purpose voucher, Directive 2006/112 art. 30b: no VAT when it
is bought, none on what expires). A credit that was given is a price reduction and has no entry.

On receipts `vat_fell_due` follows whatever takes off what is owed.
"""

from abaque.core.fault import Fault
from abaque.core.money import Money

from .account import BANK, BREAKAGE
from .entry import Entry, entry


def payment_received(customer: str, amount: Money, owed: Money, bank: str = BANK) -> Entry:
    """Return the entry of a payment, in part, in full or over what is owed. Fault `bad_amount`."""
    taken = min(_positive(amount), owed)
    return entry(
        "payment_received",
        (bank, amount),
        (f"receivable:{customer}", -taken),
        (f"unapplied:{customer}", taken - amount),
    )


def payment_applied(customer: str, amount: Money) -> Entry:
    """Return the entry by which money paid beyond an invoice pays another one. Fault `bad_amount`."""
    return entry(
        "payment_applied", (f"unapplied:{customer}", _positive(amount)), (f"receivable:{customer}", -amount)
    )


def refunded(customer: str, amount: Money, bank: str = BANK) -> Entry:
    """Return the entry of money given back, out of what is the customer's. Fault `bad_amount`."""
    return entry("refunded", (f"unapplied:{customer}", _positive(amount)), (bank, -amount))


def credit_bought(customer: str, amount: Money, bank: str = BANK) -> Entry:
    """Return the entry of prepaid credit that was bought and paid. Fault `bad_amount`."""
    return entry("credit_bought", (bank, _positive(amount)), (f"prepaid:{customer}", -amount))


def credit_burnt(customer: str, amount: Money) -> Entry:
    """Return the entry of bought credit that pays an invoice. Fault `bad_amount`."""
    return entry(
        "credit_burnt", (f"prepaid:{customer}", _positive(amount)), (f"receivable:{customer}", -amount)
    )


def credit_expired(customer: str, amount: Money) -> Entry:
    """Return the entry of bought credit that expired unused. Fault `bad_amount`."""
    return entry("credit_expired", (f"prepaid:{customer}", _positive(amount)), (BREAKAGE, -amount))


def _positive(amount: Money) -> Money:
    if amount.minor <= 0:
        raise Fault("bad_amount", amount=amount)
    return amount
