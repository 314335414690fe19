"""Whatever is sent, the door answers, loses nothing and stores nothing twice: bodies made at random from a seed.

What must hold of any body: never a 5xx; the verdicts sum to what was sent; as many events are stored as were
accepted, each identity once; the same body again gives duplicates for what was taken and the same for the rest.
"""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.api.door.speaking import BATCH, LINES, ONE, Answer, Client, event, rows, text

KINDS = (ONE, BATCH, LINES, "application/json", "application/json; charset=utf-8", "application/jsonl")
FIELDS = (
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "data",
    "subscription",
    "data_base64",
    "x",
)
fuzzed = settings(
    max_examples=80,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

# Values as they are written, valid JSON all of them, for the door to have an opinion of.
_NUMBERS = st.sampled_from(
    [
        "0",
        "-0",
        "1",
        "1.50",
        "1e2",
        "1E400",
        "-1e-400",
        "1e99999",
        "9" * 39,
        "9" * 41,
        "9" * 5000,
        "0." + "1" * 50,
    ]
)
_STRINGS = st.one_of(
    st.text(max_size=20).map(json.dumps),
    st.sampled_from(
        [
            '""',
            '"\\u0000"',
            '"a\\u0000b"',
            '"\\ud800"',
            '"\\udfff\\ud800"',
            '"\\ud83d\\ude00"',
            '"\\ud800\\u0041"',
            '"\\\\u0000"',
            '"\\\\ud800"',
            json.dumps("é" * 128),
            json.dumps("x" * 255),
            json.dumps("x" * 256),
            json.dumps("x" * 300_000),
            '"2026-03-10T08:00:00Z"',
            '"2026-02-30T08:00:00Z"',
            '"2026-03-10T24:00:00Z"',
            '"2026-03-10T08:00:60+23:59"',
            '"2026-03-10 08:00:00"',
            '"1999-12-31T23:59:59Z"',
            '"infinity"',
            '"NaN"',
            '"abaque.void"',
            '"/test"',
            '"dupont"',
            '"document.processed"',
            '"\'; DROP TABLE event; --"',
            '"%(body)s %s {} $1"',
        ]
    ),
)
_DEEP = st.sampled_from(
    ["[" * n + "]" * n for n in (2, 200, 3000, 20_000)] + ['{"a":' * 3000 + "1" + "}" * 3000]
)
_LEAVES = st.one_of(_NUMBERS, _STRINGS, st.sampled_from(["null", "true", "false", "[]", "{}"]))
VALUES = st.one_of(
    st.recursive(
        _LEAVES,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda many: f"[{','.join(many)}]"),
            st.lists(st.tuples(_STRINGS, inner), max_size=3).map(
                lambda many: f"{{{','.join(f'{name}:{value}' for name, value in many)}}}"
            ),
        ),
        max_leaves=6,
    ),
    _DEEP,
)


@st.composite
def elements(draw: Any) -> str:
    """An event as it is written: in good order, or with a field or two of another kind, left out or said twice."""
    fields = [(name, json.dumps(value)) for name, value in event(str(draw(st.integers(0, 6)))).items()]
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(FIELDS))
        change = draw(st.sampled_from(("left out", "another", "twice")))
        if change != "twice":
            fields = [pair for pair in fields if pair[0] != name]
        if change != "left out":
            fields.append((name, draw(VALUES)))
    return f"{{{','.join(f'{json.dumps(name)}:{value}' for name, value in fields)}}}"


@st.composite
def damaged(draw: Any) -> bytes:
    """A good body with some bytes flipped, cut out, put in, or cut off; perhaps behind a byte order mark."""
    good = draw(st.lists(st.integers(0, 3).map(lambda n: text(identity=str(n))), min_size=1, max_size=3))
    body = bytearray(draw(st.sampled_from((f"[{','.join(good)}]", "\n".join(good), good[0]))).encode())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(body) - 1)))
        match draw(st.sampled_from(("flip", "cut out", "put in", "cut off"))):
            case "flip" if body:
                body[place] ^= 1 << draw(st.integers(0, 7))
            case "cut out":
                del body[place : place + draw(st.integers(1, 8))]
            case "put in":
                body[place:place] = draw(
                    st.one_of(
                        st.binary(max_size=4),
                        st.sampled_from([b"\x00", b"\xed\xa0\x80", b"\xff", b"\n", b"[", b"}", b'"', b","]),
                    )
                )
            case "cut off":
                del body[place:]
    return draw(st.sampled_from((b"", b"\xef\xbb\xbf", b"\xff\xfe"))) + bytes(body)


def many() -> int:
    """How many events are stored; each is there once, with its identity."""
    [(events, different, identities)] = rows(
        "SELECT count(*), count(DISTINCT (source, id)), (SELECT count(*) FROM identity) FROM event"
    )
    assert events == different == identities
    return int(events)


def sent_twice(client: Client, body: bytes, kind: str, number: int | None) -> Answer:
    """Send a body, and again, and hold what must hold of any; `number` of events it holds where that is known."""
    before = many()
    first = client.post(body, kind, query="verdicts=all")
    assert first.status in {200, 400}, first.body
    if first.status == 400:
        assert many() == before
        assert client.post(body, kind).body == first.body
        return first
    accepted, duplicate, conflict, rejected = first.counts
    assert sum(first.counts) == len(first.body["events"])
    assert [entry["index"] for entry in first.body["events"]] == list(range(sum(first.counts)))
    assert number is None or sum(first.counts) == number
    assert many() == before + accepted
    assert client.post(body, kind).counts == (0, accepted + duplicate, conflict, rejected)
    assert many() == before + accepted
    return first


def joined(written: Sequence[str], kind: str) -> bytes:
    lines = kind in {LINES, "application/jsonl"}
    return ("\n".join(written) if lines else f"[{','.join(written)}]").encode()


def test_bytes_at_random_are_answered(client: Client) -> None:
    @fuzzed
    @given(st.binary(max_size=200), st.sampled_from(KINDS))
    def holds(body: bytes, kind: str) -> None:
        sent_twice(client, body, kind, None)

    holds()


def test_damaged_bodies_are_answered(client: Client) -> None:
    @fuzzed
    @given(damaged(), st.sampled_from(KINDS))
    def holds(body: bytes, kind: str) -> None:
        sent_twice(client, body, kind, None)

    holds()


@pytest.mark.parametrize("kind", [BATCH, LINES])
def test_each_of_many_events_has_a_verdict_of_its_own(client: Client, kind: str) -> None:
    """An event spoils no other: those in good order are taken whatever stands beside them."""
    number = 0

    @fuzzed
    @given(st.lists(elements(), min_size=1, max_size=4))
    def holds(written: list[str]) -> None:
        nonlocal number
        number += 1
        good = [text(identity=f"good {number} {place}") for place in range(2)]
        answer = sent_twice(client, joined([good[0], *written, good[1]], kind), kind, len(written) + 2)
        assert answer.status == 200
        entries = answer.body["events"]
        assert (entries[0]["verdict"], entries[-1]["verdict"]) == ("accepted", "accepted")

    holds()


def test_a_single_event_is_judged_like_one_of_many(client: Client) -> None:
    @fuzzed
    @given(elements())
    def holds(written: str) -> None:
        single = client.post(written, ONE, query="verdicts=all")
        among = client.post(f"[{written}]", BATCH, query="verdicts=all")
        assert (single.status, among.status) == (200, 200)
        was, is_ = single.body["events"][0], among.body["events"][0]
        assert is_["reason"] == was["reason"]
        assert is_["verdict"] == {"accepted": "duplicate"}.get(was["verdict"], was["verdict"])

    holds()


@pytest.mark.parametrize("mess", ["", " ", "}", "[", '{"id": "half', "\x00", "nonsense", ",", "\ufeff"])
def test_lines_that_are_no_events_take_nothing_from_their_neighbours(client: Client, mess: str) -> None:
    lines = [
        text(identity="1"),
        mess,
        text(identity="2"),
        text(identity="1"),
        text(identity="1", subject="x"),
    ]
    answer = sent_twice(client, "\n".join(lines).encode(), LINES, 5 if mess.strip() else 4)
    assert answer.counts == (2, 1, 1, 1 if mess.strip() else 0)
