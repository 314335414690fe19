"""Rooms see only the rooms below them. The contracts stand in pyproject.toml."""

import ast
import subprocess
import sys
import tomllib

from tests.repo.tree import PACKAGE, ROOT, python

_CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]


def test_every_import_contract_is_kept() -> None:
    lint = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(cache_dir=None, no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(_CONTRACTS)} kept, 0 broken" in done.stdout


def test_every_room_has_its_floor() -> None:
    house = next(contract for contract in _CONTRACTS if contract["name"].startswith("The house"))
    named = {room.strip() for floor in house["layers"] for room in floor.split("|")}
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert named | set(house["exhaustive_ignores"]) == rooms


def test_pages_and_endpoints_never_query_the_models() -> None:
    """The contract lets some pages name the type of the row they are handed; asking for rows is storage.read's."""
    asked = [
        name
        for name, tree in python("src/abaque/api", "src/abaque/web").items()
        if ".objects" in ast.unparse(tree)
    ]
    assert asked == []


def test_only_the_shells_read_a_clock() -> None:
    """Verbs, documents, the catalogue take the time as an argument; what lives on real time says why here."""
    real_time = {
        "src/abaque/billing/invite.py": "the expiry of a link stays real (DESIGN, time)",
        "src/abaque/billing/portal_link.py": "the expiry of a link stays real",
        "src/abaque/billing/archive.py": "tries again for a lock; decides nothing by it",
        "src/abaque/billing/meter.py": "waits for another meter; decides nothing by it",
        "src/abaque/billing/push.py": "keeps a steady pace towards a platform",
        "src/abaque/storage/clock.py": "is the folder's clock",
    }
    rooms = ("billing", "catalogue", "documents", "ports", "connectors", "storage/read", "storage/models")
    trees = python(*(f"src/abaque/{room}" for room in rooms), "src/abaque/core")
    reading = {name for name, tree in trees.items() if _reads_a_clock(tree)}
    assert reading - set(real_time) == set()


def _reads_a_clock(tree: ast.Module) -> bool:
    calls = (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(
        call in {"time.time", "time.monotonic", "time.sleep", "date.today", "datetime.today", "timezone.now"}
        or call.endswith(("datetime.now", "datetime.utcnow"))
        for call in calls
    )
