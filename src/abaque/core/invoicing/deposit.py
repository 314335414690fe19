"""Deposits: what a customer paid on deposit invoices that this invoice settles.

Law: deposits are used in the order given, each up to what is left of it, all together up to what is to pay.
Used and left sum to what was paid.

Source: EN 16931 BT-113, the paid amount, and BT-115, the amount due: gross less paid (BR-CO-16). A deposit
invoice (UNTDID 1001 code 386) showed its own tax when it was paid (Directive 2006/112 art. 65), so the final
invoice names it (BG-3).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from abaque.core.fault import Fault
from abaque.core.money import Money

from .credit import Burn


@dataclass(frozen=True, slots=True)
class Deposit:
    """What is `left` of the money paid on a deposit invoice, tax included. Fault `negative_deposit`."""

    invoice: str
    left: Money

    def __post_init__(self) -> None:
        if self.left.minor < 0:
            raise Fault("negative_deposit", invoice=self.invoice, left=self.left)


def use_deposits(due: Money, deposits: Iterable[Deposit]) -> tuple[Burn, ...]:
    """Return what is used of each deposit, by its invoice, to pay up to `due`. Fault `duplicate_deposit`."""
    used = []
    seen: set[str] = set()
    for deposit in deposits:
        if deposit.invoice in seen:
            raise Fault("duplicate_deposit", invoice=deposit.invoice)
        seen.add(deposit.invoice)
        amount = min(deposit.left, due)
        if amount.minor > 0:
            used.append(Burn(deposit.invoice, amount))
            due = due - amount
    return tuple(used)
