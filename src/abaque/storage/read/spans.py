"""Usage of (meter, customer, span), as rating, checks and estimates need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.storage import hot
from abaque.storage.sql.spans import ADDITIVE


@dataclass(frozen=True, slots=True)
class Asked:
    """A span of one meter of one customer, half-open, in UTC. Ids are internal."""

    meter_id: int
    customer_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """What a span came to: counted events, the meter's quantity, and failures that are not billed."""

    events: int
    quantity: Decimal
    not_billable: int


def measure(asked: Sequence[Asked]) -> list[Measured]:
    """Return the usage of each span, in order; nothing counted is quantity 0."""
    if not asked:
        return []
    found = hot.rows(
        ADDITIVE,
        {
            "i": list(range(len(asked))),
            "meter": [a.meter_id for a in asked],
            "customer": [a.customer_id for a in asked],
            "start": [a.starts_at for a in asked],
            "end": [a.ends_at for a in asked],
        },
    )
    by_place = {
        i: Measured(int(events), Decimal(quantity or 0), int(failed)) for i, events, quantity, failed in found
    }
    return [by_place[i] for i in range(len(asked))]
