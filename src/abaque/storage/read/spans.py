"""Usage of (meter, customer, span), as rating, checks and estimates need it."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from abaque.core.metering import (
    Aggregate,
    Change,
    Empty,
    LevelAtStart,
    Mark,
    Meter,
    Per,
    Rounding,
    RoundingMode,
    ValueIs,
    rounded_quantity,
    usage_of_marks,
)
from abaque.core.money import divide
from abaque.core.period import Span
from abaque.storage import hot
from abaque.storage.sql.spans import ADDITIVE, MARKS, METERS

_FINE = 12
Group = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A span of one meter of one customer, half-open, in UTC. Ids are internal.

    `period` is the billing period the span is part of (None: the span itself): what a meter does not carry is
    forgotten where that begins. `group`: only what has these values, as JSON text.
    """

    meter_id: int
    customer_id: int
    starts_at: datetime
    ends_at: datetime
    period: Span | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a span came to: counted events, the meter's quantity, and failures that are not billed."""

    events: int
    quantity: Decimal
    not_billable: int


def measure(asked: Sequence[Asked]) -> list[Measured]:
    """Return the usage of each span, in order; nothing counted is quantity 0.

    What adds up is one statement; of meters whose usage depends on when each event was, the events that count
    are read and folded by the core's own rules.
    """
    if not asked:
        return []
    rules = {id_: _rule(definition) for id_, definition in hot.rows(METERS, [[a.meter_id for a in asked]])}
    found = hot.rows(
        ADDITIVE,
        {
            "i": list(range(len(asked))),
            "meter": [a.meter_id for a in asked],
            "customer": [a.customer_id for a in asked],
            "start": [a.starts_at for a in asked],
            "end": [a.ends_at for a in asked],
            "group": [a.group for a in asked],
        },
    )
    measured = {
        place: Measured(
            int(events), _quantity(rules[asked[place].meter_id], int(events), quantity), int(failed)
        )
        for place, events, quantity, failed in found
    }
    ordered = [place for place, one in enumerate(asked) if rules[one.meter_id].keeps_marks]
    for place, quantity in _by_marks(asked, ordered, rules).items():
        measured[place] = replace(measured[place], quantity=quantity)
    return [measured[place] for place in range(len(asked))]


def keeps_marks(definition: Mapping[str, Any]) -> bool:
    """Return whether a meter's usage depends on when each event was."""
    return _rule(json.dumps(definition, sort_keys=True)).keeps_marks


def _quantity(rule: Meter, events: int, quantity: Decimal | None) -> Decimal:
    found = Decimal(quantity or 0)
    if rule.aggregate is Aggregate.AVERAGE:
        found = divide(found, Decimal(events or 1), scale=_FINE)
    return rounded_quantity(rule, found)


def _by_marks(
    asked: Sequence[Asked], places: Sequence[int], rules: Mapping[int, Meter]
) -> Mapping[int, Decimal]:
    if not places:
        return {}
    chosen = [asked[place] for place in places]
    begins = [
        None if rules[one.meter_id].carries else (one.period.start if one.period else one.starts_at)
        for one in chosen
    ]
    marks: dict[int, list[tuple[Group, Mark]]] = defaultdict(list)
    zones: dict[int, str] = {}
    rows = hot.rows(
        MARKS,
        {
            "i": list(places),
            "meter": [one.meter_id for one in chosen],
            "customer": [one.customer_id for one in chosen],
            "since": begins,
            "end": [one.ends_at for one in chosen],
            "group": [one.group for one in chosen],
        },
    )
    for place, zone, time, received, source, identity, group, quantity, member in rows:
        zones[place] = zone
        if time is not None:
            changes = rules[asked[place].meter_id].of_changes
            mark = Mark(time, received, source, identity, quantity, member, changes)
            marks[place].append((tuple(json.loads(group)), mark))
    return {
        place: usage_of_marks(
            rules[one.meter_id],
            marks[place],
            span=Span(one.starts_at, one.ends_at),
            period=one.period,
            zone=zones[place],
        ).quantity
        or Decimal(0)
        for place, one in zip(places, chosen, strict=True)
    }


@lru_cache(maxsize=256)
def _rule(definition: str) -> Meter:
    """Return of a meter what its usage follows from once its events are judged."""
    stored = json.loads(definition)
    change, rounding = stored.get("change"), stored.get("rounding")
    return Meter(
        stored["code"],
        tuple(stored["event_types"]),
        Aggregate(stored["aggregate"]),
        stored["value"],
        change=change and Change(change["attribute"], tuple(change["add"]), tuple(change["remove"])),
        level_at_start=LevelAtStart(stored.get("level_at_start", LevelAtStart.RESET)),
        per=Per(stored.get("per", Per.HOUR)),
        prorate_days=stored.get("prorate_days", False),
        rounding=rounding and _rounding(rounding),
        empty=Empty(stored.get("empty", Empty.ZERO)),
        value_is=ValueIs(stored.get("value_is", ValueIs.LEVEL)),
    )


def _rounding(stored: Mapping[str, Any]) -> Rounding:
    mode = RoundingMode(stored["mode"])
    return (
        Rounding.places(stored["places"], mode)
        if "places" in stored
        else Rounding(Decimal(stored["to"]), mode)
    )
