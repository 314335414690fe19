"""`abaque events archive` beside a running platform, as its owner: what it says, what is then read."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.app.conftest import Shell

DATA = "data"
CATALOGUE = """
meters:
  steps:
    name: {en: Steps, fr: Pas}
    unit: {en: step, fr: pas}
    event: step.taken
    aggregate: count
"""


@pytest.fixture(scope="module")
def month(shell: Shell) -> str:
    """A running platform with events of a month that has been over for long."""
    shell.up(f"abaque up --test --data {DATA}")
    long_ago = (datetime.now(UTC) - timedelta(days=200)).replace(day=3, hour=10)
    events = [
        {
            "specversion": "1.0", "source": "/shop", "id": str(n), "type": "step.taken", "subject": "dupont",
            "time": (long_ago + timedelta(minutes=n)).isoformat(),
        }
        for n in range(5)
    ]  # fmt: skip
    (shell.place / "meters.yaml").write_text(CATALOGUE)
    (shell.place / "events.jsonl").write_text("\n".join(map(json.dumps, events)))
    shell.run(f"abaque catalog apply meters.yaml --yes --data {DATA}")
    shell.run(f"abaque events import events.jsonl --format cloudevents --create-customers --data {DATA}")
    return f"{long_ago:%Y-%m}"


def test_a_month_is_shown_then_archived_then_hashed(shell: Shell, month: str) -> None:
    said = shell.run(f"abaque events archive --dry-run --data {DATA}")
    assert month in said
    while "hours to seal" in shell.run(f"abaque events archive --dry-run --data {DATA}"):
        shell.run(f"abaque close --until $(date -u +%Y-%m-01) --yes --data {DATA}")
    assert f"{month}: 5 events are in {month}.parquet" in shell.run(f"abaque events archive --data {DATA}")
    assert (shell.place / DATA / "archive" / f"{month}.parquet").is_file()
    assert "5 events of 1 months are archived" in shell.run(f"abaque self-check --data {DATA}")
    assert "holds events that are not archived" in shell.run(f"abaque events archive --data {DATA}")


def test_a_month_is_written_as_a_month(shell: Shell, month: str) -> None:
    assert month
    said = shell.run(f"abaque events archive --before january --data {DATA}", status=2)
    assert "write it like 2026-01" in said
