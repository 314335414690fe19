"""What a credit line is worth beyond what it is set off against waits for the next invoice.

Law: the net of each tax category and rate is never negative, so neither the tax nor the gross of an invoice
is, whatever its lines; nets and what is carried sum to what there was. Tax is given back at the rate at
which it was charged, so a negative line is set off against lines of its own rate only.
"""

from collections.abc import Sequence
from decimal import Decimal

from abaque.core.money import Money

from .line import Line
from .reduction import Reduced, Reduction

CARRIED = "carried"


def carry(lines: Sequence[Reduced]) -> tuple[tuple[Reduced, ...], tuple[Line, ...]]:
    """Return the lines of this invoice, and the negative lines to put on the next one.

    The part of a line that is carried is a reduction of code `carried` with a negative amount.
    """
    if all(line.net.minor >= 0 for line in lines):
        return tuple(lines), ()
    room = dict.fromkeys((line.line.rate for line in lines), 0)
    for line in lines:
        room[line.line.rate] += max(line.net.minor, 0)
    kept: list[Reduced] = []
    carried: list[Line] = []
    for line in lines:
        rate = line.line.rate
        fits = max(line.net.minor, -room[rate])
        over = Money(line.net.minor - fits, line.net.currency)
        room[rate] += min(fits, 0)
        if over.minor:
            carried.append(_waiting(line.line, over))
            reductions = (*line.reductions, Reduction(CARRIED, over))
            kept.append(Reduced(line.line, reductions, Money(fits, line.net.currency)))
        else:
            kept.append(line)
    return tuple(kept), tuple(carried)


def _waiting(line: Line, over: Money) -> Line:
    """The rest of a line, as minus one at a price: a price is never negative (EN 16931 BR-27)."""
    return Line(line.charge, Decimal(-1), (-over).decimal(), over, line.rate, line.span)
