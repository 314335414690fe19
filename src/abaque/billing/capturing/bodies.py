"""Bodies as they are sent: one event, a JSON array, or one event per line."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

MAX_BODY = 10 * 1024 * 1024
MAX_DIGITS = 40

_BLANK = " \t\r\n"

# Bytes by what they may be of a number: any digit is 0, its exponent e, a sign or a point stays, what may follow
# it is a comma. So a search for two fixed runs finds numbers that are long, or have an exponent (1e9999 is a few
# bytes here and thousands in the database), at the pace of a copy. They are looked at again with care.
_KINDS = bytes(
    0x30 if byte in b"0123456789" else 0x65 if byte in b"eE" else 0x2D if byte in b"+-" else 0x2E if byte in b"."
    else 0x2C if byte in b",]} \t\r\n" else 0x78
    for byte in range(256)
)  # fmt: skip
_EXPONENT = re.compile(rb"0e-?0+,")
_TOO_LONG = b"0" * (MAX_DIGITS + 1)


class Form(StrEnum):
    EVENT = "application/cloudevents+json"
    BATCH = "application/cloudevents-batch+json"
    EITHER = "application/json"
    LINES = "application/x-ndjson"


_ALSO_LINES = {"application/ndjson", "application/jsonl", "application/x-jsonlines"}


class BadBody(Exception):  # noqa: N818  # it is the body that is bad
    """A body of which nothing can be taken (HTTP 400): a code, where, and the parser's words."""

    def __init__(self, code: str, position: int, detail: str) -> None:
        super().__init__(f"{code} at byte {position}: {detail}")
        self.code, self.position, self.detail = code, position, detail


@dataclass(frozen=True, slots=True)
class Body:
    """A body ready for the database: the text of a JSON array; its lines where it was sent as lines."""

    array: str
    lines: tuple[str, ...] | None
    inspect: bool

    @property
    def elements(self) -> int | None:
        """How many events it holds, where that is known before it is parsed."""
        return None if self.lines is None else len(self.lines)


@lru_cache(maxsize=64)
def form_of(content_type: str) -> Form | None:
    """Return the form a Content-Type names, parameters aside; None if events cannot come in it."""
    media = content_type.split(";", 1)[0].strip().lower()
    if media in _ALSO_LINES:
        return Form.LINES
    return next((form for form in Form if form == media), None)


def read_body(raw: bytes, form: Form) -> Body:
    """Turn a body into the text of one JSON array.

    Raises `BadBody` where it is not UTF-8 or, for a single event, not JSON. An array is left to the
    database to parse: it is faster there.
    """
    try:
        text = raw.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise BadBody("not_utf8", error.start, error.reason) from None
    doubtful = _has_odd_number(raw)
    if form is Form.LINES:
        lines = tuple(line for line in text.split("\n") if line.strip(_BLANK))
        return Body(f"[{','.join(lines)}]", lines, doubtful or not all(map(_closed, lines)))
    if text.lstrip(_BLANK).startswith("["):
        if form is Form.EVENT:
            raise BadBody("array_not_expected", 0, f"send arrays as {Form.BATCH}")
        return Body(text, None, doubtful)
    parse(text)
    return Body(f"[{text}]", (text,), doubtful)


def _has_odd_number(raw: bytes) -> bool:
    """Whether there may be a number that is too long: digits in one run, around a point, or by its exponent."""
    kinds = raw.translate(_KINDS)
    if _EXPONENT.search(kinds):
        return True
    return _TOO_LONG in kinds.replace(b".", b"") if b"0" * 20 in kinds else False


def parse(text: str) -> None:
    """Raise `BadBody` with the position if the text is not JSON."""
    try:
        _read(text)
    except RecursionError:
        return  # nested too deeply to say: each event is judged by itself
    except msgspec.DecodeError:
        _explain(text)


def _explain(text: str) -> None:
    """Raise `BadBody` with the position where the standard library does not read the text either."""
    try:
        _PARSER.decode(text)
    except json.JSONDecodeError as error:
        raise BadBody(
            "malformed_json", error.pos, f"{error.msg} (line {error.lineno}, column {error.colno})"
        ) from None
    except ValueError as error:
        raise BadBody("malformed_json", 0, str(error)) from None
    except RecursionError:
        return


def _closed(line: str) -> bool:
    """Whether a line looks like one whole object: halves would join with their neighbours into another."""
    return line.count("{") == line.count("}") and line.count("[") == line.count("]")


def elements_of(body: Body) -> Sequence[str]:
    """Return the raw text of each event. Raises `BadBody` where an array is not JSON."""
    if body.lines is not None:
        return body.lines
    parse(body.array)
    return split(body.array)


def split(array: str) -> list[str]:
    """Return the raw text of each element of a JSON array, however deep they nest.

    Raises `BadBody` where brackets do not match: what nests too deeply to be parsed is not yet JSON.
    """
    elements: list[str] = []
    depth, start = 0, array.index("[") + 1
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{},]', array):
        mark = token.group()
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        if (mark == "," and depth == 1) or (mark == "]" and depth == 0):
            element = array[start : token.start()].strip(_BLANK)
            start = token.end()
            if element or elements or mark == ",":
                elements.append(element)
        if depth == 0:
            break
    if depth != 0 or array[start:].strip(_BLANK):
        raise BadBody("malformed_json", start, "the array does not end where the body does")
    return elements


def inspect(element: str) -> str | None:
    """Return why one event cannot be taken, looking at what the database would not tell apart."""
    found: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in items}) < len(items):
            found.append("duplicate_key")
        if has_bad_character(items):
            found.append("bad_character")
        return dict(items)

    def number(text: str) -> Decimal:
        try:
            long = written_digits(Decimal(text)) > MAX_DIGITS
        except InvalidOperation:  # an exponent beyond what a Decimal can have
            long = True
        if long:
            found.append("number_too_long")
        return Decimal(0)

    try:
        value = json.loads(
            element,
            object_pairs_hook=pairs,
            parse_int=number,
            parse_float=number,
            parse_constant=_no_constants,
        )
        if has_bad_character(value):
            found.append("bad_character")
    except RecursionError:
        return "too_deep"
    except ValueError:
        return "malformed_json"
    return found[0] if found else None


def has_bad_character(value: Any) -> bool:
    """Whether a string in a value, lists and tuples included, holds what PostgreSQL cannot store."""
    if isinstance(value, str):
        return "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value)
    return isinstance(value, (list, tuple)) and any(has_bad_character(part) for part in value)


def written_digits(value: Decimal) -> int:
    """Return how many digits a number has when written out without an exponent."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return max(len(digits), len(digits) + exponent, 1 - exponent, -exponent + 1 if exponent < 0 else 0)


def _no_constants(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_read = msgspec.json.Decoder(msgspec.Raw).decode
_PARSER = json.JSONDecoder(parse_int=len, parse_float=len, parse_constant=_no_constants)
