"""What lies in the repository, and what must not."""

import hashlib
import re
from pathlib import Path

import pytest
from tests.repo.tree import ROOT, texts, tracked

_DOCUMENTS = (
    "README.md",
    "README.fr.md",
    "STYLE.md",
    "DECISIONS.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
)
_SELF = "tests/repo/test_files.py"
# Hosts of package registries. Where packages come from is the business of whoever installs them.
_REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|yarnpkg\.com|crates\.io|rubygems\.org|proxy\.golang\.org"
    r"|maven\.org|conda\.anaconda|registry\.|/artifactory/|/simple/?[\s\"']|--(extra-)?index-url",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"(?<![\w.~])/(?:home|Users|root|work|mnt|media)/\w")
_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{8}|\bgh[pousr]_[0-9A-Za-z]{20}"
    r"|\bglpat-[0-9A-Za-z_-]{16}|\bxox[abprs]-[0-9A-Za-z-]{10}|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{30}"
    r"|\beyJ[0-9A-Za-z_-]{20,}\.eyJ|://[^/\s:@\"'{}<]+:[^/\s:@\"'{}<]{6,}@"
)
# How a sentence writes the form of an address, for a person to fill in.
_EXAMPLE = re.compile(r"://\w+:password@", re.IGNORECASE)
_BUILT = re.compile(
    r"(^|/)(node_modules|__pycache__|dist|\.venv|\.make|demo-data)/|static/build/|documents/fonts/"
    r"|\.(pyc|mo|whl|egg-info|so|min\.js|map|log|sqlite3?|pdf)(/|$)"
)


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}: {match.group()}"
        for name, text in texts().items()
        if name != _SELF
        for match in pattern.finditer(text)
        if not _EXAMPLE.fullmatch(match.group())
    ]


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_the_document_is_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 300


def test_the_licence_is_apache_2_0() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert re.search(r"Apache License\s+Version 2\.0, January 2004", text)
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in texts()["pyproject.toml"]


def test_both_readmes_tell_the_same_steps() -> None:
    """The French page is the English one in French: it asks for the same commands in the same order."""
    english, french = (_commands(ROOT / name) for name in ("README.md", "README.fr.md"))
    assert english
    assert english == french


def _commands(path: Path) -> list[str]:
    blocks = re.findall(
        r"^```\w*\n(.*?)^```",
        path.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    starts = re.compile(r"^\$?\s*(make|abaque|\.venv/bin/abaque|curl|git|cd)\b[^#\n]*", re.MULTILINE)
    return [" ".join(match.group().split()) for block in blocks for match in starts.finditer(block)]


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in texts().items()
        if name.endswith(".md")
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)\s#]+)", text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []


def test_every_make_target_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", texts()["Makefile"], re.MULTILINE))
    named = {
        target
        for name, text in texts().items()
        if name.endswith(".md")
        for target in re.findall(r"(?:`|^\s*\$?\s*)make ([a-z]+)", text, re.MULTILINE)
    }
    assert {"run", "test", "check", "bench"} <= targets
    assert named <= targets


def test_no_file_names_a_package_registry() -> None:
    assert found(_REGISTRIES) == []


def test_requirements_are_pinned_with_hashes_and_without_an_address() -> None:
    text = texts()["requirements.lock"]
    requirements = re.findall(
        r"^[a-z0-9][^\s=<>~]*(?:\[[^\]]*\])?([^\n]*)", text, re.MULTILINE | re.IGNORECASE
    )
    assert len(requirements) > 40
    assert [line for line in requirements if not line.startswith("==")] == []
    for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text


def test_npm_packages_are_pinned_by_hash_without_an_address() -> None:
    lock = texts()["src/abaque/web/frontend/package-lock.json"]
    assert lock.count('"integrity": "sha512-') > 10
    assert '"resolved"' not in lock


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert found(_MACHINE) == []


def test_no_file_holds_what_looks_like_a_secret() -> None:
    assert found(_SECRETS) == []


def test_what_looks_like_a_secret_would_be_found() -> None:
    assert _SECRETS.search("key = " + "sk_" + "live_" + hashlib.sha256(b"").hexdigest())
    assert _SECRETS.search("postgresql://abaque:" + "correcthorse" + "@db.internal/abaque")


def test_nothing_built_is_tracked() -> None:
    names = tracked()
    assert [name for name in names or () if _BUILT.search(name)] == []


def test_what_is_built_is_ignored() -> None:
    ignored = set(texts()[".gitignore"].split())
    assert {
        ".venv/",
        ".make/",
        "__pycache__/",
        "node_modules/",
        "src/abaque/web/static/build/",
        "demo-data/",
    } <= ignored


def test_no_large_file_is_tracked() -> None:
    limit = 300_000
    assert [name for name, text in texts().items() if len(text) > limit] == []
