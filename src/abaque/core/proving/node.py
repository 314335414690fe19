"""A node: what one customer's events of one quarter hour add to one meter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from abaque.core.money import EXACT

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event's leaf and what it adds: `count` is 1 where it counts, 0 where not, -1 where it no longer does."""

    leaf: bytes
    count: int
    quantity: Decimal


def leaf_of(salt: bytes, text: str) -> bytes:
    """Return the leaf of an event: its salt, then its stored text."""
    return sha256(salt + text.encode()).digest()


def node_of(customer: str, meter: str, slot: datetime, entries: Sequence[Entry]) -> bytes:
    """Return the hash of a node; its count and sum are those of its entries.

    `customer` is a public id, empty where nobody is known; `meter` a code, empty for what no meter counts.
    """
    count = sum(entry.count for entry in entries)
    total = sum((entry.quantity for entry in entries), Decimal(0))
    head = f"{customer}|{meter}|{seconds_of(slot)}|{count}|{_plain(total)}\n"
    said = b"".join(entry.leaf + f"{entry.count}|{_plain(entry.quantity)}\n".encode() for entry in entries)
    return sha256(b"\x00" + head.encode() + said).digest()


def seconds_of(instant: datetime) -> int:
    """Return the whole seconds since the Unix epoch."""
    return (instant - _EPOCH) // timedelta(seconds=1)


def _plain(quantity: Decimal) -> str:
    return f"{EXACT.normalize(quantity):f}" if quantity else "0"
