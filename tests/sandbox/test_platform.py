"""The stand-in platform, spoken to over HTTP as a connector does."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from abaque.sandbox.platform import launch
from abaque.sandbox.platform.desk import KEEP_ANSWERS, Desk
from abaque.sandbox.platform.pace import Pace
from abaque.sandbox.platform.reply import Refusal, Request
from abaque.sandbox.platform.server import Server
from abaque.sandbox.platform.store import Store


class Caller:
    """Calls the platform; `headers` holds those of the last answer."""

    def __init__(self, url: str, key: str = "sandbox") -> None:
        parts = urlsplit(url)
        self._line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        self._key = key
        self.headers: http.client.HTTPMessage

    def __call__(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self._key}"} | ({"Idempotency-Key": key} if key else {})
        text = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        self._line.request(method, path, text, headers)
        response = self._line.getresponse()
        self.headers = response.headers
        return response.status, json.loads(response.read())

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    servers: list[tuple[Server, threading.Thread, Store, Caller]] = []

    def make(*, rate: float = 0, hourly_limit: int = 1250, key: str = "sandbox") -> Caller:
        store = Store(tmp_path / "platform.sqlite3")
        server = Server(("127.0.0.1", 0), Desk(store, rate=rate, hourly_limit=hourly_limit), "sandbox")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        caller = Caller(server.url, key)
        servers.append((server, thread, store, caller))
        return caller

    yield make
    for server, thread, store, caller in servers:
        caller.close()
        server.shutdown()
        thread.join()
        server.server_close()
        store.close()


@pytest.fixture
def ask(platform: Callable[..., Caller]) -> Caller:
    caller = platform()
    assert caller("POST", "/v1/customers", {"external_id": "morel", "name": "Cabinet Morel"})[0] == 200
    return caller


def invoice(number: int = 1, **changes: object) -> dict[str, object]:
    return {
        "external_id": f"inv-{number}",
        "number": f"F-2026-{number:04}",
        "customer": "morel",
        "currency": "EUR",
        "net": 10_000,
        "tax": 2_000,
        "total": 12_000,
        "lines": [
            {"description": "Documents", "quantity": "1000", "amount": 9_000},
            {"description": "Base", "amount": 1_000},
        ],
        **changes,
    }


def listed(ask: Caller, query: str = "") -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = ask("GET", f"/v1/invoices?limit=100{query}")[1]["data"]
    return data


def test_a_customer_is_kept_and_found_by_either_id(ask: Caller) -> None:
    status, customer = ask("GET", "/v1/customers/morel")
    assert (status, customer["name"]) == (200, "Cabinet Morel")
    assert ask("GET", f"/v1/customers/{customer['id']}")[1] == customer
    assert ask("GET", "/v1/customers?external_id=morel")[1] == {
        "data": [customer],
        "has_more": False,
        "next": None,
    }
    status, answer = ask("POST", "/v1/customers", {"external_id": "morel", "name": "Twin"})
    assert (status, answer["error"]["code"]) == (409, "external_id_taken")


def test_an_invoice_is_kept_as_sent(ask: Caller) -> None:
    customer = ask("GET", "/v1/customers/morel")[1]["id"]
    status, sent = ask("POST", "/v1/invoices", invoice())
    assert status == 200
    assert sent == {
        **invoice(),
        "customer": customer,
        "id": sent["id"],
        "status": "open",
        "created": sent["created"],
    }
    assert ask("GET", f"/v1/invoices/{sent['id']}") == (200, sent)
    assert listed(ask) == [sent]


def test_pages_follow_the_cursor_to_the_end(ask: Caller) -> None:
    for number in range(7):
        ask("POST", "/v1/invoices", invoice(number))
    found, query, pages = [], "?limit=3", 0
    while True:
        page = ask("GET", f"/v1/invoices{query}")[1]
        found += [each["external_id"] for each in page["data"]]
        pages += 1
        if not page["has_more"]:
            break
        query = f"?limit=3&after={page['next']}"
    assert found == [f"inv-{number}" for number in range(7)]
    assert pages == 3
    assert ask("GET", "/v1/invoices?after=inv_unknown")[0] == 404
    assert ask("GET", "/v1/invoices?limit=101")[0] == 422


def test_voiding_stands_and_twice_is_once(ask: Caller) -> None:
    key = ask("POST", "/v1/invoices", invoice())[1]["id"]
    assert ask("POST", f"/v1/invoices/{key}/void")[1]["status"] == "void"
    assert ask("POST", f"/v1/invoices/{key}/void")[0] == 200
    assert [each["status"] for each in listed(ask)] == ["void"]
    assert ask("POST", "/v1/invoices/inv_none/void")[0] == 404


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"total": 12_001}, "total", "totals_disagree"),
        ({"net": 9_999, "total": 11_999}, "lines", "totals_disagree"),
        ({"net": 10_000.5}, "net", "invalid"),
        ({"customer": "nobody"}, "customer", "unknown_customer"),
        ({"currency": "euro"}, "currency", "invalid"),
        ({"external_id": ""}, "external_id", "invalid"),
        ({"lines": []}, "lines", "invalid"),
        ({"amount": 3}, "amount", "invalid"),
    ],
)
def test_an_impossible_invoice_is_refused_by_field(
    ask: Caller, changes: dict[str, object], param: str, code: str
) -> None:
    status, answer = ask("POST", "/v1/invoices", invoice(**changes))
    assert (status, answer["error"]["param"], answer["error"]["code"]) == (422, param, code)
    assert listed(ask) == []


def test_the_same_key_and_body_give_the_same_answer(ask: Caller) -> None:
    first = ask("POST", "/v1/invoices", invoice(), key="k-1")
    assert ask.headers["Idempotent-Replayed"] is None
    reordered = dict(reversed(invoice().items()))
    assert ask("POST", "/v1/invoices", reordered, key="k-1") == first
    assert ask.headers["Idempotent-Replayed"] == "true"
    assert len(listed(ask)) == 1


def test_the_same_key_with_another_body_is_a_conflict(ask: Caller) -> None:
    ask("POST", "/v1/invoices", invoice(), key="k-1")
    for path, body in (("/v1/invoices", invoice(2)), ("/v1/customers", invoice())):
        status, answer = ask("POST", path, body, key="k-1")
        assert (status, answer["error"]["code"]) == (409, "idempotency_key_reused")
    assert len(listed(ask)) == 1


def test_a_refused_request_leaves_its_key_free(ask: Caller) -> None:
    assert ask("POST", "/v1/invoices", invoice(total=1), key="k-1")[0] == 422
    assert ask("POST", "/v1/invoices", invoice(), key="k-1")[0] == 200


def test_without_a_key_every_push_is_another_invoice(ask: Caller) -> None:
    ask("POST", "/v1/invoices", invoice())
    ask("POST", "/v1/invoices", invoice())
    assert len({each["id"] for each in listed(ask)}) == 2


def test_answers_are_kept_a_week(tmp_path: Path) -> None:
    store = Store(tmp_path / "platform.sqlite3")
    desk = Desk(store, rate=0, hourly_limit=10)
    body = {"external_id": "morel", "name": "Morel"}
    push = Request("POST", "/v1/customers", body=body, idempotency_key="k-1")
    assert desk.serve(push, now=0, tick=0).status == 200
    assert desk.serve(push, now=KEEP_ANSWERS, tick=0).status == 200
    assert desk.serve(push, now=KEEP_ANSWERS + 1, tick=0).status == 409  # forgotten: the id is taken now
    assert KEEP_ANSWERS >= 86_400
    store.close()


def test_only_the_key_opens(platform: Callable[..., Caller]) -> None:
    stranger = platform(key="wrong")
    for path in ("/v1/invoices", "/faults"):
        assert stranger("GET", path)[0] == 401
    assert stranger("GET", "/healthz") == (200, {"status": "ok"})


def test_too_many_requests_are_told_when_to_come_back(platform: Callable[..., Caller]) -> None:
    ask = platform(rate=1)
    statuses = [ask("GET", "/v1/invoices")[0] for _ in range(4)]
    assert statuses[:2] == [200, 200]
    assert statuses[-1] == 429
    assert ask.headers["Retry-After"] == "1"
    assert ask("GET", "/faults")[0] == 200


def test_the_pace_refills_with_time() -> None:
    pace = Pace(2)
    for _ in range(4):
        pace.step(100.0)
    with pytest.raises(Refusal):
        pace.step(100.0)
    pace.step(100.5)
    with pytest.raises(Refusal) as caught:
        pace.step(100.5)
    assert caught.value.headers == {"Retry-After": "1"}


def test_bad_requests_are_told_so(ask: Caller) -> None:
    assert ask("POST", "/v1/invoices", b"{")[1]["error"]["code"] == "bad_json"
    assert ask("POST", "/v1/invoices", b"\xff")[1]["error"]["code"] == "bad_json"
    assert ask("POST", "/v1/invoices", b"[" * 100_000)[1]["error"]["code"] == "bad_json"
    assert ask("POST", "/v1/invoices", [])[0] == 422
    assert ask("GET", "/v1/nothing")[0] == 404
    assert ask("DELETE", "/v1/invoices")[0] == 405


def test_told_to_lose_three_and_double_one_it_does_exactly_that(ask: Caller) -> None:
    ask("POST", "/faults", {"kind": "lose", "n": 3})
    ask("POST", "/faults", {"kind": "double", "n": 1})
    answers = [ask("POST", "/v1/invoices", invoice(number), key=f"k-{number}") for number in range(6)]
    assert {status for status, _ in answers} == {200}
    rows = listed(ask)
    assert [each["external_id"] for each in rows] == ["inv-3", "inv-3", "inv-4", "inv-5"]
    assert rows[0]["id"] != rows[1]["id"]
    lose, double = ask("GET", "/faults")[1]["data"]
    assert (lose["touched"], lose["left"]) == (["inv-0", "inv-1", "inv-2"], 0)
    assert double["touched"] == ["inv-3"]
    # the platform believes it has them: only a new key gets a lost invoice kept
    ask("POST", "/v1/invoices", invoice(0), key="k-0")
    assert len(listed(ask, "&external_id=inv-0")) == 0
    ask("POST", "/v1/invoices", invoice(0), key="k-0-again")
    assert len(listed(ask, "&external_id=inv-0")) == 1


def test_faults_by_name_meet_only_those_and_once(ask: Caller) -> None:
    ask("POST", "/faults", {"kind": "lose", "external_ids": ["inv-2"]})
    for number in range(1, 4):
        ask("POST", "/v1/invoices", invoice(number))
    assert [each["external_id"] for each in listed(ask)] == ["inv-1", "inv-3"]
    ask("POST", "/v1/invoices", invoice(2))
    assert len(listed(ask)) == 3


def test_a_delayed_invoice_appears_in_its_time(tmp_path: Path) -> None:
    store = Store(tmp_path / "platform.sqlite3")
    desk = Desk(store, rate=0, hourly_limit=10)

    def ask(method: str, path: str, now: float, body: object = None) -> tuple[int, Any]:
        reply = desk.serve(Request(method, path, body=body), now=now, tick=0)
        return reply.status, reply.body

    ask("POST", "/v1/customers", 0, {"external_id": "morel", "name": "Morel"})
    ask("POST", "/faults", 0, {"kind": "delay", "n": 1, "seconds": 60})
    key = ask("POST", "/v1/invoices", 0, invoice())[1]["id"]
    assert ask("GET", f"/v1/invoices/{key}", 59)[0] == 404
    assert ask("GET", "/v1/invoices", 59)[1]["data"] == []
    assert [each["id"] for each in ask("GET", "/v1/invoices", 60)[1]["data"]] == [key]
    store.close()


def test_an_altered_invoice_differs_from_its_answer(ask: Caller) -> None:
    ask("POST", "/faults", {"kind": "alter", "by": -150})
    sent = ask("POST", "/v1/invoices", invoice())[1]
    (kept,) = listed(ask)
    assert (sent["net"], sent["total"]) == (10_000, 12_000)
    assert (kept["net"], kept["tax"], kept["total"]) == (9_850, 2_000, 11_850)


def test_a_failure_after_storing_is_cured_by_the_same_key(ask: Caller) -> None:
    ask("POST", "/faults", {"kind": "fail_after_storing"})
    assert ask("POST", "/v1/invoices", invoice(), key="k-1")[0] == 500
    status, answer = ask("POST", "/v1/invoices", invoice(), key="k-1")
    assert (status, answer["external_id"]) == (200, "inv-1")
    assert [each["id"] for each in listed(ask)] == [answer["id"]]


def test_throttling_ends_after_its_times(ask: Caller) -> None:
    ask("POST", "/faults", {"kind": "throttle", "n": 2, "seconds": 4})
    assert [ask("GET", "/v1/invoices")[0] for _ in range(2)] == [429, 429]
    assert ask.headers["Retry-After"] == "4"
    assert ask("GET", "/v1/invoices")[0] == 200


def test_an_outage_lasts_until_it_is_deleted(ask: Caller) -> None:
    fault = ask("POST", "/faults", {"kind": "down"})[1]
    assert [ask("POST", "/v1/invoices", invoice())[0] for _ in range(3)] == [503] * 3
    assert ask("DELETE", f"/faults/{fault['id']}")[1] == {"removed": 1}
    assert ask("DELETE", f"/faults/{fault['id']}")[0] == 404
    assert listed(ask) == []
    ask("POST", "/faults", {"kind": "down", "drop": True, "n": 1})
    with pytest.raises(http.client.RemoteDisconnected):
        ask("GET", "/v1/invoices")
    ask.close()
    assert ask("GET", "/v1/invoices")[0] == 200
    assert ask("DELETE", "/faults")[1] == {"removed": 1}
    assert ask("GET", "/faults")[1] == {"data": []}


@pytest.mark.parametrize(
    ("order", "param"),
    [
        ({"kind": "explode"}, "kind"),
        ({"kind": "lose", "n": -1}, "n"),
        ({"kind": "down", "external_ids": ["x"]}, "external_ids"),
        ({"kind": "lose", "count": 3}, "count"),
        ([], "body"),
    ],
)
def test_an_order_it_does_not_understand_is_refused(ask: Caller, order: object, param: str) -> None:
    status, answer = ask("POST", "/faults", order)
    assert (status, answer["error"]["param"]) == (422, param)


def usage(number: int, at: str = "2026-03-31T10:00:00Z", **changes: object) -> dict[str, object]:
    return {
        "customer": "morel",
        "meter": "documents",
        "value": 1,
        "identifier": f"u-{number}",
        "timestamp": at,
        **changes,
    }


def test_usage_is_summed_exactly_per_customer_and_local_month(ask: Caller) -> None:
    ask("POST", "/v1/usage", usage(1, value="0.1"))
    ask("POST", "/v1/usage", {"data": [usage(2, value=0.2), usage(3, at="2026-03-31T22:30:00Z")]})
    march = {"customer": "morel", "meter": "documents", "month": "2026-03", "value": "1.3", "events": 3}
    assert ask("GET", "/v1/usage")[1] == {"data": [march]}
    paris = ask("GET", "/v1/usage?zone=Europe/Paris")[1]["data"]
    assert [(row["month"], row["value"]) for row in paris] == [("2026-03", "0.3"), ("2026-04", "1")]
    assert ask("GET", "/v1/usage?month=2026-04&zone=Europe/Paris&customer=morel")[1]["data"] == paris[1:]
    assert ask("GET", "/v1/usage?customer=nobody")[1] == {"data": []}


def test_one_identifier_counts_once(ask: Caller) -> None:
    for _ in range(2):
        ask("POST", "/v1/usage", {"data": [usage(1), usage(1)]})
    assert ask("GET", "/v1/usage")[1]["data"][0]["events"] == 1


def test_above_its_limit_the_counter_gives_up_without_a_word(platform: Callable[..., Caller]) -> None:
    ask = platform(hourly_limit=10)
    for start in (0, 8, 16):
        status, answer = ask("POST", "/v1/usage", {"data": [usage(start + n) for n in range(8)]})
        assert (status, answer) == (200, {"received": 8})
    other = [usage(100, at="2026-03-31T11:00:00Z"), usage(101, customer="garonne")]
    ask("POST", "/v1/usage", {"data": other})
    rows = ask("GET", "/v1/usage")[1]["data"]
    assert {row["customer"]: row["events"] for row in rows} == {"morel": 11, "garonne": 1}


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"value": "NaN"}, "value"),
        ({"value": True}, "value"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2026-03-31T10:00:00"}, "timestamp"),
        ({"identifier": None}, "identifier"),
    ],
)
def test_impossible_usage_is_refused_whole(ask: Caller, changes: dict[str, object], param: str) -> None:
    status, answer = ask("POST", "/v1/usage", {"data": [usage(1), usage(2, **changes)]})
    assert (status, answer["error"]["param"]) == (422, param)
    assert ask("GET", "/v1/usage")[1] == {"data": []}


def test_the_books_survive_being_killed(tmp_path: Path) -> None:
    state = tmp_path / "platform.sqlite3"
    with launch(state, key="k") as running:
        ask = Caller(running.url, "k")
        ask("POST", "/v1/customers", {"external_id": "morel", "name": "Cabinet Morel"})
        answer = ask("POST", "/v1/invoices", invoice(), key="k-1")[1]
        ask("POST", "/faults", {"kind": "lose", "n": 2})
        ask.close()
        running.process.kill()
        running.process.wait()
    with launch(state, key="k") as running:
        ask = Caller(running.url, "k")
        assert ask("POST", "/v1/invoices", invoice(), key="k-1")[1] == answer
        assert listed(ask) == [answer]
        assert ask("GET", "/faults")[1]["data"][0]["left"] == 2
        ask.close()


def test_it_ends_when_told_and_with_who_started_it(tmp_path: Path) -> None:
    running = launch(tmp_path / "a.sqlite3")
    running.stop()
    assert running.process.returncode == 0
    orphan = launch(tmp_path / "b.sqlite3")
    assert orphan.process.stdin is not None
    orphan.process.stdin.close()
    started = time.monotonic()
    assert orphan.process.wait(10) == 0
    assert time.monotonic() - started < 10
    orphan.stop()


def test_a_platform_that_cannot_start_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        launch(tmp_path / "missing" / "platform.sqlite3")
    assert "unable to open database file" in capfd.readouterr().err
