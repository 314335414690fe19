"""Filters on an event's data: what a meter's conditions may say of an attribute.

Law: an attribute that is absent (or JSON null) meets no comparison, not even `is not`; only `Exists` and `Not`
speak of what is absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault

from .attribute import as_number, as_word, attribute, check_path

Data = Mapping[str, object]
Literal = str | Decimal | bool


@dataclass(frozen=True, slots=True)
class Condition:
    """The attribute is one of the values: strings equal strings, numbers numbers, booleans booleans."""

    attribute: str
    values: tuple[Literal, ...]

    def __post_init__(self) -> None:
        _check_values(self.attribute, self.values)

    def met_by(self, value: object) -> bool:
        """Return whether a value of an event's data is one of them. An absent one is not."""
        return any(_same(value, wanted) for wanted in self.values)

    def met(self, data: Data) -> bool:
        """Return whether an event's data meets it."""
        return self.met_by(attribute(data, self.attribute))


@dataclass(frozen=True, slots=True)
class IsNot:
    """The attribute is there and is none of the values."""

    attribute: str
    values: tuple[Literal, ...]

    def __post_init__(self) -> None:
        _check_values(self.attribute, self.values)

    def met(self, data: Data) -> bool:
        """Return whether an event's data meets it."""
        found = attribute(data, self.attribute)
        return found is not None and not any(_same(found, unwanted) for unwanted in self.values)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The attribute is a number, or a decimal string, within the bounds given. Fault `comparison_without_bound`."""

    attribute: str
    above: Decimal | None = None
    at_least: Decimal | None = None
    below: Decimal | None = None
    up_to: Decimal | None = None

    def __post_init__(self) -> None:
        check_path(self.attribute)
        if (self.above, self.at_least, self.below, self.up_to) == (None, None, None, None):
            raise Fault("comparison_without_bound", attribute=self.attribute)

    def met(self, data: Data) -> bool:
        """Return whether an event's data meets it."""
        number = as_number(attribute(data, self.attribute))
        return (
            number is not None
            and (self.above is None or number > self.above)
            and (self.at_least is None or number >= self.at_least)
            and (self.below is None or number < self.below)
            and (self.up_to is None or number <= self.up_to)
        )


@dataclass(frozen=True, slots=True)
class Prefix:
    """The attribute, as text, begins with these letters."""

    attribute: str
    prefix: str

    def __post_init__(self) -> None:
        check_path(self.attribute)

    def met(self, data: Data) -> bool:
        """Return whether an event's data meets it."""
        word = as_word(attribute(data, self.attribute))
        return word is not None and word.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class Exists:
    """The attribute is there, or is not."""

    attribute: str
    exists: bool = True

    def __post_init__(self) -> None:
        check_path(self.attribute)

    def met(self, data: Data) -> bool:
        """Return whether an event's data meets it."""
        return (attribute(data, self.attribute) is not None) is self.exists


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the filters is met; of none, always."""

    filters: tuple["Filter", ...]

    def met(self, data: Data) -> bool:
        """Return whether an event's data meets it."""
        return all(one.met(data) for one in self.filters)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the filters is met; of none, never."""

    filters: tuple["Filter", ...]

    def met(self, data: Data) -> bool:
        """Return whether an event's data meets it."""
        return any(one.met(data) for one in self.filters)


@dataclass(frozen=True, slots=True)
class Not:
    """The filter is not met."""

    filter: "Filter"

    def met(self, data: Data) -> bool:
        """Return whether an event's data meets it."""
        return not self.filter.met(data)


Filter = Condition | IsNot | Comparison | Prefix | Exists | AllOf | AnyOf | Not


def _check_values(path: str, values: tuple[Literal, ...]) -> None:
    check_path(path)
    if not values:
        raise Fault("condition_without_values", attribute=path)


def _same(value: object, wanted: str | Decimal | bool) -> bool:  # noqa: FBT001 -- a value of JSON, no flag
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, int | Decimal) and isinstance(wanted, Decimal):
        return value == wanted
    return isinstance(value, str) and value == wanted
