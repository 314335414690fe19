"""The client against a small door that can be told to fail."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from abaque.client import Client, RefusedError, UnsentError

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Door(ThreadingHTTPServer):
    """Keeps events by (source, id) as the real one does; `script` holds answers to give before that."""

    daemon_threads = True

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, Any]] = {}
        self.script: list[tuple[int, dict[str, str], bytes] | None] = []
        self.sizes: list[int] = []
        self.seen: list[dict[str, str]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def judge(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        answer: dict[str, Any] = {"accepted": 0, "duplicate": 0, "conflict": 0, "rejected": 0, "events": []}
        for index, event in enumerate(events):
            known = self.kept.setdefault((event["source"], event["id"]), event)
            verdict = "accepted" if known is event else "duplicate" if known == event else "conflict"
            if event["type"] == "bad":
                verdict = "rejected"
            answer[verdict] += 1
            warnings = [{"code": "recorded", "message": "No meter yet."}] if event["type"] == "new" else []
            if verdict != "accepted" or warnings:
                reason = verdict if verdict in {"conflict", "rejected"} else None
                answer["events"].append(
                    {
                        "index": index,
                        "id": event["id"],
                        "verdict": verdict,
                        "reason": reason,
                        "warnings": warnings,
                    }
                )
        return answer


class Handler(BaseHTTPRequestHandler):
    server: Door
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.sizes.append(len(events))
        self.server.seen.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
        step = self.server.script.pop(0) if self.server.script else (200, {}, b"")
        if step is None:  # stored, and the answer is lost
            self.server.judge(events)
            self.close_connection = True
            return
        status, headers, body = step
        if status == 200 and not body:
            body = json.dumps(self.server.judge(events)).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def door() -> Iterator[Door]:
    with Door() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def client(door: Door, naps: list[float]) -> Callable[..., Client]:
    def make(**options: Any) -> Client:
        return Client(door.url, "secret", "/docs/eu-1", sleep=naps.append, **options)

    return make


def ids(door: Door) -> list[str]:
    return [key for _, key in door.kept]


def test_events_leave_in_batches_with_key_and_type(door: Door, client: Callable[..., Client]) -> None:
    with client(batch=2) as abaque:
        for number in range(5):
            abaque.send("done", "morel", {"pages": number}, id=f"d-{number}", time=NOON)
        assert door.sizes == [2, 2]
        assert len(abaque.pending) == 1
    assert door.sizes == [2, 2, 1]
    assert ids(door) == ["d-0", "d-1", "d-2", "d-3", "d-4"]
    assert door.seen[0]["path"] == "/v1/events"
    assert door.seen[0]["authorization"] == "Bearer secret"
    assert door.seen[0]["content-type"] == "application/cloudevents-batch+json"
    assert door.kept["/docs/eu-1", "d-3"] == {
        "specversion": "1.0",
        "id": "d-3",
        "source": "/docs/eu-1",
        "type": "done",
        "subject": "morel",
        "time": "2026-01-31T12:00:00.000000Z",
        "datacontenttype": "application/json",
        "data": {"pages": 3},
    }


def test_a_lost_answer_is_asked_for_again_and_counts_once(
    door: Door, client: Callable[..., Client], naps: list[float]
) -> None:
    door.script = [None]
    with client() as abaque:
        abaque.send("done", "morel", {}, id="d-1", time=NOON)
        verdicts = abaque.flush()
    assert (verdicts.accepted, verdicts.duplicate) == (0, 1)
    assert ids(door) == ["d-1"]
    assert len(naps) == 1


def test_it_waits_as_long_as_the_door_asks(
    door: Door, client: Callable[..., Client], naps: list[float]
) -> None:
    door.script = [(429, {"Retry-After": "7"}, b"slow"), (503, {"Retry-After": "3"}, b"down")]
    with client(base=0.25) as abaque:
        abaque.send("done", "morel", {}, id="d-1", time=NOON)
        assert abaque.flush().accepted == 1
    assert 7 <= naps[0] <= 7.25
    assert 3 <= naps[1] <= 3.25


def test_pauses_double_and_stay_below_the_longest(
    door: Door, client: Callable[..., Client], naps: list[float]
) -> None:
    door.script = [(500, {}, b"")] * 5
    with client(tries=6, base=1.0, longest=4.0) as abaque:
        abaque.send("done", "morel", {}, id="d-1", time=NOON)
        abaque.flush()
    assert len(naps) == 5
    assert all(0 <= nap <= most for nap, most in zip(naps, (1, 2, 4, 4, 4), strict=True))


def test_what_cannot_be_sent_raises_and_stays(door: Door, client: Callable[..., Client]) -> None:
    abaque = client(tries=2)
    abaque.send("done", "morel", {}, id="d-1", time=NOON)
    door.script = [(503, {}, b"no database")] * 2
    with pytest.raises(UnsentError, match=r"1 events are not sent.*503: no database"):
        abaque.flush()
    assert [json.loads(text)["id"] for text in abaque.pending] == ["d-1"]
    assert abaque.flush().accepted == 1
    assert abaque.pending == ()
    abaque.close()


def test_a_wrong_key_is_told_at_once(door: Door, client: Callable[..., Client], naps: list[float]) -> None:
    door.script = [(401, {}, b'{"code": "wrong_key"}')]
    abaque = client()
    abaque.send("done", "morel", {}, id="d-1", time=NOON)
    with pytest.raises(UnsentError, match="wrong_key") as caught:
        abaque.flush()
    assert caught.value.status == 401
    assert naps == []
    abaque.close()


def test_an_answer_that_does_not_speak_of_all_events_is_none(
    door: Door, client: Callable[..., Client]
) -> None:
    short = json.dumps({"accepted": 1, "duplicate": 0, "conflict": 0, "rejected": 0, "events": []}).encode()
    door.script = [(200, {}, short), (200, {}, b"<html>")]
    with client() as abaque:
        abaque.send("done", "morel", {}, id="d-1", time=NOON)
        abaque.send("done", "morel", {}, id="d-2", time=NOON)
        assert abaque.flush().accepted == 2
    assert ids(door) == ["d-1", "d-2"]


def test_refused_events_are_kept_with_their_reason(client: Callable[..., Client]) -> None:
    abaque = client()
    abaque.send("done", "morel", {"n": 1}, id="d-1", time=NOON)
    assert abaque.flush().entries == ()
    abaque.send("done", "morel", {"n": 2}, id="d-1", time=NOON)
    abaque.send("bad", "morel", {}, id="d-2", time=NOON)
    verdicts = abaque.flush()
    assert [each.verdict for each in verdicts.refused] == ["conflict", "rejected"]
    assert [json.loads(each.event)["data"] for each in abaque.refused] == [{"n": 2}, {}]
    assert abaque.pending == ()
    with pytest.raises(RefusedError, match="2 events were refused; the first is d-1"):
        abaque.close()


def test_warnings_are_handed_on(client: Callable[..., Client]) -> None:
    with client() as abaque:
        abaque.send("new", "morel", {}, id="d-1", time=NOON)
        (entry,) = abaque.flush().warned
    assert entry.warnings == (("recorded", "No meter yet."),)
    assert not entry.refused


def test_an_id_is_derived_from_content_and_time(door: Door, client: Callable[..., Client]) -> None:
    with client() as abaque:
        first = abaque.send("done", "morel", {"pages": 1}, time=NOON)
        assert abaque.send("done", "morel", {"pages": 1}, time=NOON) == first
        assert abaque.send("done", "morel", {"pages": 2}, time=NOON) != first
        assert len(abaque.pending) == 2
    assert len(door.kept) == 2


def test_equal_events_without_id_and_time_never_merge(door: Door, client: Callable[..., Client]) -> None:
    with client() as abaque:
        for _ in range(50):
            abaque.send("done", "morel", {"bytes": 10})
    assert len(door.kept) == 50


def test_an_id_without_time_can_be_sent_again(client: Callable[..., Client]) -> None:
    with client() as abaque:
        abaque.send("done", "morel", {}, id="d-1")
        abaque.flush()
        abaque.send("done", "morel", {}, id="d-1")
        assert abaque.flush().duplicate == 1


def test_another_event_under_a_waiting_id_is_refused_where_it_is_sent(client: Callable[..., Client]) -> None:
    with client() as abaque:
        abaque.send("done", "morel", {"n": 1}, id="d-1", time=NOON)
        with pytest.raises(ValueError, match="other content"):
            abaque.send("done", "morel", {"n": 2}, id="d-1", time=NOON)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"time": datetime(2026, 1, 1)}, "offset"),  # noqa: DTZ001 the mistake under test
        ({"data": {"x": float("nan")}}, "not JSON compliant"),
        ({"data": {"x": Decimal("NaN")}}, "no quantity"),
        ({"data": {"x": "a" * 300_000}}, "256 KiB"),
        ({"subject": ""}, "subject"),
        ({"id": ""}, "id"),
    ],
)
def test_an_impossible_event_is_refused_before_it_is_buffered(
    client: Callable[..., Client], options: dict[str, Any], error: str
) -> None:
    with client() as abaque:
        with pytest.raises(ValueError, match=error):
            abaque.send(**{"type": "done", "subject": "morel", "data": {}, "id": "d-1", **options})
        assert abaque.pending == ()


def test_decimals_travel_as_text(door: Door, client: Callable[..., Client]) -> None:
    with client() as abaque:
        abaque.send("done", "morel", {"kwh": Decimal("0.10")}, id="d-1", time=NOON)
    assert door.kept["/docs/eu-1", "d-1"]["data"] == {"kwh": "0.10"}


def test_large_events_are_spread_over_requests(door: Door, client: Callable[..., Client]) -> None:
    with client() as abaque:
        for number in range(50):
            abaque.send("done", "morel", {"text": "a" * 200_000}, id=f"d-{number}", time=NOON)
    assert len(door.kept) == 50
    assert len(door.sizes) == 2


def test_a_spool_survives_the_process(door: Door, client: Callable[..., Client], tmp_path: Path) -> None:
    spool = tmp_path / "events.jsonl"
    product = """
import os, sys
from pathlib import Path
from abaque.client import Client
abaque = Client("http://127.0.0.1:9", "secret", "/docs/eu-1", spool=Path(sys.argv[1]))
for number in (1, 2):
    abaque.send("done", "morel", {}, id=f"d-{number}", time="2026-01-31T12:00:00Z")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", product, str(spool)], check=False).returncode == 9
    with spool.open("a") as file:
        file.write('{"id":"d-3","dat')  # killed in the middle of a write: that `send` never returned
    with client(spool=spool) as abaque:
        assert [json.loads(text)["id"] for text in abaque.pending] == ["d-1", "d-2"]
        abaque.send("done", "morel", {}, id="d-4", time=NOON)
    assert ids(door) == ["d-1", "d-2", "d-4"]
    assert spool.read_text() == ""
    assert spool.stat().st_mode & 0o777 == 0o600


def test_a_spool_keeps_what_close_could_not_send(
    door: Door, client: Callable[..., Client], tmp_path: Path
) -> None:
    spool = tmp_path / "events.jsonl"
    door.script = [(200, {}, b""), (503, {}, b"")]
    abaque = client(spool=spool, tries=1, batch=1)
    abaque.send("done", "morel", {}, id="d-1", time=NOON)
    with pytest.raises(UnsentError):
        abaque.send("done", "morel", {}, id="d-2", time=NOON)
    door.script = [(503, {}, b"")]
    with pytest.raises(UnsentError):
        abaque.close()
    assert [json.loads(line)["id"] for line in spool.read_text().splitlines()] == ["d-2"]
    with pytest.raises(ValueError, match="closed"):
        abaque.send("done", "morel", {}, id="d-3", time=NOON)


def test_a_damaged_spool_is_named(client: Callable[..., Client], tmp_path: Path) -> None:
    spool = tmp_path / "events.jsonl"
    spool.write_text("rubbish\n")
    with pytest.raises(ValueError, match="line 1: not an event"):
        client(spool=spool)
    assert spool.read_text() == "rubbish\n"


def test_a_client_forgotten_with_events_warns(client: Callable[..., Client]) -> None:
    abaque = client()
    abaque.send("done", "morel", {}, id="d-1", time=NOON)
    with pytest.warns(ResourceWarning, match="1 events were never sent"):
        abaque.__del__()
    abaque.close()


def test_nobody_at_the_address(naps: list[float]) -> None:
    abaque = Client("http://127.0.0.1:9", "secret", "/s", tries=3, sleep=naps.append)
    abaque.send("done", "morel", {}, id="d-1", time=NOON)
    with pytest.raises(UnsentError) as caught:
        abaque.close()
    assert caught.value.status is None
    assert len(naps) == 2
    assert len(abaque.pending) == 1
