from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from abaque.core.money import Money


@dataclass(frozen=True, slots=True)
class Fact:
    """What one side says of one thing: a document, an hour, a total. None where it says nothing.

    `as_of` is when that side last knew; it is no part of what is compared.
    """

    key: str
    amount: Money | None = None
    quantity: Decimal | None = None
    state: str | None = None
    as_of: datetime | None = None


class Kind(StrEnum):
    """What kind of difference stands between our side and theirs."""

    MISSING = "missing"
    UNEXPECTED = "unexpected"
    DIFFERING = "differing"
    STALE = "stale"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """One key on which two sides do not agree.

    `impact` is the money at stake, never negative, zero where no price is known. `aspects` say what differs:
    `amount`, `currency`, `quantity`, `state`; `doubled` for what they have once too often.
    """

    kind: Kind
    key: str
    ours: Fact | None
    theirs: Fact | None
    impact: Money
    aspects: tuple[str, ...] = ()
