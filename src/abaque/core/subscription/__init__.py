"""What a subscription owes and when: terms, periods, stubs, proration; and its life, event by event."""

from .bill import Billed, bill
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
from .machine import Transition, step
from .phase import percent_off
from .proration import Share, prorated_allowance, rate_due, share_of
from .schedule import schedule_of
from .settle import Kind, Owed
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
    "Owed",
    "Pause",
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
    "When",
    "bill",
    "due",
    "grants",
    "is_upgrade",
    "may",
    "noted",
    "percent_off",
    "prorated_allowance",
    "rate_due",
    "schedule_of",
    "share_of",
    "step",
]
