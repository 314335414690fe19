"""Credit notes: an invoice taken back, in full or in part.

Law: what is credited never exceeds the invoice, per line, per rate and in total. The tax of a note is the
rounded share of the invoice's tax at what is credited with it, less that at what was credited before, per
category and rate: so notes that together take back the whole take back exactly its tax.

Amounts are positive, as the document type says that they are given back (UNTDID 1001 code 381). A note names
its invoice (Directive 2006/112 art. 219; EN 16931 BG-3); the tax base is reduced by it (art. 90).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from abaque.core.fault import Fault
from abaque.core.money import Money, cumulative_share, total
from abaque.core.tax import TaxGroup, Totals, summed

from .invoice import Invoice
from .reduction import Reduced


@dataclass(frozen=True, slots=True)
class CreditNote:
    """What is given back of an invoice: (index of the line, net) for each line concerned, and the totals."""

    parts: tuple[tuple[int, Money], ...]
    totals: Totals


def credit_note(
    invoice: Invoice, parts: Mapping[int, Money] | None = None, previous: Sequence[CreditNote] = ()
) -> CreditNote:
    """Return the credit note for so much of the net of each line; for all that is left if no parts are given.

    A line of a negative net is credited by a negative amount. Faults: `unknown_line` (line), `bad_credit_amount`
    (line, amount: not of the line's sign), `credit_over_line` (line, left), `credit_over_rate` (category,
    percent, left), `credit_note_negative` (category, percent: it would take money), `nothing_to_credit`.
    """
    left = lines_left(invoice, previous)
    wanted = dict(enumerate(left)) if parts is None else parts
    chosen = {index: amount for index, amount in sorted(wanted.items()) if amount.minor}
    for index, amount in chosen.items():
        _check(index, amount, left)
    groups = [_group(part, invoice.lines, chosen, previous) for part in invoice.totals.taxes]
    credited = [part for part in groups if part.base.minor]
    if not credited:
        raise Fault("nothing_to_credit")
    return CreditNote(tuple(chosen.items()), summed(credited, invoice.due.currency))


def lines_left(invoice: Invoice, previous: Sequence[CreditNote]) -> tuple[Money, ...]:
    """Return what is left of the net of each line after those credit notes."""
    left = [line.net for line in invoice.lines]
    for note in previous:
        for index, amount in note.parts:
            left[index] = left[index] - amount
    return tuple(left)


def _check(index: int, amount: Money, left: Sequence[Money]) -> None:
    if not 0 <= index < len(left):
        raise Fault("unknown_line", line=index)
    if left[index].minor and (amount.minor > 0) is not (left[index].minor > 0):
        raise Fault("bad_credit_amount", line=index, amount=amount)
    if abs(amount) > abs(left[index]):
        raise Fault("credit_over_line", line=index, left=left[index])


def _group(
    whole: TaxGroup, lines: Sequence[Reduced], chosen: Mapping[int, Money], previous: Sequence[CreditNote]
) -> TaxGroup:
    rate, currency = whole.rate, whole.base.currency
    base = total((amount for index, amount in chosen.items() if lines[index].line.rate == rate), currency)
    before = total(
        (part.base for note in previous for part in note.totals.taxes if part.rate == rate), currency
    )
    left = whole.base - before
    if base.minor < 0:
        raise Fault("credit_note_negative", category=rate.category, percent=rate.percent)
    if base > left:
        raise Fault("credit_over_rate", category=rate.category, percent=rate.percent, left=left)
    if not base.minor:
        return TaxGroup(rate, base, base)
    tax = cumulative_share(whole.tax, before.minor, (before + base).minor, whole.base.minor)
    return TaxGroup(rate, base, tax)
