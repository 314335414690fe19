"""Making one CloudEvent, small enough for the door and equal however often it is made."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

EVENT_MAX = 256 * 1024


def make(
    *,
    source: str,
    kind: str,
    subject: str,
    data: Mapping[str, object],
    key: str | None,
    time: datetime | str | None,
) -> tuple[str, str]:
    """Return (id, JSON text on one line).

    Without a key the id is derived from everything else in the event, the time included. Without a time
    the event has none, and the door dates it. Decimals travel as decimal strings. ValueError: an empty
    name, a time without offset, NaN or infinity, over 256 KiB.
    TypeError: something JSON cannot carry.
    """
    for name, value in (("source", source), ("type", kind), ("subject", subject), ("id", key)):
        if value is not None and not value:
            raise ValueError(f"{name} must not be empty")
    event: dict[str, Any] = {
        "specversion": "1.0",
        "source": source,
        "type": kind,
        "subject": subject,
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    if time is not None:
        event["time"] = _rfc3339(time)
    derived = key if key is not None else hashlib.sha256(_text(event).encode()).hexdigest()[:32]
    text = _text({"id": derived, **event})
    if len(text.encode()) > EVENT_MAX:
        raise ValueError(f"the event {derived} is larger than {EVENT_MAX // 1024} KiB")
    return derived, text


def _rfc3339(time: datetime | str) -> str:
    if isinstance(time, str):
        return time
    if time.utcoffset() is None:
        raise ValueError("a time needs an offset: datetime.now(UTC), not datetime.now()")
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _text(value: object) -> str:
    # ASCII, so that a text cut anywhere can never break a character in two
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no quantity")
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} cannot be sent in an event")
