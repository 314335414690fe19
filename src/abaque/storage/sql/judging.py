"""A published meter's definition as SQL: what it makes of one event's `data`, and what it takes from it.

The rules are those of `abaque.core.metering.judge`, written out with the meter's own constants, so that
PostgreSQL evaluates a few operators per event instead of interpreting a definition. Attributes are reached by
`->` with names only: like the core, and unlike a path, it never reaches into an array.

Every `%` is doubled, since the statements they become part of take parameters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from abaque.core.metering import meter_of

Definition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judging:
    """SQL expressions over the data of one event.

    `word` is null where the event counts, else why it does not: `failure`, `filtered`, `missing_value`,
    `bad_value`. `group` is a JSON array of words, as text. `quantity`, `value` and `operation` hold only where
    the event counts.
    """

    word: str
    group: str
    quantity: str
    value: str
    operation: str


def judging(definition: Definition, data: str) -> Judging:
    """Return a meter's expressions; `data` is the SQL name of an event's data (jsonb)."""
    value = _attribute(data, definition["value"])
    operation = _attribute(data, definition["operation"])
    change = definition.get("change")
    unique = definition["aggregate"] == "unique"
    return Judging(
        word=_word_of(definition, data),
        group=_group(definition, data),
        quantity=_sign(change, data) if change else _quantity(definition["aggregate"], value),
        value=f"abaque_word({value})" if unique else "NULL::text",
        operation="NULL::text" if operation is None else f'abaque_word({operation}) COLLATE "C"',
    )


def value_fault(definition: Definition, data: str) -> str | None:
    """Return the expression that says `missing_value` or `bad_value`, or null; None for a meter without a value."""
    value = _attribute(data, definition["value"])
    if value is None:
        return None
    change = definition.get("change")
    worth = f"abaque_word({value})" if definition["aggregate"] == "unique" else f"abaque_number({value})"
    missing = f"CASE WHEN {_absent(value)} THEN 'missing_value' ELSE 'bad_value' END"
    if not change:
        return f"CASE WHEN {worth} IS NULL THEN {missing} END"
    moved = _attribute(data, change["attribute"])
    assert moved is not None
    unsaid = f"CASE WHEN {_absent(moved)} THEN 'missing_value' ELSE 'bad_value' END"
    return f"CASE WHEN {worth} IS NULL THEN {missing} WHEN {_sign(change, data)} IS NULL THEN {unsaid} END"


def keeps_marks(definition: Definition) -> bool:
    """Return whether its usage depends on when each event was: its events stay as marks."""
    return meter_of(definition).keeps_marks


def text(value: str) -> str:
    """Return a string as an SQL literal inside a statement that takes parameters."""
    return sql.Literal(value).as_string(None).replace("%", "%%")


def _word_of(definition: Definition, data: str) -> str:
    fault = value_fault(definition, data)
    parts = []
    outcome = definition["outcome"]
    if outcome:
        found = _attribute(data, outcome["attribute"])
        known = ", ".join(text(word) for word in outcome["success"])
        parts.append(
            f"WHEN NOT {_absent(found)} AND coalesce(abaque_word({found}) NOT IN ({known}), true) THEN 'failure'"
        )
    filters = [{"test": "is", **one} for one in definition["where"]] + list(definition.get("filters", ()))
    if filters:
        parts.append(f"WHEN NOT ({_all(filters, data)}) THEN 'filtered'")
    ending = fault or "NULL::text"
    return f"CASE {' '.join(parts)} ELSE {ending} END" if parts else ending


def _group(definition: Definition, data: str) -> str:
    if not definition["group_by"]:
        return "'[]'::text"
    words = ", ".join(f"abaque_word({_attribute(data, path)})" for path in definition["group_by"])
    return f"jsonb_build_array({words})::text"


def _quantity(aggregate: str, value: str | None) -> str:
    return "1::numeric" if aggregate in {"count", "unique"} else f"abaque_number({value})"


def _sign(change: Mapping[str, Any], data: str) -> str:
    found = f"abaque_word({_attribute(data, change['attribute'])})"
    add, remove = (", ".join(text(word) for word in change[key]) for key in ("add", "remove"))
    return f"CASE WHEN {found} IN ({add}) THEN 1::numeric WHEN {found} IN ({remove}) THEN -1::numeric END"


def _attribute(data: str, path: str | None) -> str | None:
    if path is None:
        return None
    return f"({' -> '.join([data, *map(text, path.split('.'))])})"


def _absent(found: str | None) -> str:
    return f"coalesce({found}, 'null') = 'null'"


def _all(filters: Iterable[Mapping[str, Any]], data: str) -> str:
    return " AND ".join(_met(one, data) for one in filters) or "true"


def _met(one: Mapping[str, Any], data: str) -> str:
    """Return a filter that is true or false, never null: what is absent meets no comparison."""
    match one["test"]:
        case "all":
            return f"({_all(one['filters'], data)})"
        case "any":
            return f"({' OR '.join(_met(part, data) for part in one['filters']) or 'false'})"
        case "not":
            return f"(NOT {_met(one['filter'], data)})"
    found = _attribute(data, one["attribute"])
    match one["test"]:
        case "is":
            return f"coalesce({found} IN ({_values(one)}), false)"
        case "is_not":
            return f"(NOT {_absent(found)} AND coalesce({found} NOT IN ({_values(one)}), true))"
        case "compare":
            bounds = {"above": ">", "at_least": ">=", "below": "<", "up_to": "<="}
            tests = [
                f"abaque_number({found}) {sign} {one[key]}" for key, sign in bounds.items() if key in one
            ]
            return f"coalesce({' AND '.join(tests)}, false)"
        case "prefix":
            return f"coalesce(starts_with(abaque_word({found}), {text(one['prefix'])}), false)"
        case test:
            assert test == "exists", test
            return f"({_absent(found)} IS NOT {'TRUE' if one['exists'] else 'FALSE'})"


def _values(one: Mapping[str, Any]) -> str:
    return ", ".join(map(_json, one["values"]))


def _json(value: object) -> str:
    """Return a filter's value as jsonb; numbers keep all their digits."""
    if isinstance(value, dict):
        return f"'{value['number']}'::jsonb"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'::jsonb"
    return f"to_jsonb({text(str(value))}::text)"
