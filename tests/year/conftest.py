"""The house of tests/billing, with its real commits, is the one the year is played in."""

from tests.billing.conftest import house, in_threads

__all__ = ["house", "in_threads"]
