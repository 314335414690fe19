"""When VAT falls due: with the invoice, or with its payments.

Law: on receipts, the VAT that fell due for an invoice is, per rate, the rounded share of its tax at what was
received of its gross. So VAT waiting and VAT due always sum to the tax of the invoice less its credit notes,
and nothing waits once it is paid.

Source: Directive 2006/112 art. 63 to 66; in France services are due on receipts unless the issuer opted for
debits (CIBS, ex-CGI 269-2 c).
"""

from dataclasses import dataclass
from enum import StrEnum

from abaque.core.fault import Fault
from abaque.core.money import Money, cumulative_share
from abaque.core.tax import Rate, TaxGroup, Totals, summed

from .account import per_rate
from .entry import Entry, entry


class VatPoint(StrEnum):
    """On debits: VAT is due when the invoice is issued. On receipts: when, and so far as, it is paid."""

    DEBITS = "debits"
    RECEIPTS = "receipts"

    @property
    def account(self) -> str:
        """The account that takes the VAT of an invoice when it is issued."""
        return "vat" if self is VatPoint.DEBITS else "vat_waiting"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The totals of an invoice less its credit notes, and what was received for it, in bank or in credits.

    Fault `bad_settlement` unless 0 ≤ received ≤ gross.
    """

    totals: Totals
    received: Money

    def __post_init__(self) -> None:
        if not 0 <= self.received.minor <= self.totals.gross.minor:
            raise Fault("bad_settlement", gross=self.totals.gross, received=self.received)

    @property
    def open(self) -> Money:
        """What is still owed."""
        return self.totals.gross - self.received

    def receive(self, amount: Money) -> "Settlement":
        """Return it after a payment; what exceeds the invoice is the customer's and not counted here."""
        return Settlement(self.totals, min(self.received + amount, self.totals.gross))

    def credit(self, note: Totals) -> "Settlement":
        """Return it after a credit note; what was received beyond the rest is the customer's again."""
        less = {part.rate: part for part in note.taxes}
        left = summed(
            (_minus(part, less.get(part.rate)) for part in self.totals.taxes), self.received.currency
        )
        assert left.gross == self.totals.gross - note.gross
        return Settlement(left, min(self.received, left.gross))

    def vat_due(self) -> dict[Rate, Money]:
        """Return the VAT per rate that what was received makes due."""
        gross = self.totals.gross.minor
        return {
            part.rate: cumulative_share(part.tax, 0, self.received.minor, gross) if gross else part.tax
            for part in self.totals.taxes
        }


def vat_fell_due(before: Settlement, after: Settlement) -> Entry:
    """Return the entry by which VAT on receipts moves from waiting to due (or back) with a fact in between.

    It has no postings where none moves.
    """
    was, now = before.vat_due(), after.vat_due()
    postings = []
    for rate in {**was, **now}:
        none = Money.zero(before.received.currency)
        moved = now.get(rate, none) - was.get(rate, none)
        postings += [(per_rate("vat_waiting", rate), moved), (per_rate("vat", rate), -moved)]
    return entry("vat_fell_due", *postings)


def _minus(part: TaxGroup, less: TaxGroup | None) -> TaxGroup:
    return part if less is None else TaxGroup(part.rate, part.base - less.base, part.tax - less.tax)
