"""A meter's `where:` and `change:`.

A set of values for an attribute stays a condition of its own; everything else becomes a filter.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from abaque.catalogue.sheet import Field, Sheet
from abaque.core.metering import (
    AllOf,
    AnyOf,
    Change,
    Comparison,
    Condition,
    Exists,
    Filter,
    IsNot,
    Not,
    Prefix,
)

Literal = str | Decimal | bool

_BOUNDS = ("above", "at_least", "below", "up_to")
_TESTS = ("is", "is_not", *_BOUNDS, "prefix", "exists")
_DEPTH_MAX = 8
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,12})?", re.ASCII)


def read_where(sheet: Sheet, node: Node) -> tuple[tuple[Condition, ...], tuple[Filter, ...]]:
    """Return the sets of values, and the filters that say more; an event has to meet all of both.

    The order of writing changes nothing: both come sorted by attribute.
    """
    found = tuple(_filters(sheet, node, _DEPTH_MAX))
    conditions = tuple(one for one in found if isinstance(one, Condition))
    return conditions, tuple(one for one in found if not isinstance(one, Condition))


def _filters(sheet: Sheet, node: Node, depth: int) -> Iterator[Filter]:
    """Yield what a mapping asks for, all of which has to be met."""
    for key, entry in sorted(sheet.open_mapping(node).items()):
        if key == "not" and isinstance(entry.value, MappingNode):
            yield Not(_one(sheet, entry.value, depth))
        elif key in {"all", "any"} and _nests(entry.value):
            if not isinstance(entry.value, SequenceNode):
                sheet.refuse(entry.value, "not_a_list")
                continue
            parts = tuple(_one(sheet, member, depth) for member in sheet.items(entry.value))
            yield AllOf(parts) if key == "all" else AnyOf(parts)
        else:
            yield from _of_attribute(sheet, entry)


def _nests(node: Node) -> bool:
    """Tell whether `all:` or `any:` holds conditions; with plain values it is an attribute of that name."""
    members = node.value if isinstance(node, SequenceNode) else [node]
    return any(isinstance(member, MappingNode) for member in members)


def _one(sheet: Sheet, node: Node, depth: int) -> Filter:
    """Return a nested mapping as one filter."""
    if not depth:
        sheet.refuse(node, "conditions_too_deep", most=_DEPTH_MAX)
        return AllOf(())
    if isinstance(node, MappingNode) and not node.value:
        sheet.refuse(node, "empty_value")
    parts = tuple(_filters(sheet, node, depth - 1))
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _of_attribute(sheet: Sheet, entry: Field) -> Iterator[Filter]:
    attribute = sheet.attribute(entry.key)
    if not isinstance(entry.value, MappingNode):
        values: tuple[Literal, ...] = sheet.once(_literals(sheet, entry.value))
        if attribute is not None and values:
            yield Condition(attribute, values)
        return
    if not entry.value.value:
        sheet.refuse(entry.value, "empty_value")
    fields = sheet.mapping(entry.value, at=entry.key, optional=_TESTS)
    if attribute is not None:
        yield from _tests(sheet, attribute, fields)


def _tests(sheet: Sheet, attribute: str, fields: Mapping[str, Field]) -> Iterator[Filter]:
    for key, kind in (("is", Condition), ("is_not", IsNot)):
        if key in fields:
            values: tuple[Literal, ...] = sheet.once(_literals(sheet, fields[key].value))
            if values:
                yield kind(attribute, values)
    bounds = {key: sheet.number(fields[key].value) for key in _BOUNDS if key in fields}
    if any(bound is not None for bound in bounds.values()):
        yield Comparison(attribute, **bounds)
    prefix = sheet.text(fields["prefix"].value) if "prefix" in fields else None
    if prefix is not None:
        yield Prefix(attribute, prefix)
    exists = sheet.yes(fields["exists"].value) if "exists" in fields else None
    if exists is not None:
        yield Exists(attribute, exists)


def _literals(sheet: Sheet, node: Node) -> Iterator[tuple[Node, Literal | None]]:
    for member in sheet.items(node):
        yield member, _literal(sheet, member)


def _literal(sheet: Sheet, node: Node) -> Literal | None:
    """Read a value to compare with: as in JSON, quotes make a text; true, false and numbers are themselves.

    `yes`, `no`, `on` and `off` are texts: a region called `no` is Norway.
    """
    text = sheet.text(node)
    if text is None or not isinstance(node, ScalarNode) or node.style is not None:
        return text
    if text in {"true", "false"}:
        return text == "true"
    return Decimal(text) if _JSON_NUMBER.fullmatch(text) else text


def read_change(sheet: Sheet, entry: Field) -> Change | None:
    """Read `action`, or `{attribute: action, add: [grant], remove: [revoke]}`."""
    if not isinstance(entry.value, MappingNode):
        attribute = sheet.attribute(entry.value)
        return None if attribute is None else Change(attribute)
    fields = sheet.mapping(entry.value, at=entry.key, required=("attribute",), optional=("add", "remove"))
    attribute = sheet.attribute(fields["attribute"].value) if "attribute" in fields else None
    add = sheet.texts(fields["add"].value) if "add" in fields else ("add",)
    remove = sheet.texts(fields["remove"].value) if "remove" in fields else ("remove",)
    both = sorted(set(add) & set(remove))
    if both:
        sheet.refuse(entry.key, "adds_and_removes", given=both[0])
    if attribute is None or not add or not remove or both:
        return None
    return Change(attribute, add, remove)
