"""What may happen to a subscription. Each event carries a `key`: the same key again changes nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from abaque.core.pricing import Plan

from .history import AddOn


class When(StrEnum):
    """When a change takes effect."""

    NOW = "now"
    PERIOD_END = "period_end"


@dataclass(frozen=True, slots=True)
class _Event:
    key: str


@dataclass(frozen=True, slots=True)
class Start(_Event):
    """Begin at `at`: now, later, or backdated. `trial_from`: day of the customer's first subscription to it."""

    plan: Plan
    at: datetime | None = None
    quantities: tuple[tuple[str, Decimal], ...] = ()
    addons: tuple[AddOn, ...] = ()
    trial_from: date | None = None


@dataclass(frozen=True, slots=True)
class Activate(_Event):
    """Begin now what was to begin later."""


@dataclass(frozen=True, slots=True)
class ExtendTrial(_Event):
    """Let the trial run so many local days longer."""

    days: int


@dataclass(frozen=True, slots=True)
class Convert(_Event):
    """End the trial now; without it the trial ends by itself."""


@dataclass(frozen=True, slots=True)
class ChangePlan(_Event):
    """Go over to another plan: None means upgrades now, downgrades at the period's end."""

    plan: Plan
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Migrate(_Event):
    """Go over to a new version of the same plan when the period ends. Fault `other_plan`."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class ChangeQuantity(_Event):
    """Have another number of something the plan prices, seats for instance."""

    name: str
    quantity: Decimal
    when: When = When.NOW


@dataclass(frozen=True, slots=True)
class AddAddOn(_Event):
    """Take an add-on, instead of one of the same code."""

    addon: AddOn
    when: When = When.NOW


@dataclass(frozen=True, slots=True)
class RemoveAddOn(_Event):
    """Give an add-on up."""

    code: str
    when: When = When.NOW


@dataclass(frozen=True, slots=True)
class Move(_Event):
    """Be billed in another zone from the period's end on, which lies at a midnight there. Fault `unknown_zone`."""

    zone: str


@dataclass(frozen=True, slots=True)
class Pause(_Event):
    """Stop fixed fees: what was paid ahead is given back, or (`credit` false) they stop at the period's end."""

    credit: bool = True


@dataclass(frozen=True, slots=True)
class Resume(_Event):
    """Go on after a pause. The day of it is billed."""


@dataclass(frozen=True, slots=True)
class Cancel(_Event):
    """End now, when the period ends, or at an instant. Fault `ends_before_now`."""

    when: When | datetime = When.PERIOD_END


@dataclass(frozen=True, slots=True)
class Reactivate(_Event):
    """Take a cancellation back; after the end, begin anew with the last plan."""


@dataclass(frozen=True, slots=True)
class Renew(_Event):
    """Let a subscription of a fixed term run for another term. Fault `no_term`."""


@dataclass(frozen=True, slots=True)
class Advance(_Event):
    """Time has passed: what fell due in advance is owed."""


Event = (
    Start
    | Activate
    | ExtendTrial
    | Convert
    | ChangePlan
    | Migrate
    | ChangeQuantity
    | AddAddOn
    | RemoveAddOn
    | Move
    | Pause
    | Resume
    | Cancel
    | Reactivate
    | Renew
    | Advance
)
