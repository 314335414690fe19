"""What the code says about itself: reasons beside exceptions, no promises, no stubs."""

import re

from tests.repo.tree import texts

# Put together here, so that this file does not find itself.
_PROMISES = re.compile(
    rf"\b(?:{'TO'}{'DO'}|{'FIX'}{'ME'}|{'HA'}{'CK'}|{'Not'}{'ImplementedError'})\b|#.*\b{'XX'}{'X'}\b"
)
_EXCEPTION = re.compile(r"#\s*(?:ruff:\s*)?(?:noqa\b|type:\s*ignore\b|pragma\b|fmt:\s*off)(?P<rest>.*)")
_CODES = re.compile(r"^(\[[a-z, -]+\]|:\s*[A-Z]+[0-9]+(\s*,\s*[A-Z]+[0-9]+)*)")
_REASON = re.compile(r"[A-Za-z]{2,}")


def code() -> dict[str, str]:
    kinds = (".py", ".ts", ".tsx", ".mjs", ".js", ".sql", ".html", ".css", ".typ")
    return {name: text for name, text in texts().items() if name.endswith(kinds)}


def lines(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return [
        (f"{name}:{number}", line.strip())
        for name, text in code().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def unreasoned(line: str) -> bool:
    """Whether a line sets a check aside without its codes, or without saying why."""
    found = _EXCEPTION.search(line)
    if found is None:
        return False
    rest = found["rest"].strip()
    codes = _CODES.match(rest)
    return codes is None or _REASON.search(rest[codes.end() :]) is None


def test_nothing_is_left_for_later() -> None:
    assert lines(_PROMISES) == []


def test_every_exception_to_a_check_gives_its_reason_on_the_line() -> None:
    ours = [
        (where, line)
        for where, line in lines(_EXCEPTION)
        if not where.startswith("tests/repo/test_words_of_code")
    ]
    assert len(ours) > 20
    assert [found for found in ours if unreasoned(found[1])] == []


def test_a_bare_exception_would_be_found() -> None:
    mark = "# no" + "qa"
    assert unreasoned(f"x = 1  {mark}")
    assert unreasoned(f"x = 1  {mark}: E501")
    assert not unreasoned(f"x = 1  {mark}: E501  # a table reads better in one piece")


def test_every_lint_that_is_off_says_why() -> None:
    settings = (
        texts()["pyproject.toml"].split("[tool.ruff.lint]")[1].split("[tool.ruff.lint.per-file-ignores]")[0]
    )
    unsaid = [line for line in settings.splitlines() if line.startswith('    "') and "#" not in line]
    assert unsaid == []
