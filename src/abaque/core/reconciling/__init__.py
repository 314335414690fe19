"""Comparing sides: typed differences with what is at stake, and whether they stop billing."""

from .compare import compare
from .difference import Difference, Fact, Kind
from .tolerance import Tolerance, holds

__all__ = ["Difference", "Fact", "Kind", "Tolerance", "compare", "holds"]
