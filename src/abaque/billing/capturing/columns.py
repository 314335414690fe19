"""Bodies of events as most events are, taken apart in Python: the database then has little to parse but their data.

What is at all unusual is left to the careful form of the door's statement, which judges each event by itself. So a
body that is let through here has nothing that would be rejected, but for a day that is in no calendar, a character
the database cannot store, and what only it knows: an identity that stands, a source the key may not use.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec.structs import astuple

SEPARATOR = "\x1f"  # in JSON it can only be written as an escape; who does so sends more parts than events
_DATA_MAX = 64 * 1024  # bytes; by far enough below what one event may have

_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
_Extension = Annotated[str, msgspec.Meta(max_length=1024)]
_ABSENT = msgspec.Raw(b"")


class _Event(msgspec.Struct):
    """An event in CloudEvents' own words, the extensions senders most use among them. Empty: not said."""

    id: _Word
    source: _Word
    type: _Word
    subject: _Word
    time: str = ""
    subscription: _Extension = ""
    specversion: Literal["", "1.0"] = ""
    datacontenttype: _Extension = ""
    dataschema: _Extension = ""
    traceparent: _Extension = ""
    tracestate: _Extension = ""
    data: msgspec.Raw = _ABSENT


_EXTENSIONS = ("datacontenttype", "dataschema", "traceparent", "tracestate")
_decode = msgspec.json.Decoder(list[_Event]).decode
_decode_flat = msgspec.json.Decoder(dict[str, str | int | float | bool | None]).decode
_decode_nested = msgspec.json.Decoder(dict[str, Any]).decode

# As `abaque_is_time` has it, each followed by the separator.
_TIMES = re.compile(
    r"(?:(?:20[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt](?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2}))?\x1f)*"
)


def columns_of(array: str) -> dict[str, str | None] | None:
    """Return the columns of a JSON array of events, each joined by `SEPARATOR`; None if it is not as most are.

    A column of which no event says anything is None.
    """
    try:
        events = _decode(array)
        if not events:
            return None
        ids, sources, types, subjects, *rest, data = zip(*map(astuple, events), strict=True)
        times, subscriptions, _, *extensions = rest
        said = [one for one in data if one is not _ABSENT]
        keys = _keys(said) + len(said)
    except (ValueError, RecursionError):
        return None
    texts = (ids, sources, types, subjects, *rest)
    if _colons(array) != keys + sum(len(column) - column.count("") for column in texts):
        return None
    told = {
        "elements": str(len(events)),
        "ids": _joined(ids),
        "sources": _joined(sources),
        "types": _joined(types),
        "subjects": _joined(subjects),
        "times": _joined(times),
        "subscriptions": _joined(subscriptions),
        "extensions": _joined(_extensions(extensions)) if any(map(any, extensions)) else None,
    }
    ascii_only = all(column is None or column.isascii() for column in told.values())
    if (
        not ascii_only  # else 255 characters may be too many bytes
        or not _TIMES.fullmatch((told["times"] or "") + SEPARATOR)
        or any(one.startswith("abaque.") for one in set(types))
        or max(map(len, data)) > _DATA_MAX
    ):
        return None
    return told | {"data": SEPARATOR.encode().join(data).decode()}


def _colons(array: str) -> int:
    """Return how many keys a JSON text has, or more: where a string looks like the end of a key.

    Where it is as many as were understood, no key was said twice, and none is unknown here.
    """
    return array.encode().translate(None, b" \t\r\n").count(b'":')


def _keys(data: Sequence[msgspec.Raw]) -> int:
    """Return how many different keys JSON objects have, those of what lies in them included."""
    try:
        return sum(map(len, map(_decode_flat, data)))
    except msgspec.ValidationError:  # one holds objects or lists
        return sum(map(_deep_keys, map(_decode_nested, data)))


def _deep_keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_deep_keys, value.values()))
    return sum(map(_deep_keys, value)) if isinstance(value, list) else 0


def _joined(column: Sequence[str]) -> str | None:
    return SEPARATOR.join(column) if any(column) else None


def _extensions(columns: Sequence[Sequence[str]]) -> list[str]:
    return [
        msgspec.json.encode({name: one for name, one in zip(_EXTENSIONS, row, strict=True) if one}).decode()
        if any(row)
        else ""
        for row in zip(*columns, strict=True)
    ]
