"""What a subscription owes and when: terms, periods, stubs, proration; and its life, event by event."""

from .bill import Billed, bill, minimums
from .changes import is_upgrade
from .due import Due, due
from .entitlements import Answer, Reason, may
from .events import (
    Activate,
    AddAddOn,
    Advance,
    Cancel,
    ChangePlan,
    ChangeQuantity,
    Convert,
    Event,
    ExtendTrial,
    Migrate,
    Move,
    Pause,
    Reactivate,
    RemoveAddOn,
    Renew,
    Resume,
    Start,
    When,
)
from .grant import Grant, grants
from .history import AddOn, History, Mode, Segment
from .machine import Transition, moved, step
from .phase import percent_off, phased
from .pool import drawn
from .proration import Share, prorated_allowance, rate_due, share_of
from .rated import Rated, Used, rated
from .schedule import schedule_of
from .settle import Kind, Owed, settle, settle_one, settle_usage
from .subscription import Invoiced, State, Subscription, noted
from .terms import Terms

__all__ = [
    "Activate",
    "AddAddOn",
    "AddOn",
    "Advance",
    "Answer",
    "Billed",
    "Cancel",
    "ChangePlan",
    "ChangeQuantity",
    "Convert",
    "Due",
    "Event",
    "ExtendTrial",
    "Grant",
    "History",
    "Invoiced",
    "Kind",
    "Migrate",
    "Mode",
    "Move",
    "Owed",
    "Pause",
    "Rated",
    "Reactivate",
    "Reason",
    "RemoveAddOn",
    "Renew",
    "Resume",
    "Segment",
    "Share",
    "Start",
    "State",
    "Subscription",
    "Terms",
    "Transition",
    "Used",
    "When",
    "bill",
    "drawn",
    "due",
    "grants",
    "is_upgrade",
    "may",
    "minimums",
    "moved",
    "noted",
    "percent_off",
    "phased",
    "prorated_allowance",
    "rate_due",
    "rated",
    "schedule_of",
    "settle",
    "settle_one",
    "settle_usage",
    "share_of",
    "step",
]
