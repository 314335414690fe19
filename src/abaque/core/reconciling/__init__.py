"""Comparing sides: typed differences with what is at stake, and whether they stop billing; promised totals, silence."""

from .compare import compare
from .difference import Difference, Fact, Kind
from .habit import Habit, Silence
from .tolerance import Tolerance, holds
from .totals import Grain, Totals, TotalState, Whose, agree, stretches, total_state

__all__ = [
    "Difference",
    "Fact",
    "Grain",
    "Habit",
    "Kind",
    "Silence",
    "Tolerance",
    "TotalState",
    "Totals",
    "Whose",
    "agree",
    "compare",
    "holds",
    "stretches",
    "total_state",
]
