"""Events as the meter sees them, and what becomes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened for a customer. Its identity is `(source, id)`, for ever.

    `data` is its JSON object, numbers read as `int` or `Decimal`, never float. `customer` is None while
    nobody knows whose `subject` it is. `time` and `received` (None: as `time`) are in UTC.
    """

    source: str
    id: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, object] = field(default_factory=dict, hash=False)
    customer: str | None = None
    received: datetime | None = None


class Fate(StrEnum):
    """What became of one accepted event for one meter."""

    WAITING = "waiting"
    COUNTED = "counted"
    NOT_BILLABLE = "not_billable"
    QUARANTINED = "quarantined"
    VOIDED = "voided"
    REPLACED = "replaced"
    RECORDED = "recorded"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one meter makes of one event.

    `reason` says why it does not count: `failure`, `filtered`, `attempt`; or why it is quarantined:
    `missing_value`, `bad_value`, `unknown_customer`, `future`. `quantity` is what it adds (1 for a count, the
    number it carries, 1 or -1 for a member that comes or goes), `value` what a unique meter remembers; `group`
    one word per grouping attribute, None where the event lacks it; `operation` the key of the operation it
    belongs to.
    """

    fate: Fate
    reason: str | None = None
    quantity: Decimal | None = None
    value: str | None = None
    group: tuple[str | None, ...] = ()
    operation: str | None = None
