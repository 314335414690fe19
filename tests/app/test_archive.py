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


def test_an_archived_month_is_verified_and_a_person_erased_from_it(shell: Shell, month: str) -> None:
    """The application's role verifies, the owner's erases."""
    file = shell.place / DATA / "archive" / f"{month}.parquet"
    whole = file.read_bytes()
    said = shell.run(f"abaque verify --data {DATA}")
    assert "0 of erased ones, 0 reduced by retention" in said
    file.write_bytes(whole[:300] + bytes(100) + whole[400:])
    said = shell.run(f"abaque verify --data {DATA}", status=1)
    assert f"{month}: the archived month's file is not what was written" in said
    assert f"steps, {month}-03 10:00Z, revision 0: an event is not what was sealed" in said
    file.write_bytes(whole)
    assert len(json.loads(shell.run(f"abaque person export dupont --data {DATA}"))["events"]) == 5
    said = shell.run(f"abaque person erase dupont --reason letter --yes --data {DATA}")
    assert "erased 5 events" in said
    assert [path.name for path in file.parent.iterdir()] == [f"{month}.1.parquet"]
    assert "✓ head" in shell.run(f"abaque verify --data {DATA}")
    shell.run(f"abaque self-check --data {DATA}")


def test_what_retention_would_do_is_shown(shell: Shell, month: str) -> None:
    assert month
    said = shell.run(f"abaque retention plan --data {DATA}")
    assert "archived_events" in said
    assert "reduced" in said
    shell.run(f"abaque retention run --dry-run --data {DATA}")


def test_a_month_is_written_as_a_month(shell: Shell, month: str) -> None:
    assert month
    said = shell.run(f"abaque events archive --before january --data {DATA}", status=2)
    assert "write it like 2026-01" in said
