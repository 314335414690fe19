"""One action is one transaction, and the runner opens it."""

import ast

from tests.repo.tree import called, python

# Who else opens a transaction, and why it may.
OPENS = {
    "src/abaque/billing/runner.py": "the runner itself",
    "src/abaque/billing/capturing/capture.py": "the door: an event's identity is its idempotency, no action row",
    "src/abaque/billing/archive.py": "reads a month for its file in one; a verb then decides and takes it away",
    "src/abaque/storage/archived.py": "a file that holds no events is taken back alone, from a temporary table",
    "src/abaque/billing/meter.py": "a loop of chunks, each claimed and finished in one transaction",
    "src/abaque/billing/fold_days.py": "a loop of chunks of what only makes reading quick; nothing is decided",
    "src/abaque/billing/backfills.py": "what is captured into a back-fill commits while it is open",
    "src/abaque/billing/preview.py": "what would be is worked out for real, and taken back",
    "src/abaque/billing/render_document.py": "keeps what was rendered outside, once; derived, never decided",
    "src/abaque/billing/invite.py": "redeeming a link: a password never passes through an action row",
    "src/abaque/storage/grants.py": "rights change all at once, before anything runs; no business action",
    "src/abaque/web/console/inbox.py": "queues a job, which exists only if the request went well",
}
_OPENING = {"atomic", "transaction"}
_ENDING = {"commit", "rollback", "set_autocommit", "savepoint_commit", "savepoint_rollback"}
_APART = "src/abaque/sandbox/"  # keeps its own books, in SQLite


def _calling(names: set[str]) -> set[str]:
    return {
        name
        for name, tree in python("src/abaque").items()
        if not name.startswith(_APART)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call | ast.Attribute)
        and (called(node) if isinstance(node, ast.Call) else node.attr) in names
        and not _is_module(node)
    }


def _is_module(node: ast.AST) -> bool:
    """`transaction` in `transaction.atomic()` is Django's module, not an opening of its own."""
    return isinstance(node, ast.Attribute) and node.attr == "transaction"


def test_nobody_commits_below_the_runner() -> None:
    assert _calling(_ENDING) == set()


def test_transactions_are_opened_where_it_is_said_why() -> None:
    assert _calling(_OPENING) <= set(OPENS)


def test_every_verb_is_performed_by_the_runner() -> None:
    """A verb is `verb(command, *, now, by)`; who calls one directly would leave no action behind."""
    trees = python("src/abaque/billing")
    verbs = {
        node.name: name
        for name, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and [argument.arg for argument in node.args.args] == ["command"]
        and {argument.arg for argument in node.args.kwonlyargs} == {"now", "by"}
    }
    assert len(verbs) > 15
    direct = [
        f"{name}:{node.lineno} {node.func.id}"
        for name, tree in python("src/abaque").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in verbs
        and _module(verbs[node.func.id]) in _imported(tree, node.func.id)
    ]
    assert direct == []


def _module(path: str) -> str:
    return path.removeprefix("src/").removesuffix(".py").replace("/", ".")


def _imported(tree: ast.Module, name: str) -> set[str]:
    """Return the modules a name is imported from."""
    return {
        node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (alias.asname or alias.name) == name
    }
