"""Conditions, filters and changes of members in the canonical form.

Filters and changes are written only where there are some: older meters keep their fingerprint.
"""

from decimal import Decimal
from typing import Any

from abaque.catalogue.plain import differing, plain, plain_or_none
from abaque.core.metering import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Exists,
    Filter,
    IsNot,
    Meter,
    Not,
    Prefix,
)

_BOUNDS = ("above", "at_least", "below", "up_to")


def dump_conditions(meter: Meter) -> dict[str, Any]:
    """Return the canonical form of what a meter's events have to meet, and of what they do to its members."""
    change = meter.change
    further = {
        "filters": [_filter(one) for one in meter.filters],
        "change": change
        and {"attribute": change.attribute, "add": list(change.add), "remove": list(change.remove)},
    }
    return {"where": [_condition(one) for one in meter.where], **differing(further)}


def _condition(one: Condition | IsNot) -> dict[str, Any]:
    return {"attribute": one.attribute, "values": [_literal(value) for value in one.values]}


def _filter(one: Filter) -> dict[str, Any]:
    match one:
        case Condition():
            return {"test": "is", **_condition(one)}
        case IsNot():
            return {"test": "is_not", **_condition(one)}
        case Comparison():
            bounds = {key: plain_or_none(getattr(one, key)) for key in _BOUNDS}
            return {"test": "compare", "attribute": one.attribute, **differing(bounds)}
        case Prefix():
            return {"test": "prefix", "attribute": one.attribute, "prefix": one.prefix}
        case Exists():
            return {"test": "exists", "attribute": one.attribute, "exists": one.exists}
        case AllOf():
            return {"test": "all", "filters": [_filter(part) for part in one.filters]}
        case AnyOf():
            return {"test": "any", "filters": [_filter(part) for part in one.filters]}
        case Not():
            return {"test": "not", "filter": _filter(one.filter)}


def _literal(value: str | Decimal | bool) -> str | bool | dict[str, Any]:  # noqa: FBT001 - a value of JSON, no flag
    return {"number": plain(value)} if isinstance(value, Decimal) else value
