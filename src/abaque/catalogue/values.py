"""What a catalogue file holds: the core's meters and plans, and what only the file says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from abaque.catalogue.errors import CatalogueError
from abaque.core.invoicing import CreditPack, Promotion
from abaque.core.metering import Meter
from abaque.core.money import Currency
from abaque.core.pricing import Plan
from abaque.core.reconciling import Totals
from abaque.core.subscription import AddOn

#: The languages in which things have names.
LANGUAGES = ("en", "fr")


class Level(StrEnum):
    """How sure an hour must be before it is invoiced."""

    CONSISTENT = "consistent"
    VERIFIED = "verified"


class Handling(StrEnum):
    """What happens at the door to an attribute that is personal."""

    KEEP = "keep"
    PSEUDONYMISE = "pseudonymise"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class MeterEntry:
    """A meter, its name and the word for one unit by language, and how long an hour waits for late events.

    `totals`: the control totals its product promises to state, None if it promises none. `line` is where the file
    names it (0 if it does not come from a file); it takes no part in comparison.
    """

    meter: Meter
    names: Mapping[str, str]
    units: Mapping[str, str]
    lateness: timedelta
    level: Level
    totals: Totals | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One version of a plan, with the line on which the file names it."""

    plan: Plan
    line: int = field(default=0, compare=False)

    @property
    def names(self) -> Mapping[str, str]:
        return self.plan.names


@dataclass(frozen=True, slots=True)
class AddOnEntry:
    """An add-on, its name by language, and the plans it may be added to (None: any in its currency).

    `line` is where the file names it.
    """

    addon: AddOn
    names: Mapping[str, str]
    currency: Currency
    plans: tuple[str, ...] | None = None
    line: int = field(default=0, compare=False)

    def fits(self, plan: Plan) -> bool:
        """Return whether it may be added to a plan."""
        return plan.currency == self.currency and (self.plans is None or plan.code in self.plans)

    def meets(self, other: "AddOnEntry") -> bool:
        """Return whether some plan, of this file or another, may have both."""
        if self.plans is None or other.plans is None:
            return self.currency == other.currency
        return self.currency == other.currency and not set(self.plans).isdisjoint(other.plans)


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """A credit pack and its name by language, with the line on which the file names it."""

    pack: CreditPack
    names: Mapping[str, str]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PromotionEntry:
    """A promotion and its name by language, with the line on which the file names it."""

    promotion: Promotion
    names: Mapping[str, str]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything one file says, by code; `personal` by attribute of an event's data.

    `warnings` say what can be used and may not be meant.
    """

    meters: dict[str, MeterEntry]
    plans: dict[str, PlanEntry]
    personal: dict[str, Handling]
    warnings: tuple[CatalogueError, ...] = field(default=(), compare=False)
    promotions: dict[str, PromotionEntry] = field(default_factory=dict)
    addons: dict[str, AddOnEntry] = field(default_factory=dict)
    credits: dict[str, CreditEntry] = field(default_factory=dict)
