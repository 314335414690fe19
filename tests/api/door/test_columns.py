"""Sound bodies go to the database as columns: which ones, and that they are stored as with care."""

import hashlib
import importlib
import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.api.door.speaking import HASHING_KEY, Client, batch, event, forget, new_key, rows
from tests.api.door.test_fuzz import elements, fuzzed

from abaque.billing.capturing import Form, Intake, Sent, capture, read_body
from abaque.billing.capturing.capture import _luck as luck
from abaque.billing.capturing.columns import SEPARATOR, columns_of

written = importlib.import_module("abaque.billing.capturing.capture")  # the package names a function so


@pytest.fixture(autouse=True)
def hope(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test begins as after many sound bodies, and knows no other test's meters."""
    monkeypatch.setattr(written, "_newest", None)
    luck._careful = 0
    yield
    luck._careful = 0


# What is let through.

GOOD: dict[str, dict[str, Any]] = {
    "plain": {},
    "no version": {"specversion": None},
    "no time": {"time": None},
    "no data": {"data": None},
    "empty data": {"data": {}},
    "another zone": {"time": "2026-03-10T09:00:00.123456789+01:00"},
    "small letters": {"time": "2026-03-10t08:00:00z"},
    "a subscription": {"subscription": "sub_1"},
    "extensions": {"traceparent": "00-1", "datacontenttype": "application/json"},
    "nested data": {"data": {"a": {"b": [1, {"c": None}], "d": {}}, "e": [[]], "pages": "2.50"}},
    "accents in data": {"data": {"name": "Été 🎈", "pages": 3}},
    "wide": {"id": "x" * 255, "source": "s" * 255, "type": "t" * 255, "subject": "c" * 255},
    "signs": {"id": "a\"b\\c'\t$1 %(ids)s {}", "subject": "NULL"},
}


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD.keys())
@pytest.mark.parametrize("indent", [None, 2])
def test_what_most_send_is_let_through(changes, indent):
    columns = columns_of(json.dumps([event("a"), event(**changes)], indent=indent, ensure_ascii=False))
    assert columns is not None
    assert columns["elements"] == "2"


ODD = {
    "no events": "[]",
    "no array": json.dumps(event()),
    "not JSON": "[{]",
    "a member that is none": "[1]",
    "no subject": batch(event(subject=None)),
    "an empty id": batch(event(id="")),
    "a long id": batch(event("x" * 256)),
    "a number as id": batch({**event(), "id": 1}),
    "null": batch({**event(), "subscription": None}),
    "a field it does not know": batch(event(colour="red")),
    "binary data": batch(event(data_base64="AA==")),
    "another version": batch(event(specversion="0.3")),
    "data that is none": batch(event(data="x")),
    "data that is null": batch({**event(), "data": None}),
    "an id said twice": '[{"id":"1",' + batch(event())[2:],
    "an id said twice, once in escapes": '[{"\\u0069d":"1",' + batch(event())[2:],
    "data said twice": batch(event())[:-2] + ',"data":{"pages":1}}]',
    "twice within data": batch(event(data="!")).replace('"!"', '{"a":1,"a":2}'),
    "twice deep within data": batch(event(data="!")).replace('"!"', '{"x":[{"a":1,"b":2,"a" : 3}]}'),
    "an empty time": batch(event(time="")),
    "an empty subscription": batch(event(subscription="")),
    "a time without zone": batch(event(time="2026-03-10T08:00:00")),
    "a time with a blank": batch(event(time="2026-03-10 08:00:00Z")),
    "24 o'clock": batch(event(time="2026-03-10T24:00:00Z")),
    "another century": batch(event(time="1999-12-31T08:00:00Z")),
    "ten digits of a second": batch(event(time="2026-03-10T08:00:00.1234567890Z")),
    "digits of another script": batch(event(time="2026-03-1٠T08:00:00Z")),
    "a correction": batch(event(type="abaque.void")),
    "characters of more bytes": batch(event(subject="é" * 128)),
    "much data": batch(event(data={"x": "x" * 70_000})),
    "deep data": batch(event(data="!")).replace('"!"', '{"a":' * 5000 + "1" + "}" * 5000),
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_what_is_odd_is_left_to_the_careful_form(body):
    assert columns_of(body) is None


# Both forms store the same.

_STORED = """
SELECT e.id, e.type, e.subject, CASE WHEN e.time_given THEN e.time END, e.time_given, e.subscription,
       e.extensions, e.data, i.content_hash, i.time = e.time
FROM event e JOIN identity i USING (source, id, seq) ORDER BY e.id
"""


def careful(url: str, key: str, body: str) -> Intake:
    with psycopg.connect(url) as connection:
        sent = Sent(None, hashlib.sha256(key.encode()).digest(), HASHING_KEY)
        return capture(connection, read_body(body.encode(), Form.BATCH), sent)


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD.keys())
def test_both_forms_store_the_same(client, url, changes):
    body = batch(event("a"), event(**{"id": "b", **changes}), event("c", subject="martin"))
    assert client.post(body).counts == (3, 0, 0, 0)
    assert luck.holds()
    with_hope = rows(_STORED)
    assert [row[-1] for row in with_hope] == [True] * 3
    forget()
    assert careful(url, client.key, body).accepted == 3
    assert rows(_STORED) == with_hope


def test_what_is_let_through_has_nothing_that_the_careful_form_would_reject(client, url):
    """Bodies made at random; what only the database knows of may still be found there."""
    only_there = {"bad_time", "bad_character", None}

    @fuzzed
    @given(st.lists(elements(), min_size=1, max_size=3))
    def holds(made: list[str]) -> None:
        body = f"[{','.join(made)}]"
        if columns_of(body) is not None:
            intake = careful(url, client.key, body)
            assert {verdict.reason for verdict in intake.verdicts} <= only_there

    holds()


REPEATS = {
    "as it was": {},
    "without version": {"specversion": None},
    "traced anew": {"traceparent": "00-2"},
    "another zone": {"time": "2026-03-10T09:00:00+01:00"},
    "a number written otherwise": {"data": {"pages": 1.0}},
}
CHANGED = {
    "time": {"time": "2026-03-10T08:00:01Z"},
    "no time": {"time": None},
    "type": {"type": "document.seen"},
    "subject": {"subject": "martin"},
    "subscription": {"subscription": "sub_1"},
    "value": {"data": {"pages": 2}},
    "more data": {"data": {"pages": 1, "x": None}},
    "no data": {"data": None},
}


@pytest.mark.parametrize("first", ["hope", "care"])
@pytest.mark.parametrize(
    ("changes", "verdict"),
    [(changes, "duplicate") for changes in REPEATS.values()]
    + [(changes, "conflict") for changes in CHANGED.values()],
    ids=[*REPEATS, *CHANGED],
)
def test_a_repeat_is_known_from_a_changed_one(client, url, first, changes, verdict):
    """Whichever form stored the first: what may count is compared, not how it was written or sent."""
    if first == "care":
        careful(url, client.key, batch(event()))
    else:
        client.post(batch(event()))
    [told] = client.post(batch(event(**changes)), query="verdicts=all").body["events"]
    assert told["verdict"] == verdict


def test_an_event_without_time_sent_again_is_a_duplicate(client):
    untimed = batch(event(time=None))
    assert client.post(untimed).counts == (1, 0, 0, 0)
    assert client.post(untimed).counts == (0, 1, 0, 0)


# What only the database knows: the hopeful form stores nothing, and each event is judged.


@pytest.mark.parametrize(
    ("odd", "counts"),
    [
        (event("1"), (1, 1, 0, 0)),
        (event("1", subject="martin"), (1, 0, 1, 0)),
        (event("3", time="2026-02-30T08:00:00Z"), (1, 0, 0, 1)),
        (event("3", data={"x": "\x00"}), (1, 0, 0, 1)),
        (event(f"a{SEPARATOR}b"), (2, 0, 0, 0)),
        (event("3", time=f"2026-03-10T08:00:00Z{SEPARATOR}2026-03-10T08:00:00Z"), (1, 0, 0, 1)),
        (event("2"), (1, 1, 0, 0)),
    ],
    ids=[
        "a repeat",
        "a changed repeat",
        "no such day",
        "a NUL",
        "a separator",
        "two times",
        "twice in one body",
    ],
)
def test_one_odd_event_takes_nothing_from_its_neighbours(client, odd, counts):
    client.post(batch(event("1")))
    body = batch(event("2"), odd)
    assert columns_of(body) is not None
    assert client.post(body).counts == counts
    assert not luck.holds()


def test_a_key_for_some_sources_takes_no_others(url):
    narrow = Client(url, new_key("events:write", sources=("/test",))["key"])
    assert narrow.post(batch(event("1"))).counts == (1, 0, 0, 0)
    assert luck.holds()
    answer = narrow.post(batch(event("2"), event("3", source="/other")))
    assert (answer.counts, answer.reasons) == ((1, 0, 0, 1), {1: "source_not_allowed"})
    narrow.door._pool.close()


def test_warnings_and_verdicts_are_told_of_columns_too(client):
    body = batch(event("1"), event("2", subject="nobody"), event("3", type="x"), event("4", data={}))
    answer = client.post(body, query="verdicts=all")
    assert luck.holds()
    assert [entry["verdict"] for entry in answer.body["events"]] == ["accepted"] * 4
    assert answer.warnings == {1: "unknown_customer", 2: "recorded", 3: "missing_value"}
