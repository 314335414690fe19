"""Amounts of money, exact arithmetic, and the one place where anything is rounded."""

from .amount import Money, total
from .currency import Currency, currency, known_codes
from .exact import EXACT, add, divide, multiply, nearest, scaled, subtract
from .rounding import to_money
from .sharing import allocate, cumulative_share, share

__all__ = [
    "EXACT",
    "Currency",
    "Money",
    "add",
    "allocate",
    "cumulative_share",
    "currency",
    "divide",
    "known_codes",
    "multiply",
    "nearest",
    "scaled",
    "share",
    "subtract",
    "to_money",
    "total",
]
