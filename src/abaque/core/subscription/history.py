"""What a subscription is made of, over time: segments, each of one plan, its quantities and its add-ons."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from abaque.core.fault import Fault
from abaque.core.period import Schedule
from abaque.core.pricing import Charge, Plan
from abaque.core.pricing.usage import check_number


class Mode(StrEnum):
    """How a segment is billed: not at all, in full, or its usage only."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class AddOn:
    """A set of charges beside the plan's."""

    code: str
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """From `start` to `end` (None: for ever), instants in UTC, nothing changes.

    `anchor` is the day its phases, and charges with an interval of their own, count from.
    Faults `duplicate_charge`, `meter_claimed_twice` (plan and add-ons together), `missing_quantity`, `bad_quantity`,
    `negative_quantity`.
    """

    start: datetime
    end: datetime | None
    plan: Plan
    schedule: Schedule
    mode: Mode = Mode.ACTIVE
    quantities: tuple[tuple[str, Decimal], ...] = ()
    addons: tuple[AddOn, ...] = ()
    anchor: date | None = None

    def __post_init__(self) -> None:
        replace(self.plan, charges=tuple(charge for _, charge in self.charges))
        for _, quantity in self.quantities:
            check_number(quantity)
            if quantity < 0:
                raise Fault("negative_quantity", quantity=quantity)
        for _, charge in self.charges:
            if charge.quantity is not None and charge.quantity not in dict(self.quantities):
                raise Fault("missing_quantity", charge=charge.code, quantity=charge.quantity)

    @property
    def owner(self) -> str:
        """What the plan's own charges belong to: its version."""
        return f"{self.plan.code}:{self.plan.version}"

    @property
    def charges(self) -> tuple[tuple[str, Charge], ...]:
        """All charges, each with what it belongs to: the plan's version, or an add-on."""
        own = [(self.owner, charge) for charge in self.plan.charges]
        return (*own, *((addon.code, charge) for addon in self.addons for charge in addon.charges))


History = tuple[Segment, ...]


def edited(history: History, at: datetime, edit: Callable[[Segment], Segment]) -> History:
    """Return the history with everything from `at` on changed, what was planned for later too.

    Law: its segments still tile the same stretch of time, none is empty, and no two neighbours are alike.
    """
    found: list[Segment] = []
    for segment in _split(history, at):
        after = edit(segment) if segment.start >= at else segment
        before = found[-1] if found else None
        if before is not None and before.end == after.start and _alike(before, after):
            found[-1] = replace(before, end=after.end)
        else:
            found.append(after)
    return tuple(found)


def _alike(one: Segment, other: Segment) -> bool:
    return replace(one, start=other.start, end=other.end) == other


def ended(history: History, at: datetime) -> History:
    """Return the history up to `at`."""
    return tuple(segment for segment in _split(history, at) if segment.start < at)


def prolonged(history: History, end: datetime | None) -> History:
    """Return the history with another end, later than its own, or without one."""
    return (*history[:-1], replace(history[-1], end=end))


def _split(history: History, at: datetime) -> History:
    found: list[Segment] = []
    for segment in history:
        if segment.start < at and (segment.end is None or at < segment.end):
            found += [replace(segment, end=at), replace(segment, start=at)]
        else:
            found.append(segment)
    return tuple(found)
