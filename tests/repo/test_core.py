"""The core is pure: values in, values out, on the exact and timeless part of the standard library."""

import ast
from collections.abc import Iterator

import pytest
from tests.repo.tree import Function, called, functions, python

CORE = python("src/abaque/core")
_MODULES = {
    "abaque",
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "hashlib",  # bytes in, bytes out
    "itertools",
    "re",
    "typing",
    "zoneinfo",  # the time zone rules: data, not a clock
}
_CALLS = {
    "now", "utcnow", "today", "fromtimestamp", "time", "monotonic", "sleep",  # a clock
    "print", "open", "input", "exec", "eval",  # the world
    "float", "sqrt", "log", "exp",  # what is not exact
}  # fmt: skip


def nodes(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for name, tree in CORE.items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield f"{name}:{getattr(node, 'lineno', 0)}", node


def test_the_core_is_there() -> None:
    assert len(CORE) > 30


def test_the_core_has_no_float() -> None:
    literals = [
        where
        for where, node in nodes(ast.Constant)
        if isinstance(node, ast.Constant) and type(node.value) is float
    ]
    assert literals == []


def test_the_core_imports_only_what_is_exact_and_timeless() -> None:
    imported = [
        (where, name)
        for where, node in (*nodes(ast.Import), *nodes(ast.ImportFrom))
        for name in _names(node)
        if name.split(".")[0] not in _MODULES
        or (name.startswith("abaque") and not name.startswith("abaque.core"))
    ]
    assert imported == []


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return ["abaque.core"] if node.level else [node.module or ""]
    assert isinstance(node, ast.Import)
    return [alias.name for alias in node.names]


def test_the_core_asks_no_clock_and_says_nothing() -> None:
    calls = [
        (where, called(node))
        for where, node in nodes(ast.Call)
        if isinstance(node, ast.Call) and called(node) in _CALLS and not _makes_a_time_of_day(node)
    ]
    assert calls == []


def _makes_a_time_of_day(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "time"  # datetime.time(…), a value


def test_money_is_rounded_and_divided_in_one_room() -> None:
    """`/`, `round` and the decimal module's own roundings stay in core/money."""
    elsewhere = [
        where
        for where, node in (*nodes(ast.BinOp), *nodes(ast.Call))
        if not where.startswith("src/abaque/core/money/")
        and (
            (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
            or (isinstance(node, ast.Call) and called(node) in {"round", "quantize"})
        )
    ]
    assert elsewhere == []


def test_the_core_knows_no_language() -> None:
    spoken = [
        where
        for where, node in nodes(ast.Call)
        if isinstance(node, ast.Call) and called(node) in {"gettext", "_"}
    ]
    assert spoken == []


def test_every_rule_of_the_core_says_what_it_means() -> None:
    silent = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in CORE.items()
        for node in _public(tree)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def _public(tree: ast.Module) -> Iterator[Function | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    part for part in node.body if isinstance(part, Function) and not part.name.startswith("_")
                )


@pytest.mark.parametrize("source", ["x = 0.5", "datetime.now()", "import random", "def rule(a): return a"])
def test_the_laws_can_be_broken(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each law finds the break it is there for."""
    monkeypatch.setitem(CORE, "src/abaque/core/broken.py", ast.parse(source))
    laws = (
        test_the_core_has_no_float,
        test_the_core_asks_no_clock_and_says_nothing,
        test_the_core_imports_only_what_is_exact_and_timeless,
        test_every_rule_of_the_core_says_what_it_means,
    )
    broken = 0
    for law in laws:
        try:
            law()
        except AssertionError:
            broken += 1
    assert broken == 1


def test_functions_are_found_in_classes_too() -> None:
    assert {node.name for node in functions(ast.parse("class A:\n    def b(self): ..."))} == {"b"}
