"""From the text of a catalogue file to what it defines, or to all its errors at once."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from abaque.catalogue.addons import read_addon
from abaque.catalogue.credits import read_credit
from abaque.catalogue.errors import CatalogueError, CatalogueErrors
from abaque.catalogue.meters import read_meter
from abaque.catalogue.plans import read_plan
from abaque.catalogue.promotions import read_promotion
from abaque.catalogue.sheet import Field, Sheet, is_null
from abaque.catalogue.together import check_together
from abaque.catalogue.values import (
    AddOnEntry,
    Catalogue,
    CreditEntry,
    Handling,
    PlanEntry,
    PromotionEntry,
)
from abaque.core.pricing import sentences_needed

#: A file of this size describes thousands of plans; anything larger is not a catalogue.
SIZE_MAX = 1024 * 1024
#: A plan that takes more sentences than these is understood by nobody who buys it.
SENTENCES_MAX = 5
#: Anchors let a small file stand for a huge one, so what they unfold to is counted before it is read.
_NODES_MAX = 200_000
_PARTS = ("meters", "plans", "addons", "credits", "promotions", "personal")

Entry = TypeVar("Entry")


def load(
    text: str | bytes,
    *,
    name: str,
    known_meters: Collection[str] = (),
    known_plans: Collection[str] = (),
    known_charges: Collection[str] = (),
) -> Catalogue:
    """Read a catalogue file.

    `name` is the file's, for messages. `known_meters`, `known_plans` and `known_charges` are codes of what is
    defined elsewhere and may be named beside that of this file. Raises `CatalogueErrors` with everything that is
    wrong, each with line and column; nothing of a file with errors is used.
    """
    root = _compose(text, name)
    sheet = Sheet()
    given = sheet.mapping(root, at=root, optional=_PARTS)
    parts = {part: sheet.open_mapping(given[part].value) if part in given else {} for part in _PARTS}
    meters = {*parts["meters"], *known_meters}
    found = Catalogue(
        _read(parts["meters"], partial(read_meter, sheet)),
        _read(parts["plans"], partial(read_plan, sheet, meters=meters)),
        _personal(sheet, parts["personal"]),
        promotions=_read(parts["promotions"], partial(read_promotion, sheet)),
        addons=_read(parts["addons"], partial(read_addon, sheet, meters=meters)),
        credits=_read(parts["credits"], partial(read_credit, sheet)),
    )
    check_together(sheet, parts, found, plans=known_plans, charges=known_charges)
    if sheet.errors:
        raise CatalogueErrors(name, sheet.errors)
    warnings = (*_warnings(found.plans.values(), parts["plans"]), *_unpublished(found))
    return replace(found, warnings=tuple(sorted(warnings)))


def _read(fields: Mapping[str, Field], read: Callable[[Field], Entry | None]) -> dict[str, Entry]:
    """Return what could be read, by code."""
    entries = ((code, read(field)) for code, field in fields.items())
    return {code: entry for code, entry in entries if entry is not None}


def _personal(sheet: Sheet, fields: Mapping[str, Field]) -> dict[str, Handling]:
    handlings: dict[str, Handling] = {}
    for entry in fields.values():
        attribute = sheet.attribute(entry.key)
        handling = sheet.choice(entry.value, Handling, "unknown_handling")
        if attribute is not None and "." in attribute:
            sheet.refuse(entry.key, "nested_personal", given=attribute)
        elif attribute is not None and handling is not None:
            handlings[attribute] = handling
    return handlings


def _warnings(found: Iterable[PlanEntry], fields: Mapping[str, Field]) -> Iterator[CatalogueError]:
    """Warn of plans that take too many sentences to say."""
    for entry in found:
        needed = sentences_needed(entry.plan)
        if needed > SENTENCES_MAX:
            column = fields[entry.plan.code].key.start_mark.column + 1
            params = {"plan": entry.plan.code, "needed": needed, "most": SENTENCES_MAX}
            yield CatalogueError(entry.line, column, "many_sentences", params)


def _unpublished(found: Catalogue) -> Iterator[CatalogueError]:
    """Warn of what is read and checked, but not published."""
    kinds: dict[str, Mapping[str, AddOnEntry | CreditEntry | PromotionEntry]] = {
        "addon": found.addons,
        "credit": found.credits,
        "promotion": found.promotions,
    }
    for kind, entries in kinds.items():
        for code, entry in entries.items():
            yield CatalogueError(entry.line, 1, f"{kind}_unpublished", {kind: code})


def _compose(text: str | bytes, name: str) -> Node:
    """Turn text into nodes, which know their places; no value of YAML's own guessing is ever made."""
    if len(text) > SIZE_MAX:
        raise _one(name, "too_large", limit=SIZE_MAX)
    if isinstance(text, bytes):
        text = _decoded(text, name)
    try:
        root = yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise CatalogueErrors(name, [_syntax(error)]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        raise CatalogueErrors(name, [CatalogueError(line, column, "bad_character")]) from error
    except RecursionError as error:
        raise _one(name, "too_deep") from error
    if root is None or is_null(root):
        raise _one(name, "empty")
    if _unfolded(root) > _NODES_MAX:
        raise _one(name, "too_many_nodes")
    return root


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise CatalogueErrors(name, [CatalogueError(line, column, "not_utf8")]) from error


def _one(name: str, code: str, **params: object) -> CatalogueErrors:
    return CatalogueErrors(name, [CatalogueError(1, 1, code, params)])


def _syntax(error: yaml.MarkedYAMLError) -> CatalogueError:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or ""
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return CatalogueError(*place, "tab" if r"'\t'" in problem else "not_yaml", {"problem": problem})


def _unfolded(root: Node) -> int:
    """Count the nodes with every alias written out, visiting each node once; a loop counts as too many."""
    sizes: dict[int, int] = {}
    waiting = [(root, False)]
    while waiting:
        node, ready = waiting.pop()
        members = _members(node)
        if ready:
            sizes[id(node)] = 1 + sum(sizes[id(member)] or _NODES_MAX for member in members)
        elif id(node) not in sizes:
            sizes[id(node)] = 0
            waiting.append((node, True))
            waiting.extend((member, False) for member in members)
    return sizes[id(root)]


def _members(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    if isinstance(node, SequenceNode):
        return list(node.value)
    assert isinstance(node, ScalarNode)
    return []
