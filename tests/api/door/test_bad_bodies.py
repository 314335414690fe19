"""Bodies, keys and days that are not good, and personal data."""

import asyncio
import json
from typing import Any

import psycopg
import pytest
from tests.api.door.speaking import (
    BATCH,
    DEEP,
    LINES,
    NOW,
    ONE,
    Answer,
    Client,
    batch,
    event,
    new_key,
    rows,
    stored,
    text,
)

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


@pytest.mark.parametrize("length", [10_000, 100_000], ids=["read in one go", "read in parts"])
def test_a_body_cut_short_is_refused(client, length):
    answer = client.post(batch(event()), length=length)
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
