"""The documents of a life so far: which line a charge stands on, and what credit notes took back of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from abaque.core.invoicing import CreditNote, Invoice, Line, credit_note, lines_left
from abaque.core.money import Money
from abaque.core.subscription import Owed
from abaque.core.tax import Rate

Key = tuple[object, ...]
Place = tuple[int, int]


@dataclass(slots=True)
class Books:
    """Invoices in their order, the credit notes of each, and the lines (invoice, line) of what was invoiced."""

    invoices: list[Invoice] = field(default_factory=list)
    notes: list[list[CreditNote]] = field(default_factory=list)
    lines: dict[Key, list[Place]] = field(default_factory=dict)

    def enter(self, invoice: Invoice, charged: Sequence[Owed]) -> None:
        """Enter an invoice whose first lines are those of the charges, in their order."""
        number = len(self.invoices)
        self.invoices.append(invoice)
        self.notes.append([])
        for index, owed in enumerate(charged):
            assert owed.becomes is not None
            self.lines.setdefault(owed.becomes.key, []).append((number, index))

    def give_back(
        self, owed: Iterable[Owed], tax: Rate
    ) -> tuple[tuple[tuple[int, CreditNote], ...], tuple[Line, ...]]:
        """Return a credit note for each invoice concerned, and negative lines for what those cannot take.

        The line that came last gives back first.
        """
        parts: dict[int, dict[int, int]] = {}
        rest: list[Line] = []
        for one in owed:
            assert one.refers_to is not None
            wanted = one.amount.minor
            for number, index in reversed(self.lines[one.refers_to.key]):
                taken = min(wanted, self._left(number, index, parts))
                if taken > 0:
                    parts.setdefault(number, {})[index] = parts.get(number, {}).get(index, 0) + taken
                    wanted -= taken
            if wanted:
                left = Money(wanted, one.amount.currency)
                rest.append(Line(one.charge.code, Decimal(-1), left.decimal(), -left, tax, one.span))
        return tuple(self._note(number, parts[number]) for number in sorted(parts)), tuple(rest)

    def _left(self, number: int, index: int, parts: dict[int, dict[int, int]]) -> int:
        """Return what is left to credit of a line: of the line, and of all lines of its rate."""
        invoice, line = self.invoices[number], self.invoices[number].lines[index]
        chosen = parts.get(number, {})
        own = lines_left(invoice, self.notes[number])[index].minor - chosen.get(index, 0)
        base = next(part.base.minor for part in invoice.totals.taxes if part.rate == line.line.rate)
        credited = sum(
            part.base.minor
            for note in self.notes[number]
            for part in note.totals.taxes
            if part.rate == line.line.rate
        )
        same = (place for place in chosen if invoice.lines[place].line.rate == line.line.rate)
        return min(own, base - credited - sum(chosen[place] for place in same))

    def _note(self, number: int, chosen: dict[int, int]) -> tuple[int, CreditNote]:
        invoice, before = self.invoices[number], self.notes[number]
        currency = invoice.due.currency
        note = credit_note(
            invoice, {index: Money(minor, currency) for index, minor in chosen.items()}, before
        )
        before.append(note)
        return number, note
