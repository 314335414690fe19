"""What a subscription owes and when: terms, periods, stubs, proration."""

from .due import Due, due
from .proration import Share, prorated_allowance, rate_due, share_of
from .terms import Terms

__all__ = ["Due", "Share", "Terms", "due", "prorated_allowance", "rate_due", "share_of"]
