"""A real folder: its sealed hours are verified, somebody tampers, a person is erased by the owner."""

import json

import psycopg
import pytest
from tests.app.conftest import Shell

DATA = "data"


@pytest.fixture(scope="module")
def dsn(shell: Shell) -> str:
    """The owner's address of the database of a running platform whose example events are sealed."""
    shell.up(f"abaque up --test --data {DATA}")
    events = [
        {
            "specversion": "1.0", "source": "/app", "id": f"e{n}", "type": "page.viewed", "subject": who,
            "time": "2026-02-03T10:00:00Z", "data": {"page": f"/{n}"},
        }
        for n, who in enumerate(("ann", "bob", "ann"))
    ]  # fmt: skip
    (shell.place / "events.json").write_text(json.dumps(events))
    shell.run(f"abaque events import events.json --format cloudevents --data {DATA}")
    shell.run(f"abaque clock advance '2 days' --data {DATA}")
    said = json.loads((shell.place / DATA / "running").read_text())
    return str(said["dsn"])


def test_verify_person_and_head(shell: Shell, dsn: str) -> None:
    assert "1 sealed hours, 3 entries of events, 0 of erased ones" in shell.run(
        f"abaque verify --data {DATA}"
    )
    head = shell.run(f"abaque verify --head --data {DATA}").strip()
    assert len(head) == 64
    found = json.loads(shell.run(f"abaque person export ann --data {DATA}"))
    assert [event["id"] for event in found["events"]] == ["e0", "e2"]
    shell.run(f"abaque person erase ann --reason asked --data {DATA}", status=1)
    assert "erased 2 events" in shell.run(f"abaque person erase ann --reason asked --yes --data {DATA}")
    assert "nothing is stored of ann" in shell.run(f"abaque person export ann --data {DATA}", status=1)
    said = shell.run(f"abaque verify --expect {head} --data {DATA}")
    assert "3 entries of events, 2 of erased ones" in said
    assert head in said
    with psycopg.connect(dsn) as owner:
        owner.execute("""UPDATE event SET data = '{"page": "/"}' WHERE id = 'e1'""")
    said = shell.run(f"abaque verify --data {DATA}", status=1)
    assert "2026-02-03 10:00Z, revision 0: an event is not what was sealed: /app e1" in said
    with psycopg.connect(dsn) as owner:
        owner.execute("DELETE FROM event WHERE id = 'e1'")
    assert "/app e1 is missing" in shell.run(f"abaque verify --data {DATA}", status=1)
