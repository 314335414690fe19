"""From the text of a catalogue file to its meters and plans, or to all its errors at once."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from abaque.catalogue.errors import CatalogueError, CatalogueErrors
from abaque.catalogue.meters import read_meter
from abaque.catalogue.plans import read_plan
from abaque.catalogue.promotions import read_promotion
from abaque.catalogue.sheet import Field, Sheet, is_null
from abaque.catalogue.values import Catalogue, Handling, PlanEntry, PromotionEntry

#: A file of this size describes thousands of plans; anything larger is not a catalogue.
SIZE_MAX = 1024 * 1024
#: A plan that takes more sentences than these is understood by nobody who buys it.
SENTENCES_MAX = 5
#: Anchors let a small file stand for a huge one, so what they unfold to is counted before it is read.
_NODES_MAX = 200_000


def load(text: str | bytes, *, name: str, known_meters: Collection[str] = ()) -> Catalogue:
    """Read a catalogue file.

    `name` is the file's, for messages. `known_meters` are codes of meters defined elsewhere that a charge may
    name beside those of this file. Raises `CatalogueErrors` with everything that is wrong, each with line and
    column; nothing of a file with errors is used.
    """
    root = _compose(text, name)
    sheet = Sheet()
    parts = sheet.mapping(root, at=root, optional=("meters", "plans", "promotions", "personal"))
    meters = sheet.open_mapping(parts["meters"].value) if "meters" in parts else {}
    plans = sheet.open_mapping(parts["plans"].value) if "plans" in parts else {}
    personal = sheet.open_mapping(parts["personal"].value) if "personal" in parts else {}
    promotions = sheet.open_mapping(parts["promotions"].value) if "promotions" in parts else {}
    codes = {*meters, *known_meters}
    meter_entries = {code: read_meter(sheet, entry) for code, entry in meters.items()}
    plan_entries = {code: read_plan(sheet, entry, codes) for code, entry in plans.items()}
    promotion_entries = {code: read_promotion(sheet, entry) for code, entry in promotions.items()}
    handlings: dict[str, Handling] = {}
    for entry in personal.values():
        attribute = sheet.attribute(entry.key)
        handling = sheet.choice(entry.value, Handling, "unknown_handling")
        if attribute is not None and "." in attribute:
            sheet.refuse(entry.key, "nested_personal", given=attribute)
        elif attribute is not None and handling is not None:
            handlings[attribute] = handling
    if sheet.errors:
        raise CatalogueErrors(name, sheet.errors)
    found = {code: plan for code, plan in plan_entries.items() if plan is not None}
    offered = {code: one for code, one in promotion_entries.items() if one is not None}
    return Catalogue(
        {code: meter for code, meter in meter_entries.items() if meter is not None},
        found,
        handlings,
        (*_warnings(found.values(), plans), *_unpublished(offered.values())),
        offered,
    )


def _warnings(found: Iterable[PlanEntry], fields: Mapping[str, Field]) -> Iterator[CatalogueError]:
    """Warn of plans that take too many sentences to say: each charge is one."""
    for entry in found:
        needed = len(entry.plan.charges)
        if needed > SENTENCES_MAX:
            column = fields[entry.plan.code].key.start_mark.column + 1
            params = {"plan": entry.plan.code, "needed": needed, "most": SENTENCES_MAX}
            yield CatalogueError(entry.line, column, "many_sentences", params)


def _unpublished(promotions: Iterable[PromotionEntry]) -> Iterator[CatalogueError]:
    """Warn that promotions are read but not published."""
    for entry in promotions:
        yield CatalogueError(entry.line, 1, "promotion_unpublished", {"promotion": entry.promotion.code})


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
