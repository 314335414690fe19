"""Meters: which events count, filtered how, aggregated how, grouped by what."""

from dataclasses import dataclass
from enum import StrEnum

from abaque.core.fault import Fault
from abaque.core.money.rounding import Rounding

from .attribute import as_word, check_path
from .change import Change
from .conditions import Condition, Filter
from .event import Event


class Aggregate(StrEnum):
    """How the events of a span become one figure."""

    COUNT = "count"
    SUM = "sum"
    MAX = "max"
    UNIQUE = "unique"
    MIN = "min"
    LATEST = "latest"
    AVERAGE = "average"
    TIME_WEIGHTED = "time_weighted"

    @property
    def needs_value(self) -> bool:
        """Whether it aggregates an attribute rather than the events themselves."""
        return self is not Aggregate.COUNT

    @property
    def has_level(self) -> bool:
        """Whether it looks at a level, which events set or change."""
        return self in {Aggregate.LATEST, Aggregate.TIME_WEIGHTED, Aggregate.MAX, Aggregate.MIN}


class LevelAtStart(StrEnum):
    """Whether a level, or the members of a set, go on into the next period."""

    CARRY = "carry"
    RESET = "reset"


class ValueIs(StrEnum):
    """What the value of an event says of a level: how high it is from then on, or by how much it changed."""

    LEVEL = "level"
    CHANGE = "change"


class Per(StrEnum):
    """The unit of time a level is weighted by; a day has 24 hours, a month is the local calendar's."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Empty(StrEnum):
    """What the average, lowest, highest or latest of nothing is: zero, or no quantity at all."""

    ZERO = "zero"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which business result counts. An event that says nothing of it counts: nothing said it failed."""

    attribute: str = "outcome"
    success: tuple[str, ...] = ("success",)

    def __post_init__(self) -> None:
        check_path(self.attribute)
        if not self.success:
            raise Fault("outcome_without_success", attribute=self.attribute)

    def failed(self, value: object) -> bool:
        """Return whether the value found says that the event did not succeed."""
        return value is not None and as_word(value) not in self.success


@dataclass(frozen=True, slots=True)
class Meter:
    """A definition of usage. Attributes are keys of the event's `data`; dots reach into nested objects.

    An event counts only if it meets all of `where` (sets of values) and of `filters` (anything else).
    `change`: members of a unique meter come and go. `level_at_start`: what the period before left goes on.
    `value_is`: whether events set the level or change it; changes begin at zero, or at what is carried, and
    may take it below zero: nothing is clamped, or a change that comes late would be lost.
    `per`: the time a level is weighted by. `prorate_days`: a level or member counts for the share of the
    period's local days on which it was there. `rounding` is of the quantity of a span.
    Faults: `meter_without_events`, `meter_without_value` (all but count aggregate one),
    `operation_needs_count_or_sum`, `bad_attribute`, `duplicate_group`, `condition_without_values`,
    `change_needs_unique`, `carry_needs_level`, `changes_need_level` (latest, time-weighted, max and min have
    one), `prorate_needs_level` (latest and unique have one).
    """

    code: str
    event_types: tuple[str, ...]
    aggregate: Aggregate
    value: str | None = None
    where: tuple[Condition, ...] = ()
    group_by: tuple[str, ...] = ()
    operation: str | None = None
    outcome: Outcome | None = Outcome()
    filters: tuple[Filter, ...] = ()
    change: Change | None = None
    level_at_start: LevelAtStart = LevelAtStart.RESET
    per: Per = Per.HOUR
    prorate_days: bool = False
    rounding: Rounding | None = None
    empty: Empty = Empty.ZERO
    value_is: ValueIs = ValueIs.LEVEL

    def __post_init__(self) -> None:
        if not self.event_types or not all(self.event_types):
            raise Fault("meter_without_events", meter=self.code)
        if self.aggregate.needs_value and self.value is None:
            raise Fault("meter_without_value", meter=self.code, aggregate=self.aggregate.value)
        if self.operation is not None and self.aggregate not in {Aggregate.COUNT, Aggregate.SUM}:
            raise Fault("operation_needs_count_or_sum", meter=self.code, aggregate=self.aggregate.value)
        if len(set(self.group_by)) < len(self.group_by):
            raise Fault("duplicate_group", meter=self.code)
        for path in (self.value, self.operation, *self.group_by):
            if path is not None:
                check_path(path)
        self._check_level()

    def _check_level(self) -> None:
        aggregate = self.aggregate.value
        if self.change is not None and self.aggregate is not Aggregate.UNIQUE:
            raise Fault("change_needs_unique", meter=self.code, aggregate=aggregate)
        if self.carries and self.aggregate in {Aggregate.COUNT, Aggregate.SUM, Aggregate.AVERAGE}:
            raise Fault("carry_needs_level", meter=self.code, aggregate=aggregate)
        if self.of_changes and not self.aggregate.has_level:
            raise Fault("changes_need_level", meter=self.code, aggregate=aggregate)
        if self.prorate_days and self.aggregate not in {Aggregate.LATEST, Aggregate.UNIQUE}:
            raise Fault("prorate_needs_level", meter=self.code, aggregate=aggregate)

    @property
    def carries(self) -> bool:
        """Whether what the period before left goes on into this one."""
        return self.level_at_start is LevelAtStart.CARRY

    @property
    def of_changes(self) -> bool:
        """Whether its level is the sum of what events changed."""
        return self.value_is is ValueIs.CHANGE

    @property
    def keeps_marks(self) -> bool:
        """Whether its usage depends on when each event was, so that its state keeps them."""
        ordered = self.aggregate in {Aggregate.LATEST, Aggregate.TIME_WEIGHTED} or self.change is not None
        return ordered or self.of_changes or self.carries or self.prorate_days

    def concerns(self, event: Event) -> bool:
        """Return whether the event is of a type this meter looks at."""
        return event.type in self.event_types
