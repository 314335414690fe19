"""Pages of long lists: at most 500 rows, and an opaque cursor that says where the next page begins."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from abaque.core.fault import Fault

LIMIT_MAX = 500
T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list. `cursor` asks for the next ones; None: these were the last."""

    items: tuple[T, ...]
    cursor: str | None


def page_of(
    found: Sequence[U], limit: int, row: Callable[[U], T], key: Callable[[U], tuple[str, ...]]
) -> Page[T]:
    """Make a page of up to `limit + 1` found records; the one too many only says that there is more."""
    cursor = encode(*key(found[limit - 1])) if len(found) > limit else None
    return Page(tuple(row(record) for record in found[:limit]), cursor)


def bounded(limit: int) -> int:
    """Return the limit if a page may have it. Fault `bad_limit`."""
    if not 1 <= limit <= LIMIT_MAX:
        raise Fault("bad_limit", limit=limit, most=LIMIT_MAX)
    return limit


def encode(*key: str) -> str:
    """Return the cursor of the last row shown, from the columns the list is ordered by."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str, parts: int) -> tuple[str, ...]:
    """Return the columns a cursor was made from. Fault `bad_cursor`: it is none of this list."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise Fault("bad_cursor", cursor=cursor) from None
    right = isinstance(key, list) and len(key) == parts
    if not right or not all(isinstance(part, str) and "\0" not in part for part in key):
        raise Fault("bad_cursor", cursor=cursor)
    return tuple(key)
