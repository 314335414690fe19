"""Meters: which events count, filtered how, aggregated how, grouped by what."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from abaque.core.fault import Fault

from .attribute import as_word, check_path
from .event import Event


class Aggregate(StrEnum):
    """How the events of a span become one figure."""

    COUNT = "count"
    SUM = "sum"
    MAX = "max"
    UNIQUE = "unique"

    @property
    def needs_value(self) -> bool:
        """Whether it aggregates an attribute rather than the events themselves."""
        return self is not Aggregate.COUNT


@dataclass(frozen=True, slots=True)
class Condition:
    """The attribute is one of the values: strings equal strings, numbers numbers, booleans booleans."""

    attribute: str
    values: tuple[str | Decimal | bool, ...]

    def __post_init__(self) -> None:
        check_path(self.attribute)
        if not self.values:
            raise Fault("condition_without_values", attribute=self.attribute)

    def met_by(self, value: object) -> bool:
        """Return whether a value of an event's data is one of them. An absent one is not."""
        return any(_same(value, wanted) for wanted in self.values)


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

    Faults: `meter_without_events`, `meter_without_value` (sum, max and unique aggregate one),
    `operation_needs_count_or_sum`, `bad_attribute`, `duplicate_group`, `condition_without_values`.
    """

    code: str
    event_types: tuple[str, ...]
    aggregate: Aggregate
    value: str | None = None
    where: tuple[Condition, ...] = ()
    group_by: tuple[str, ...] = ()
    operation: str | None = None
    outcome: Outcome | None = Outcome()

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

    def concerns(self, event: Event) -> bool:
        """Return whether the event is of a type this meter looks at."""
        return event.type in self.event_types


def _same(value: object, wanted: str | Decimal | bool) -> bool:  # noqa: FBT001 -- a value of JSON, no flag
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, int | Decimal) and isinstance(wanted, Decimal):
        return value == wanted
    return isinstance(value, str) and value == wanted
