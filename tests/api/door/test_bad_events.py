"""Events that are no events: each is named, the others of its body stand."""

import json

import pytest
from tests.api.door.speaking import DEEP, LINES, batch, event, forget, rows, stored, text

# Events that are no events: each is named, the others stand.

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
        forget()
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
        forget()
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
