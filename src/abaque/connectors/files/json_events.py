"""CloudEvents as JSON: one event per line, one batch per line, or one JSON array however it is laid out."""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain
from typing import Any, NoReturn

from abaque.connectors.files.reading import LINE_MAX, Broken, Read, Skipped, excerpt, is_cut, whole

_BOM = b"\xef\xbb\xbf"
#: A string (open if the piece ends inside it) or a character that opens, closes or separates.
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*+(?P<closed>")?|[\[\]{},]')
_STEP = {b"[": 1, b"{": 1, b"]": -1, b"}": -1, b",": 0}


def cloudevents(lines: Iterable[bytes]) -> Iterator[Read]:
    """Yield the events of a JSON file as they are; the door judges what they say.

    A file is read as lines (each an event, or an array of events), unless its first line opens an array or
    an object that goes on below: then the file is one document, read element by element, however large.
    Numbers become `int` or `Decimal` and keep every digit. A repeated key, NaN and Infinity are refused,
    since JSON gives them no meaning (RFC 8259, sections 4 and 6).
    """
    pieces = iter(lines)
    above = 0
    for first in pieces:
        opening = first.removeprefix(_BOM) if above == 0 else first
        if not opening.strip():
            above += 1
            yield Skipped(above, "blank")
            continue
        every = chain((opening,), pieces)
        yield from _document(every, above) if _goes_on(opening) else _by_line(every, above)
        return


def _goes_on(first: bytes) -> bool:
    """Tell whether the first line opens a document rather than being a record of its own."""
    start = first.strip()
    if start == b"{":
        return True
    return start.startswith(b"[") and isinstance(_parse(start), str)


def _by_line(lines: Iterable[bytes], above: int) -> Iterator[Read]:
    for number, line in enumerate(whole(lines), start=above + 1):
        text = line.strip()
        if not text:
            yield Skipped(number, "blank")
        elif is_cut(line):
            yield Broken(number, "too_long", excerpt(text))
        else:
            yield from _events(number, text)


def _document(pieces: Iterable[bytes], above: int) -> Iterator[Read]:
    cutter = _Cutter(above + 1)
    for piece in pieces:
        for number, text in cutter.feed(piece):
            yield from _element(number, text)
    for number, text in cutter.finish():
        yield from _element(number, text)
    if cutter.depth > 0:
        yield Broken(cutter.line, "unclosed", "")


def _element(number: int, text: bytes) -> Iterator[Read]:
    if len(text) > LINE_MAX:
        yield Broken(number, "too_long", excerpt(text))
    elif text:
        yield from _events(number, text)


class _Cutter:
    """Cuts a document into the elements of its array (or its single objects), each with its first line.

    Of an element it keeps no more than one byte beyond what is allowed. It only counts brackets, so one
    element that is not JSON inside sound brackets leaves the others whole.
    """

    def __init__(self, line: int) -> None:
        self.line = line
        self.depth = 0
        self._base = 0
        self._begin = line
        self._kept = bytearray()
        self._tail = b""

    def feed(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        data = self._tail + piece
        self._tail = b""
        at = 0
        for token in _TOKEN.finditer(data):
            mark = token[0]
            if mark[:1] == b'"':
                if token["closed"] is None and data.find(b"\n", token.end()) < 0:
                    self._tail = data[token.start() :]
                    data = data[: token.start()]
                    break
                continue
            level, self.depth = self.depth, max(0, self.depth + _STEP[mark])
            if mark == b"[" and level == 0 and not self._keep(data[at : token.start()]):
                self._base = 1
            elif level == self._base and (mark == b"," or (mark == b"]" and level == 1)):
                yield self._cut(data[at : token.start()])
                self._base = min(self._base, self.depth)
            elif mark == b"}" and self.depth == self._base == 0:
                yield self._cut(data[at : token.end()])
            else:
                continue
            at = token.end()
        self._keep(data[at:])
        self.line += data.count(b"\n")

    def finish(self) -> Iterator[tuple[int, bytes]]:
        yield self._cut(self._tail)

    def _cut(self, last: bytes) -> tuple[int, bytes]:
        self._keep(last)
        text = bytes(self._kept).rstrip()
        self._kept.clear()
        return self._begin, text

    def _keep(self, more: bytes) -> int:
        if not self._kept:
            more = more.lstrip()
            self._begin = self.line
        self._kept += more[: max(0, LINE_MAX + 1 - len(self._kept))]
        return len(self._kept)


def _events(number: int, text: bytes) -> Iterator[Read]:
    value = _parse(text)
    for event in value if isinstance(value, list) else [value]:
        if isinstance(event, dict):
            yield event
        else:
            yield Broken(number, value if isinstance(value, str) else "not_an_event", excerpt(text))


class _RefusedError(Exception):
    """JSON that the grammar allows but that has no single meaning; its text is the reason code."""


def _parse(text: bytes) -> Any:
    """Parse JSON; a str is not the value but the reason why there is none (a JSON string is no event)."""
    try:
        value = json.loads(
            text.decode(), parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_repeats
        )
    except UnicodeDecodeError:
        return "not_utf8"
    except _RefusedError as refused:
        return str(refused)
    except RecursionError:
        return "too_deep"
    except (ValueError, ArithmeticError):
        return "not_json"
    return "not_an_event" if isinstance(value, str) else value


def _no_constant(_name: str) -> NoReturn:
    raise _RefusedError("not_a_number")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _RefusedError("repeated_key")
    return members
