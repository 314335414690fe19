"""The tree under test: what is tracked, and what the Python in it says."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "abaque"
# Without git (an archive, a container that has none) the tree is walked, these folders and kinds aside.
_MADE = {
    ".git",
    ".venv",
    ".make",
    "__pycache__",
    "node_modules",
    "dist",
    "demo-data",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
}
_BUILT = ("src/abaque/web/static/build/", "src/abaque/documents/fonts/")
_BINARY = {".ttf", ".woff2", ".png", ".ico", ".pdf", ".gz", ".mo", ".pyc"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked() -> tuple[str, ...] | None:
    """Return what git tracks, or None where git cannot say."""
    return _listed("--cached")


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is ours: tracked, or new and not ignored."""
    listed = _listed("--cached", "--others", "--exclude-standard")
    names = sorted(set(listed)) if listed is not None else list(_walked())
    return tuple(ROOT / name for name in names if (ROOT / name).is_file())


@cache
def texts() -> dict[str, str]:
    """Return the text of every file of ours by its path from the root, fonts and pictures aside."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in files()
        if path.suffix not in _BINARY
    }


def python(*under: str) -> dict[str, ast.Module]:
    """Return the syntax trees of our Python files below some folders, by path from the root."""
    folders = tuple(f"{folder}/" for folder in under)
    return {
        name: _tree(name)
        for name in texts()
        if name.endswith(".py") and (not under or name.startswith(folders))
    }


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method of a syntax tree."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def called(node: ast.Call) -> str:
    """Return the last name of what is called: `now` of `datetime.now()`, `print` of `print()`."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


@cache
def _tree(name: str) -> ast.Module:
    return ast.parse(texts()[name], name)


@cache
def _listed(*what: str) -> tuple[str, ...] | None:
    git = shutil.which("git")
    if git is None:
        return None
    # A clone that belongs to another user is still ours to read.
    command = [git, "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z", *what]
    done = subprocess.run(command, capture_output=True, check=False)
    names = tuple(name for name in done.stdout.decode().split("\0") if name)
    return names if done.returncode == 0 and names else None


def _walked() -> Iterator[str]:
    for path in sorted(ROOT.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        made = _MADE.intersection(path.relative_to(ROOT).parts) or name.startswith(_BUILT)
        if not made and path.suffix not in {".pyc", ".mo"} and ".egg-info" not in name:
            yield name
