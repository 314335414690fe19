"""What every reader shares: the three things a record can become, and how lines come out of a file."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO, cast

#: Longer lines are no records of any format here; without a bound a file without line ends would fill memory.
LINE_MAX = 1024 * 1024

_EXCERPT = 120

#: An event in the form of CloudEvents 1.0. Numbers are `int` or `Decimal`, never `float`: see `encode`.
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that could not be read: where it begins, a reason code, and how it begins.

    The excerpt is clear text of the file, so it is for the person who imports and is never stored.
    """

    line_number: int
    reason: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record left out on purpose: `agent` (as asked) or `blank` (nothing on the line)."""

    line_number: int
    reason: str


Read = Event | Broken | Skipped


class Unreadable(Exception):  # noqa: N818 - it names what the file is, as the core's Fault does
    """The file as a whole cannot be read in this format; `sentence` says why and what to do."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file with their line ends; a gzip file (a rotated log) is read as what it holds.

    The identity of a record is its text, so it does not matter whether a log was compressed in between.
    A line longer than `LINE_MAX` comes in pieces of that length, of which only the last has a line end.
    """
    source = stream
    if stream.seekable():
        head = stream.read(2)
        stream.seek(-len(head), 1)
        if head == b"\x1f\x8b":
            source = cast("BinaryIO", gzip.GzipFile(fileobj=stream))
    try:
        while piece := source.readline(LINE_MAX):
            yield piece
    except (EOFError, gzip.BadGzipFile, zlib.error) as damage:
        raise Unreadable("damaged_gzip", detail=str(damage)) from damage


def whole(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Put lines that came in pieces together again; what a line has beyond `LINE_MAX` is left out.

    Such a line is recognised by its length, which is then `LINE_MAX` without a line end.
    """
    inside = False
    for piece in pieces:
        if not inside:
            yield piece
        inside = is_cut(piece)


def is_cut(line: bytes) -> bool:
    """Tell whether a line of `whole` is only the beginning of one that is too long."""
    return len(line) >= LINE_MAX and not line.endswith(b"\n")


def excerpt(text: str | bytes) -> str:
    """Return the beginning of a record, printable, for a message."""
    if isinstance(text, bytes):
        text = readable(text[: 4 * _EXCERPT])
    text = text.strip()
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


def readable(raw: bytes) -> str:
    r"""Decode UTF-8; bytes that are not, and control characters, are written as Apache writes them: `\xhh`.

    PostgreSQL stores neither NUL nor lone surrogates, and a terminal must not obey a log.
    """
    text = raw.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else text.translate(_CONTROLS)


_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


def encode(event: Event) -> bytes:
    """Write an event as JSON with every number exactly as it was read.

    The standard encoder knows no Decimal and would go through float, which changes long numbers.
    """
    try:
        return json.dumps(event, separators=(",", ":")).encode()
    except TypeError:
        return "".join(_pieces(event)).encode()


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for place, (key, member) in enumerate(value.items()):
            yield ("," if place else "") + json.dumps(key) + ":"
            yield from _pieces(member)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for place, member in enumerate(value):
            yield "," if place else ""
            yield from _pieces(member)
        yield "]"
    else:
        yield str(value) if isinstance(value, Decimal) else json.dumps(value)
