"""A meter read from its canonical form: the JSON in which it is published, and never changes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from abaque.core.money.rounding import Rounding, RoundingMode

from .change import Change
from .conditions import AllOf, AnyOf, Comparison, Condition, Exists, Filter, IsNot, Not, Prefix
from .meter import Aggregate, Empty, LevelAtStart, Meter, Outcome, Per, ValueIs

Stored = Mapping[str, Any]

_BOUNDS = ("above", "at_least", "below", "up_to")


def meter_of(stored: Stored) -> Meter:
    """Return the meter that a canonical form says. What it does not say is as it was when it was left out."""
    outcome = stored["outcome"]
    return Meter(
        code=stored["code"],
        event_types=tuple(stored["event_types"]),
        aggregate=Aggregate(stored["aggregate"]),
        value=stored["value"],
        group_by=tuple(stored["group_by"]),
        operation=stored["operation"],
        outcome=outcome and Outcome(outcome["attribute"], tuple(outcome["success"])),
        **_conditions(stored),
        **_counting(stored),
    )


def _conditions(stored: Stored) -> dict[str, Any]:
    change = stored.get("change")
    return {
        "where": tuple(Condition(one["attribute"], _from_values(one)) for one in stored["where"]),
        "filters": tuple(_from_filter(one) for one in stored.get("filters", ())),
        "change": change and Change(change["attribute"], tuple(change["add"]), tuple(change["remove"])),
    }


def _counting(stored: Stored) -> dict[str, Any]:
    rounding = stored.get("rounding")
    return {
        "level_at_start": LevelAtStart(stored.get("level_at_start", LevelAtStart.RESET)),
        "per": Per(stored.get("per", Per.HOUR)),
        "prorate_days": stored.get("prorate_days", False),
        "rounding": rounding and _rounding(rounding),
        "empty": Empty(stored.get("empty", Empty.ZERO)),
        "value_is": ValueIs(stored.get("value_is", ValueIs.LEVEL)),
    }


def _rounding(stored: Stored) -> Rounding:
    mode = RoundingMode(stored["mode"])
    if "places" in stored:
        return Rounding.places(stored["places"], mode)
    return Rounding(Decimal(stored["to"]), mode)


def _from_filter(stored: Stored) -> Filter:
    match stored["test"]:
        case "is":
            return Condition(stored["attribute"], _from_values(stored))
        case "is_not":
            return IsNot(stored["attribute"], _from_values(stored))
        case "compare":
            bounds = {key: Decimal(stored[key]) for key in _BOUNDS if key in stored}
            return Comparison(stored["attribute"], **bounds)
        case "prefix":
            return Prefix(stored["attribute"], stored["prefix"])
        case "exists":
            return Exists(stored["attribute"], stored["exists"])
        case "all":
            return AllOf(_from_filters(stored))
        case "any":
            return AnyOf(_from_filters(stored))
        case test:
            assert test == "not", test
            return Not(_from_filter(stored["filter"]))


def _from_filters(stored: Stored) -> tuple[Filter, ...]:
    return tuple(_from_filter(one) for one in stored["filters"])


def _from_values(stored: Stored) -> tuple[str | Decimal | bool, ...]:
    return tuple(_from_literal(value) for value in stored["values"])


def _from_literal(stored: str | bool | dict[str, Any]) -> str | Decimal | bool:  # noqa: FBT001 -- a value of JSON, no flag
    return Decimal(stored["number"]) if isinstance(stored, dict) else stored
