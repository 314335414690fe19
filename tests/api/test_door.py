"""The door as a product meets it: HTTP requests in, verdicts out, over a real database."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HASHING_KEY = b"1" * 32
BATCH = "application/cloudevents-batch+json"
ONE = "application/cloudevents+json"
LINES = "application/x-ndjson"
HOT = "intake, identity, event, conflict, fate, usage, unique_value, operation, procrastinate_jobs"


@dataclass(slots=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Accepted, duplicate, conflict, rejected."""
        return tuple(self.body[word] for word in ("accepted", "duplicate", "conflict", "rejected"))

    @property
    def reasons(self) -> dict[int, str | None]:
        return {entry["index"]: entry["reason"] for entry in self.body["events"] if entry["reason"]}

    @property
    def warnings(self) -> dict[int, str]:
        return {e["index"]: e["warnings"][0]["code"] for e in self.body["events"] if e["warnings"]}


class Client:
    """Speaks ASGI to the door."""

    def __init__(self, url: str, key: str) -> None:
        from abaque.api.door import Door

        self.door = Door(url, HASHING_KEY)
        self.key = key

    def post(self, content: bytes | str, kind: str = BATCH, **options: Any) -> Answer:
        return asyncio.run(self.send(content, kind, **options))

    def together(self, *requests: tuple[bytes | str, str]) -> list[Answer]:
        """Send requests at the same moment."""

        async def all_of_them() -> list[Answer]:
            return list(await asyncio.gather(*(self.send(content, kind) for content, kind in requests)))

        return asyncio.run(all_of_them())

    async def send(
        self,
        content: bytes | str,
        kind: str = BATCH,
        *,
        key: str | None = None,
        query: str = "",
        method: str = "POST",
        length: int | None = -1,
        part: int = 1 << 20,
    ) -> Answer:
        raw = content.encode() if isinstance(content, str) else content
        headers = [(b"content-type", kind.encode())]
        headers += [(b"authorization", f"Bearer {self.key if key is None else key}".encode())]
        if length is not None:
            headers.append((b"content-length", str(len(raw) if length < 0 else length).encode()))
        scope = {"type": "http", "method": method, "path": "/v1/events", "headers": headers}
        parts = _parts(raw, part)
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return await anext(parts)

        async def send(message: Any) -> None:
            sent.append(message)

        await self.door({**scope, "query_string": query.encode()}, receive, send)
        fields = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], json.loads(sent[1]["body"]), fields)


async def _parts(raw: bytes, size: int) -> AsyncIterator[dict[str, Any]]:
    pieces = [raw[start : start + size] for start in range(0, len(raw), size)] or [b""]
    for number, piece in enumerate(pieces, start=1):
        yield {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
    yield {"type": "http.disconnect"}


@pytest.fixture
def folder(transactional_db: None) -> Iterator[None]:
    """A test folder with one customer and one meter; what the door commits is swept away afterwards."""
    from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.put_customer import PutCustomer, put_customer
    from abaque.billing.put_issuer import PutIssuer, put_issuer
    from abaque.billing.runner import perform
    from abaque.storage.models import Clock

    del transactional_db
    sweep()
    Clock.objects.update_or_create(id=1, defaults={"test": True, "offset": NOW - datetime.now(UTC)})
    perform(apply_catalogue, ApplyCatalogue(CATALOGUE), now=NOW, by=SYSTEM)
    perform(put_issuer, PutIssuer("papier", {"legal_name": "Papier"}), now=NOW, by=SYSTEM)
    perform(put_customer, PutCustomer("dupont", {"legal_name": "Dupont"}), now=NOW, by=SYSTEM)
    yield
    sweep()


def sweep() -> None:
    """Empty the tables Django does not manage."""
    from django.db import connection

    for table in HOT.split(", "):
        connection.cursor().execute(f"DELETE FROM {table}")


CATALOGUE = """
meters:
  pages:
    name: {en: Pages, fr: Pages}
    unit: {en: page, fr: page}
    event: document.processed
    aggregate: sum
    value: pages
"""


@pytest.fixture
def url(folder: None) -> str:
    from django.db import connection

    del folder
    known = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        host=known["HOST"],
        port=known["PORT"],
        dbname=known["NAME"],
        user=known["USER"],
        password=known["PASSWORD"],
    )


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    made = Client(url, new_key("events:write")["key"])
    yield made
    made.door._pool.close()


def new_key(*scopes: str, sources: tuple[str, ...] | None = None) -> dict[str, Any]:
    from abaque.billing import create_key
    from abaque.billing.permissions import SYSTEM

    return create_key.new_key("test", scopes, sources, now=NOW, by=SYSTEM)


def event(identity: str = "1", **changes: Any) -> dict[str, Any]:
    """An event in good order; a field changed to None is left out."""
    fields = {
        "specversion": "1.0",
        "source": "/test",
        "id": identity,
        "type": "document.processed",
        "subject": "dupont",
        "time": "2026-03-10T08:00:00Z",
        "data": {"pages": 1},
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def text(**changes: Any) -> str:
    return json.dumps(event(**changes))


def batch(*events: dict[str, Any] | str) -> str:
    return f"[{','.join(each if isinstance(each, str) else json.dumps(each) for each in events)}]"


def stored() -> set[str]:
    return {row[0] for row in rows("SELECT id FROM event")}


def rows(statement: str) -> list[tuple[Any, ...]]:
    from abaque.storage import hot

    return hot.rows(statement)


# What is taken.


def test_a_single_event_is_accepted_and_stored(client):
    answer = client.post(text(), ONE)
    assert (answer.status, answer.counts, answer.body["events"]) == (200, (1, 0, 0, 0), [])
    assert stored() == {"1"}


def test_a_batch_is_accepted_and_stored(client):
    answer = client.post(batch(*(event(str(n)) for n in range(1000))))
    assert answer.counts == (1000, 0, 0, 0)
    assert len(stored()) == 1000


@pytest.mark.parametrize(
    "kind", ["application/x-ndjson", "application/ndjson", "application/jsonl; charset=utf-8"]
)
def test_lines_are_accepted_and_stored_blank_ones_aside(client, kind):
    answer = client.post(f"{text(identity='1')}\r\n\n  \n{text(identity='2')}\n", kind)
    assert answer.counts == (2, 0, 0, 0)
    assert stored() == {"1", "2"}


@pytest.mark.parametrize("content", [text(), batch(event())])
def test_plain_json_may_be_one_event_or_an_array(client, content):
    assert client.post(content, "application/json").counts == (1, 0, 0, 0)


def test_every_verdict_is_listed_when_asked_for(client):
    client.post(batch(event("1")))
    body = batch(event("1"), event("2"), event("3", source=None), event("1", subject="other"))
    answer = client.post(body, query="verdicts=all")
    assert [(e["index"], e["id"], e["verdict"], e["reason"]) for e in answer.body["events"]] == [
        (0, "1", "duplicate", None),
        (1, "2", "accepted", None),
        (2, "3", "rejected", "missing_source"),
        (3, "1", "conflict", "conflict"),
    ]
    assert {e["id"] for e in client.post(body).body["events"]} == {"1", "2", "3"}  # 2 is a duplicate now


def test_an_empty_array_is_an_answer_of_zeros(client):
    assert client.post("[]").counts == (0, 0, 0, 0)


def test_time_may_be_absent_and_is_then_the_folders_clock(client):
    assert client.post(text(time=None), ONE).counts == (1, 0, 0, 0)
    [(time, given)] = rows("SELECT time, time_given FROM event")
    assert abs(time - NOW) < timedelta(minutes=5)
    assert not given


def test_the_sender_is_warned_of_what_is_not_counted_yet(client):
    answer = client.post(
        batch(
            event("1", type="nobody.knows"),
            event("2", subject="stranger"),
            event("3", data={}),
            event("4", data={"pages": "many"}),
            event("5", time="2026-03-10T14:00:00Z"),
            event("6"),
        )
    )
    assert answer.counts == (6, 0, 0, 0)
    assert answer.warnings == {
        0: "recorded",
        1: "unknown_customer",
        2: "missing_value",
        3: "bad_value",
        4: "future",
    }


# Identity.


def test_the_same_event_again_is_a_duplicate_however_it_is_written(client):
    client.post(batch(event("1", data={"pages": 1, "b": [1, 2]})))
    again = (
        '{"data":{"b":[1,2],"pages":1},"time":"2026-03-10T08:00:00Z","subject":"dupont","type":"document.processed",'
        '"id":"1","source":"\\u002ftest","specversion":"1.0"}'
    )
    assert client.post(again, ONE).counts == (0, 1, 0, 0)
    assert client.post(again, LINES).counts == (0, 1, 0, 0)
    assert rows("SELECT count(*) FROM event") == [(1,)]


def test_other_content_under_the_same_identity_is_kept_beside_it_exactly_as_sent(client):
    client.post(text(), ONE)
    other = text(data=None)[:-1] + ', "data": {"pages": 12.34567890123456789012345}}'
    assert client.post(other, ONE).counts == (0, 0, 1, 0)
    assert rows("SELECT data ->> 'pages' FROM event") == [("1",)]
    assert rows("SELECT event #>> '{data,pages}' FROM conflict") == [("12.34567890123456789012345",)]


def test_an_absent_time_is_not_a_given_one(client):
    client.post(text(time=None), ONE)
    assert client.post(text(time=None), ONE).counts == (0, 1, 0, 0)
    assert client.post(text(), ONE).counts == (0, 0, 1, 0)


def test_duplicates_and_conflicts_inside_one_batch(client):
    answer = client.post(batch(event("1"), event("1"), event("1", subject="other"), event("2")))
    assert answer.counts == (2, 1, 1, 0)
    assert rows("SELECT subject FROM event WHERE id = '1'") == [("dupont",)]
    assert rows("SELECT accepted, duplicate, conflict, rejected FROM intake") == [(2, 1, 1, 0)]


def test_the_same_events_at_the_same_moment_are_stored_once(client):
    body = batch(*(event(str(n)) for n in range(200)))
    back = batch(*(event(str(n)) for n in reversed(range(200))))
    answers = client.together(
        (body, BATCH), (back, BATCH), (body, BATCH), (text(identity="7"), ONE), (back, BATCH)
    )
    assert all(answer.status == 200 for answer in answers)
    assert sum(answer.body["accepted"] for answer in answers) == 200
    assert sum(answer.body["duplicate"] for answer in answers) == 601
    assert rows("SELECT count(*) FROM event") == [(200,)]


def test_single_events_sent_together_share_commits_and_each_gets_its_own_verdict(client):
    requests = [(text(identity=str(n % 150), subject=None if n == 5 else "dupont"), ONE) for n in range(200)]
    answers = client.together(*requests)
    assert [answer.counts for answer in answers].count((0, 0, 0, 1)) == 1
    assert answers[5].reasons == {0: "missing_subject"}
    assert sum(answer.body["accepted"] for answer in answers) == len(stored()) == 150
    assert rows("SELECT count(*) < 200 FROM intake") == [(True,)]


def test_one_line_never_mixes_with_the_line_of_another_request(client):
    half, rest = '{"source": "/test", "id": "half", "x": [{}', "{}]}"
    both = f"{text(identity='2')},{text(identity='3')}"
    answers = client.together((text(identity="1"), ONE), (half, LINES), (rest, LINES), (both, LINES))
    assert [answer.counts for answer in answers] == [(1, 0, 0, 0), *[(0, 0, 0, 1)] * 3]
    assert [answer.reasons for answer in answers[1:]] == [{0: "malformed_json"}] * 3
    assert stored() == {"1"}


# Events that are no events: each is named, the others stand.

DEEP = "[" * 20_000 + "]" * 20_000
MISSING = {f"missing_{name}": {name: None} for name in ("source", "type", "subject")}
TIMES = (
    "yesterday",
    "2026-03-10",
    "2026-03-10T08:00:00",
    "2026-03-10 08:00:00Z",
    "2026-02-30T08:00:00Z",
    "2026-03-10T24:00:00Z",
    "2026-03-10T25:00:00Z",
    "1999-12-31T23:59:59Z",
    "2100-01-01T00:00:00Z",
    "infinity",
    "now",
    "",
    1773129600,
    True,
)
BAD = [
    *((text(identity="bad", **change), reason, reason) for reason, change in MISSING.items()),
    (json.dumps({k: v for k, v in event().items() if k != "id"}), "missing_id", "missing_id"),
    *((text(identity="bad", time=time), "bad_time", f"time {time!r}") for time in TIMES),
    (text(identity=""), "bad_id", "empty id"),
    (text(identity="bad", source=7), "bad_source", "source 7"),
    (text(identity="bad", type=["a"]), "bad_type", "type array"),
    (text(identity="bad", subject={}), "bad_subject", "subject object"),
    (text(identity="x" * 3072), "id_too_long", "3 KB id"),
    (text(identity="é" * 128), "id_too_long", "256 bytes in 128 characters"),
    (text(identity="bad", source="x" * 256), "source_too_long", "256 byte source"),
    (text(identity="bad", data={"a": "x" * 1024 * 1024}), "event_too_large", "1 MB attribute"),
    (text(identity="bad", data=[1]), "data_not_an_object", "data array"),
    (text(identity="bad", data="text"), "data_not_an_object", "data text"),
    (text(identity="bad", specversion="0.3"), "bad_specversion", "specversion 0.3"),
    (text(identity="bad", subscription=1), "bad_subscription", "subscription 1"),
    (text(identity="bad", type="abaque.other"), "reserved_type", "reserved type"),
    *((word, "not_an_object", word) for word in ("7", '"text"', "null", "[]", "true")),
    (text(identity="bad", data={"a": "\x00"}), "bad_character", "NUL"),
    (text(identity="bad", data={"\x00": 1}), "bad_character", "NUL in a name"),
    (text(identity="a\x00"), "bad_character", "NUL in the id"),
    (text(identity="bad", data={"a": ["\ud800"]}), "bad_character", "high surrogate alone"),
    (text(identity="bad", data={"\udc00": 1}), "bad_character", "low surrogate alone"),
    ('{"id": "bad", "id": "worse", "source": "/test"}', "duplicate_key", "two ids"),
    (text(identity="bad", data=None)[:-1] + ', "data": {"a": 1, "a": 1}}', "duplicate_key", "a key twice"),
    (text(identity="bad", data=None)[:-1] + f', "data": {{"a": {DEEP}}}}}', "too_deep", "20,000 brackets"),
]
NUMBERS = [
    "1" + "0" * 40,
    "9" * 5000,
    "0." + "1" * 40,
    "1e40",
    "1e-40",
    "1e999999",
    "1E+131071",
    "-1e-16383",
    "1e99999999999999999999",
    "1e-99999999999999999999",
    "123e0000000000099",
]


def with_number(number: str, identity: str = "bad") -> str:
    return text(identity=identity, data=None)[:-1] + f', "data": {{"pages": 1, "n": [{number}]}}}}'


BAD += [(with_number(n), "number_too_long", f"number {n[:24]} of {len(n)}") for n in NUMBERS]


def test_a_bad_event_is_named_and_the_others_of_its_batch_stand(client, subtests):
    for bad, reason, name in BAD:
        sweep()
        with subtests.test(name):
            answer = client.post(batch(event("1"), bad, event("2")))
            assert (answer.status, answer.counts) == (200, (2, 0, 0, 1))
            assert answer.reasons == {1: reason}
            assert answer.body["events"][0]["message"]
            assert stored() == {"1", "2"}
            assert rows("SELECT sum(accepted), sum(rejected) FROM intake") == [(2, 1)]


def test_a_bad_event_alone_is_named(client, subtests):
    for bad, reason, name in BAD:
        with subtests.test(name):
            array = bad.startswith("[")
            assert client.post(f"[{bad}]" if array else bad, "application/json").reasons == {0: reason}
    assert stored() == set()


def test_a_bad_line_is_named_and_the_others_stand(client, subtests):
    for bad, reason, name in BAD:
        sweep()
        with subtests.test(name):
            answer = client.post(f"{text(identity='1')}\n{bad}\n{text(identity='2')}", LINES)
            assert answer.reasons == {1: reason}
            assert stored() == {"1", "2"}


@pytest.mark.parametrize(
    "bad",
    [
        text(identity="bad", data={"a": "\x00"}),
        text(identity="bad", data={"a": "\ud800"}),
        text(identity="bad", subject=None),
    ],
)
def test_one_bad_event_in_a_thousand_leaves_999(client, bad):
    good = [event(str(n)) for n in range(999)]
    answer = client.post(batch(*good[:500], bad, *good[500:]))
    assert answer.counts == (999, 0, 0, 1)
    assert list(answer.reasons) == [500]
    assert stored() == {str(n) for n in range(999)}
    assert client.post(batch(*good[:500], bad, *good[500:])).counts == (0, 999, 0, 1)


def test_a_number_of_40_digits_is_taken_alone_and_beside_a_bad_one(client):
    for number in ("1" * 40, "0." + "1" * 39, "1e39", "1e-39", "-" + "9" * 40, "1.5e3"):
        good = with_number(number, number)
        assert client.post(batch(good)).counts == (1, 0, 0, 0)
        assert client.post(batch(good, with_number("1e999"))).counts == (0, 1, 0, 1)


def test_digits_inside_a_text_are_no_number(client):
    for number, quoted in enumerate(('"' + "1" * 60 + '"', '"1e999"', '"0e0a1e2345-1e999"')):
        assert client.post(batch(with_number(quoted, str(number)))).counts == (1, 0, 0, 0)


def test_depth_is_judged_alike_alone_and_beside_a_bad_event(client):
    deep = text(identity="deep", data=None)[:-1] + f', "data": {{"a": {"[" * 2000 + "]" * 2000}}}}}'
    alone = client.post(batch(deep))
    beside = client.post(batch(event("1"), deep, text(identity="bad", data={"a": "\x00"})))
    assert alone.counts == (1, 0, 0, 0)
    assert beside.counts == (1, 1, 0, 1)


# Bodies that are no bodies: nothing of them is stored, and the answer says where.


@pytest.mark.parametrize("kind", [ONE, "application/json"])
def test_malformed_json_is_refused_with_its_position(client, kind):
    answer = client.post('{"id": "1",, "source": "/test"}', kind)
    assert (answer.status, answer.body["code"], answer.body["position"]) == (400, "malformed_json", 11)
    assert answer.headers["content-type"] == "application/problem+json"


MALFORMED = (
    batch(event("1"))[:-1],
    batch(event("1"), event("2"))[:-2],
    batch(event("1")) + "x",
    batch(event("1")) + batch(event("2")),
    f"[{text(identity='1')},]",
    f"[{text(identity='1')},,{text(identity='2')}]",
    f'[{text(identity="1")}, {{"a": NaN}}]',
    f'[{text(identity="1")}, {{"a": Infinity}}]',
    f"[{text(identity='1')}, {{'a': 1}}]",
    "[",
    "",
    "   ",
    "{",
    "NaN",
    "\x00",
)


def test_nothing_of_a_malformed_array_is_stored(client, subtests):
    for content in MALFORMED:
        with subtests.test(content[-40:]):
            answer = client.post(content)
            assert (answer.status, answer.body["code"]) == (400, "malformed_json")
            assert isinstance(answer.body["position"], int)
    assert stored() == set()


def test_an_array_that_never_ends_is_malformed_however_deep(client):
    for content in (
        f"[{text(identity='1')}, {'[' * 20_000}",
        f"[{text(identity='1')}, {DEEP}] trailing",
        "[" * 100_000,
    ):
        answer = client.post(content)
        assert (answer.status, answer.body["code"]) == (400, "malformed_json")
    assert stored() == set()


def test_malformed_lines_are_rejected_one_by_one(client):
    lines = [
        text(identity="1"),
        '{"id": "half"',
        "}",
        "nonsense",
        text(identity="2"),
        f"{text(identity='3')},{text(identity='4')}",
    ]
    answer = client.post("\n".join(lines), LINES)
    assert answer.counts == (2, 0, 0, 4)
    assert answer.reasons == dict.fromkeys((1, 2, 3, 5), "malformed_json")
    assert stored() == {"1", "2"}


def test_lines_whose_halves_would_join_are_not_joined(client):
    lines = ['{"id": "half", "x": [{}', "{}]}", f"{text(identity='3')},{text(identity='4')}"]
    answer = client.post("\n".join(lines), LINES)
    assert answer.counts == (0, 0, 0, 3)
    assert stored() == set()


@pytest.mark.parametrize("kind", [ONE, BATCH, LINES])
def test_what_is_not_utf8_is_refused_with_its_position(client, kind):
    for content in (b'[{"id": "\xff"}]', b"\xff\xfe[\x00]\x00", b'{"id": "\xed\xa0\x80"}'):
        answer = client.post(content, kind)
        assert (answer.status, answer.body["code"]) == (400, "not_utf8")
        assert content[answer.body["position"]] >= 0x80


def test_a_byte_order_mark_is_no_fault(client):
    assert client.post(b"\xef\xbb\xbf" + batch(event()).encode()).counts == (1, 0, 0, 0)


def test_an_unknown_content_type_is_refused(client):
    for kind in ("text/plain", "application/xml", "", "application/jsonx"):
        answer = client.post(text(), kind)
        assert (answer.status, answer.body["code"]) == (415, "unknown_content_type")
        assert ONE in answer.body["detail"]


def test_an_array_where_one_event_was_said_is_refused(client):
    answer = client.post(batch(event()), ONE)
    assert (answer.status, answer.body["code"]) == (400, "array_not_expected")


@pytest.mark.parametrize("length", [-1, None])
def test_a_body_over_ten_mebibytes_is_refused_announced_or_chunked(client, length):
    answer = client.post(" " * (10 * 1024 * 1024 + 1) + batch(event()), length=length)
    assert (answer.status, answer.body["code"]) == (413, "body_too_large")
    assert stored() == set()


def test_a_body_of_ten_mebibytes_is_taken(client):
    content = batch(event())
    padded = content[:-1] + " " * (10 * 1024 * 1024 - len(content)) + "]"
    assert client.post(padded, length=None).counts == (1, 0, 0, 0)


def test_a_body_cut_short_is_refused(client):
    answer = client.post(batch(event()), length=10_000)
    assert (answer.status, answer.body["code"]) == (400, "body_cut_short")
    assert stored() == set()


def test_only_posting_is_possible(client):
    answer = client.post("", method="PUT")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


# Who may.


@pytest.mark.parametrize("content", [text(), batch(event()), text(identity="a\x00")])
def test_a_wrong_key_is_refused(client, content):
    for key in ("wrong", "", "ab_" + "x" * 43):
        answer = client.post(content, "application/json", key=key)
        assert (answer.status, answer.body["code"]) == (401, "wrong_key")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert stored() == set()


def test_a_revoked_key_is_refused_at_once(client):
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.revoke_key import RevokeKey, revoke_key
    from abaque.billing.runner import perform

    made = new_key("events:write")
    assert client.post(text(), ONE, key=made["key"]).status == 200
    perform(revoke_key, RevokeKey(made["id"]), now=NOW, by=SYSTEM)
    assert client.post(text(identity="2"), ONE, key=made["key"]).status == 401
    assert stored() == {"1"}


def test_a_key_without_the_scope_is_refused(client):
    assert client.post(text(), ONE, key=new_key("read", "usage:write")["key"]).status == 401


def test_a_key_writes_only_for_its_sources(client):
    key = new_key("events:write", sources=("/mine", "/also"))["key"]
    answer = client.post(batch(event("1", source="/mine"), event("2"), event("3", source="/also")), key=key)
    assert (answer.counts, answer.reasons) == ((2, 0, 0, 1), {1: "source_not_allowed"})
    assert stored() == {"1", "3"}


# When the house is in trouble.


def test_without_a_database_nothing_is_acknowledged_and_the_sender_told_when_to_come_back(url):
    away = psycopg.conninfo.make_conninfo(url, port=1, connect_timeout=1)
    client = Client(away, "any")
    client.door._pool.timeout = 0.5
    try:
        for content, kind in ((text(), ONE), (batch(event()), BATCH)):
            answer = client.post(content, kind)
            assert (answer.status, answer.body["code"]) == (503, "database_unavailable")
            assert answer.headers["retry-after"] == "2"
    finally:
        client.door._pool.close()


def test_a_database_that_ends_the_connection_is_503_and_the_next_request_works(client):
    from django.db import connection

    client.post(text(), ONE)
    connection.cursor().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    statuses = [client.post(text(identity=str(n)), ONE).status for n in range(2, 8)]
    assert set(statuses) <= {200, 503}
    assert statuses[-1] == 200
    acknowledged = {str(n) for n, status in enumerate(statuses, start=2) if status == 200}
    assert acknowledged <= stored()


def test_too_much_waiting_is_429_and_says_when_to_come_back(client, monkeypatch):
    from abaque.api import door

    monkeypatch.setattr(door, "WAITING_BYTES_MAX", 100_000)
    body = batch(*(event(str(n)) for n in range(300)))
    answers = client.together(*[(body, BATCH)] * 12)
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert sum(answer.body["accepted"] for answer in answers if answer.status == 200) == 300
    assert client.door._waiting_bytes == 0
    assert client.post(body).counts == (0, 300, 0, 0)


def test_a_sender_who_leaves_does_not_take_the_others_down(client, monkeypatch):
    """Some of a shared commit's senders are gone when it fails: the rest must still be told."""

    async def run() -> list[Any]:
        release = asyncio.Event()

        async def failing(*_: object) -> None:
            await release.wait()
            raise psycopg.OperationalError("gone")

        monkeypatch.setattr(client.door, "_in_thread", failing)
        tasks = [asyncio.create_task(client.send(text(identity=str(n)), ONE)) for n in range(4)]
        await asyncio.sleep(0.05)
        tasks[1].cancel()
        release.set()
        done = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        return [answer.status if isinstance(answer, Answer) else type(answer) for answer in done]

    assert asyncio.run(run()) == [503, asyncio.CancelledError, 503, 503]


# Personal data.


def test_personal_attributes_leave_the_door_dropped_or_as_pseudonyms_and_repeats_are_still_known(client):
    from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.runner import perform

    treated = "personal: {address: pseudonymise, name: drop, city: keep}\n"
    perform(apply_catalogue, ApplyCatalogue(treated), now=NOW, by=SYSTEM)
    data = {"pages": 1, "address": "192.0.2.7", "name": "Zoé", "city": "Lyon"}
    assert client.post(text(data=data), ONE).counts == (1, 0, 0, 0)
    assert client.post(text(data=data), ONE).counts == (0, 1, 0, 0)
    assert client.post(text(data={**data, "name": "Ann"}), ONE).counts == (0, 0, 1, 0)
    kept = json.loads(rows("SELECT data::text FROM event")[0][0])
    assert kept.keys() == {"pages", "address", "city"}
    assert kept["address"].startswith("p_")
    assert "192.0.2.7" not in str(kept)
