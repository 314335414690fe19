"""Lines that cost less than they were rated at, and what took the difference off.

Law: gross less reductions is net, line by line; what is taken off together is taken once, to the minor unit;
no line and no sum that was not negative becomes so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from abaque.core.money import Money

from .line import Line

Scope = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Reduction:
    """What one discount or credit took off one line, before tax (an allowance of a line, EN 16931 BG-27).

    A negative amount adds to the line instead (a charge of a line, BG-28): see `carry`.
    """

    code: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Reduced:
    """A line as it was rated, its reductions in the order they were taken, and the net that is left (BT-131)."""

    line: Line
    reductions: tuple[Reduction, ...]
    net: Money

    @property
    def gross(self) -> Money:
        """The amount before any reduction, net of tax."""
        return self.line.net


def scoped(charges: Sequence[str], lefts: Sequence[int], scope: Scope) -> list[int]:
    """Return the indices of the lines that may be reduced: above zero, of a charge in the scope (None: any)."""
    return [
        index
        for index, charge in enumerate(charges)
        if lefts[index] > 0 and (scope is None or charge in scope)
    ]


def take(lefts: list[int], within: Sequence[int], wanted: int) -> list[tuple[int, int]]:
    """Take up to `wanted` minor units off `lefts` in place; return (index, part) for each line it came from.

    Never more than the lines `within` hold, nor than all the lines sum to, negative ones included. Each gives
    by what it holds: the largest remainder, as `core.money.allocate` splits, in integers.
    """
    whole = sum([lefts[index] for index in within])
    amount = min(wanted, whole, sum(lefts))
    if amount <= 0:
        return []
    parts = [divmod(amount * lefts[index], whole) for index in within]
    short = sum([rest for _, rest in parts]) // whole
    served = set(sorted(range(len(parts)), key=lambda place: -parts[place][1])[:short]) if short else ()
    taken = []
    for place, index in enumerate(within):
        part = parts[place][0] + (place in served)
        if part:
            lefts[index] -= part
            taken.append((index, part))
    return taken


def reduce(
    lines: Sequence[Reduced], taken: Sequence[Sequence[Reduction]], lefts: Sequence[int]
) -> tuple[Reduced, ...]:
    """Return the lines with what was taken off each, `lefts` being their nets in minor units."""
    return tuple(
        Reduced(was.line, was.reductions + tuple(more), Money(left, was.net.currency)) if more else was
        for was, more, left in zip(lines, taken, lefts, strict=True)
    )
