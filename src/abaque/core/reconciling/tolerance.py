from dataclasses import dataclass
from decimal import Decimal

from abaque.core.money import multiply, subtract

from .difference import Difference, Fact, Kind

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A difference below both `percent` of what we have and `units` of currency (major) does not hold."""

    percent: Decimal = Decimal(1)
    units: Decimal = Decimal(5)


def holds(difference: Difference, tolerance: Tolerance | None = None, *, due_soon: bool = False) -> bool:
    """Return whether a difference stops billing of what it touches.

    What is missing, unexpected, doubled or disputed always does; `unknown` only what is due within a day
    (`due_soon`); the others unless both their share and their impact are below the tolerance.
    """
    match difference.kind:
        case Kind.MISSING | Kind.UNEXPECTED | Kind.DISPUTED:
            return True
        case Kind.UNKNOWN:
            return due_soon
        case Kind.DIFFERING | Kind.STALE:
            return not _tolerable(difference, tolerance or Tolerance())


def _tolerable(difference: Difference, tolerance: Tolerance) -> bool:
    ours, theirs = difference.ours, difference.theirs
    if ours is None or theirs is None or "currency" in difference.aspects:
        return False
    if difference.impact.decimal() >= tolerance.units:
        return False
    return _within(_amount(ours), _amount(theirs), tolerance) and _within(
        ours.quantity, theirs.quantity, tolerance
    )


def _amount(fact: Fact) -> Decimal | None:
    return None if fact.amount is None else fact.amount.decimal()


def _within(ours: Decimal | None, theirs: Decimal | None, tolerance: Tolerance) -> bool:
    """Return whether two figures differ by less than the percentage; a figure against none never does."""
    if ours == theirs:
        return True
    if ours is None or theirs is None:
        return False
    return multiply(subtract(ours, theirs).copy_abs(), _HUNDRED) < multiply(
        ours.copy_abs(), tolerance.percent
    )
