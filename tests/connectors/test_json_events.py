"""CloudEvents files as people and programs lay them out."""

import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.connectors.files import LINE_MAX, Broken, Skipped, cloudevents, encode, lines, sentence

ONE = {
    "specversion": "1.0",
    "id": "1",
    "source": "s",
    "type": "t",
    "subject": "c",
    "data": {"n": 1, "s": 'a"]{'},
}
TWO = ONE | {"id": "2"}


def read(text: str | bytes) -> list:
    return list(cloudevents(lines(io.BytesIO(text if isinstance(text, bytes) else text.encode()))))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ONE) + "\n" + json.dumps(TWO),
        "\ufeff" + json.dumps(ONE) + "\r\n" + json.dumps(TWO) + "\r\n",
        json.dumps([ONE, TWO]),
        json.dumps([ONE]) + "\n" + json.dumps([TWO]) + "\n",
        json.dumps([ONE, TWO], indent=2),
        "[" + json.dumps(ONE) + ",\n" + json.dumps(TWO) + "]",
        "[\n" + json.dumps(ONE) + ",\n" + json.dumps(TWO) + ",\n]\n",
        json.dumps(ONE, indent=1) + "\n" + json.dumps(TWO, indent=4),
    ],
)
def test_however_the_file_is_laid_out(text: str) -> None:
    assert read(text) == [ONE, TWO]


def test_an_array_on_one_line_of_many_megabytes() -> None:
    events = [ONE | {"id": str(number), "data": {"text": 'é"\\' * 50}} for number in range(9_000)]
    text = json.dumps(events)
    assert len(text) > 2 * LINE_MAX
    assert read(text) == events


@given(
    st.lists(st.fixed_dictionaries({"d": st.text() | st.lists(st.integers())}), min_size=1), st.integers(1, 9)
)
def test_pieces_may_end_anywhere(events: list, size: int) -> None:
    raw = json.dumps(events, ensure_ascii=False, indent=1).replace("\n", " ").encode()
    pieces = [b"[", *(raw[1:][start : start + size] for start in range(0, len(raw), size))]
    assert list(cloudevents(pieces)) == events


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{oops", "not_json"),
        ('{"a": NaN}', "not_a_number"),
        ('{"a": 1, "a": 2}', "repeated_key"),
        ('"text"', "not_an_event"),
        ("17", "not_an_event"),
        ("null", "not_an_event"),
        ("[" * 20_000 + "]" * 20_000, "too_deep"),
        ('{"a": ' + "9" * 5000 + "}", "not_json"),
        ('{"a": "' + "x" * LINE_MAX + '"}', "too_long"),
    ],
)
def test_a_broken_line_leaves_the_others(text: str, reason: str) -> None:
    before, broken, after = read(json.dumps(ONE) + "\n" + text + "\n" + json.dumps(TWO))
    assert (before, after) == (ONE, TWO)
    assert (broken.line_number, broken.reason) == (2, reason)
    assert sentence(broken, "en") != sentence(broken, "fr")


def test_bytes_that_are_not_utf8() -> None:
    broken, event = read(b'{"a": "\xff"}\n' + json.dumps(ONE).encode())
    assert (broken.reason, event) == ("not_utf8", ONE)


def test_a_broken_first_line_does_not_hide_the_rest() -> None:
    broken, event = read('{"id": "1",\n' + json.dumps(ONE))
    assert (broken.line_number, broken.reason, event) == (1, "not_json", ONE)


def test_a_broken_element_of_a_document_leaves_the_others() -> None:
    found = read("[\n" + json.dumps(ONE) + ',\n\n  {"a": oops},\n 5,\n' + json.dumps(TWO) + "\n]")
    assert found[0] == ONE
    assert found[3] == TWO
    assert [(broken.line_number, broken.reason) for broken in found[1:3]] == [
        (4, "not_json"),
        (5, "not_an_event"),
    ]


def test_a_document_that_stops_in_the_middle_gives_what_it_has_and_says_so() -> None:
    found = read("[\n" + json.dumps(ONE) + ",\n" + json.dumps(TWO) + "\n")
    assert found[:2] == [ONE, TWO]
    assert isinstance(found[2], Broken)
    assert found[2].reason == "unclosed"


def test_blank_lines_and_an_empty_file() -> None:
    assert read("") == []
    assert read("\n" + json.dumps(ONE) + "\n\n") == [Skipped(1, "blank"), ONE, Skipped(3, "blank")]


@pytest.mark.parametrize(
    "number", ["0.1", "12345678901234567890.123456789012", "1E+400", "0.10", "-7", "1e-7"]
)
def test_numbers_keep_every_digit(number: str) -> None:
    [event] = read('{"data": [{"n": ' + number + ', "t": true, "é": null}]}')
    again = json.loads(encode(event), parse_float=Decimal)
    assert again == event
    assert Decimal(str(again["data"][0]["n"])).as_tuple() == Decimal(number).as_tuple()


def test_a_lone_surrogate_reaches_the_door_as_it_was_written() -> None:
    [event] = read('{"id": "\\ud800"}')
    assert encode(event) == b'{"id":"\\ud800"}'
