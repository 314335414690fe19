"""Hours in the order of sealing, each bound to the one before."""

from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from abaque.core.money import EXACT
from abaque.core.proving.node import seconds_of

#: What stands before the hour that was sealed first.
GENESIS = bytes(32)


def chained(
    previous: bytes, meter: str, hour: datetime, revision: int, count: int, *, quantity: Decimal, root: bytes
) -> bytes:
    """Return the hash of a sealed hour: over the one sealed before it and all it says itself.

    `meter` is a meter's code, empty for the events that no meter counts; `count` and `quantity` are what this
    revision adds.
    """
    said = f"{meter}|{seconds_of(hour)}|{revision}|{count}|{EXACT.normalize(quantity):f}|"
    return sha256(previous + said.encode() + root).digest()
