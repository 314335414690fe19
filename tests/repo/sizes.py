"""Sizes: medians and maxima of files and functions. `python -m tests.repo.sizes` prints them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.repo.tree import functions, python, texts

LINES_OF_A_FILE = 500
LINES_OF_A_FUNCTION = 70
# Written by Django from the models, for machines; what a person reads are the models and storage/sql.
GENERATED = {"src/abaque/storage/migrations/0001_nouns.py"}
_SOURCE = (".py", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".sql", ".typ")
_FLOORS = ("src", "tests", "bench", "tools")


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """How many lines something has."""

    lines: int
    what: str


def sizes_of_files(*under: str) -> list[Size]:
    """Return the size of each source file, generated ones aside."""
    folders = tuple(f"{folder}/" for folder in under or _FLOORS)
    return [
        Size(len(text.splitlines()), name)
        for name, text in texts().items()
        if name.startswith(folders) and name.endswith(_SOURCE) and name not in GENERATED
    ]


def sizes_of_functions(*under: str) -> list[Size]:
    """Return the size of each Python function, from its name to its last line."""
    return [
        Size((node.end_lineno or node.lineno) - node.lineno + 1, f"{name}:{node.lineno} {node.name}")
        for name, tree in python(*(under or _FLOORS)).items()
        for node in functions(tree)
    ]


def _line(what: str, found: Sequence[Size], most: int) -> str:
    largest = max(found)
    return (
        f"{what:<22} {len(found):>5}   median {median(size.lines for size in found):>4.0f}"
        f"   longest {largest.lines:>4} of {most}   {largest.what}"
    )


def report() -> str:
    """Return the sizes as lines to be read."""
    said = []
    for folder in ("src/abaque/core", "src", "tests"):
        name = folder.removeprefix("src/abaque/")
        said.append(_line(f"files of {name}", sizes_of_files(folder), LINES_OF_A_FILE))
        said.append(_line("  functions", sizes_of_functions(folder), LINES_OF_A_FUNCTION))
    code, proof = (sum(size.lines for size in sizes_of_files(folder)) for folder in ("src", "tests"))
    return "\n".join((*said, f"lines: {code} of code, {proof} of tests, {proof / code:.2f} tests to code"))


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")
