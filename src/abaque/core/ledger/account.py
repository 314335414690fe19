"""The names of accounts. A shell maps them to the numbers of a chart of accounts.

`receivable:CUSTOMER` what a customer owes on invoices; `unapplied:CUSTOMER` what was paid beyond them;
`prepaid:CUSTOMER` credits bought and not burnt; `deposits:CUSTOMER` the net of deposits not yet used;
`accrued:CUSTOMER` earned, not yet invoiced; `bank`; `bad_debt`; `exchange`; `breakage`; and per category and
percentage `revenue:…`, `deferred:…`, `vat:…` owed to the state, `vat_waiting:…` not yet due.
"""

from abaque.core.money import EXACT
from abaque.core.tax import Rate

BANK, BAD_DEBT, EXCHANGE, BREAKAGE = "bank", "bad_debt", "exchange", "breakage"


def per_rate(account: str, rate: Rate) -> str:
    """Return the account of a rate: `vat:S:5.5`."""
    return f"{account}:{rate.category}:{EXACT.normalize(rate.percent):f}"
