"""How many events were accepted, by type, source, customer and window: whatever meters make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from abaque.core.fault import Fault
from abaque.storage import archived, hot
from abaque.storage.read.paging import LIMIT_MAX, bounded, decode, encode
from abaque.storage.read.series import FIGURES_MAX, Cut, cuts

#: What events can be told apart by. A customer is found by the event's subject, as it was at the event's time.
DIMENSIONS = {"type": "e.type", "source": "e.source", "customer": "c.external_id"}


@dataclass(frozen=True, slots=True)
class EventCounts:
    """`counts` in the windows' order, `count` is their sum.

    What was not asked for is None; so is the customer of events whose subject no customer has.
    """

    type: str | None
    source: str | None
    customer: str | None
    count: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EventCountsPage:
    """Counts on the same windows. `cursor` asks for the next ones; None: these were the last."""

    windows: tuple[Cut, ...]
    items: tuple[EventCounts, ...]
    cursor: str | None


def event_counts(
    bounds: Sequence[datetime],
    by: Sequence[str],
    only: Mapping[str, str],
    *,
    limit: int = LIMIT_MAX,
    cursor: str | None = None,
) -> EventCountsPage:
    """Count accepted events between the bounds by event time; `by` and `only` name `DIMENSIONS`.

    Told apart by nothing there is one count, also of nothing. Faults `bad_cursor`, `bad_limit`,
    `events_archived` for a time whose events lie in the archive.
    """
    if bounds[0] < (until := archived.until()):
        raise Fault("events_archived", until=f"{until:%Y-%m-%d}")
    many = min(bounded(limit), max(1, FIGURES_MAX // len(bounds)))
    after = decode(cursor, len(DIMENSIONS)) if cursor else None
    found = hot.rows(
        _statement(by, only, paged=after is not None),
        {
            "start": bounds[0],
            "end": bounds[-1],
            "bounds": list(bounds[:-1]),
            **{f"only_{name}": value for name, value in only.items()},
            **{f"after_{name}": value for name, value in zip(DIMENSIONS, after or (), strict=False)},
            "limit": many + 1,
        },
    )
    items = [
        _counts(key, {part: int(n) for *_, part, n in rows}, len(bounds) - 1)
        for key, rows in groupby(found, key=lambda row: row[:3])
    ]
    if not items and not by and after is None:
        items = [_counts(("", "", ""), {}, len(bounds) - 1)]
    page = items[:many]
    last = page[-1] if len(items) > many else None
    return EventCountsPage(
        cuts(bounds),
        tuple(page),
        encode(last.type or "", last.source or "", last.customer or "") if last else None,
    )


def _counts(key: tuple[str, ...], parts: Mapping[int, int], windows: int) -> EventCounts:
    type_, source, customer = (each or None for each in key)
    counts = tuple(parts.get(part, 0) for part in range(1, windows + 1))
    return EventCounts(type_, source, customer, sum(counts), counts)


def _statement(by: Sequence[str], only: Mapping[str, str], *, paged: bool) -> str:
    """Return one statement with one pass over the events of the span."""
    columns = ", ".join(
        f"""coalesce({column}, '') COLLATE "C" AS {name}""" if name in by else f"'' AS {name}"
        for name, column in DIMENSIONS.items()
    )
    owners = """
    LEFT JOIN alias a ON a.subject = e.subject AND abaque_holds(a.valid_from, a.valid_to, e.time)
    LEFT JOIN customer c ON c.id = a.customer_id"""
    where = "".join(f" AND {DIMENSIONS[name]} = %(only_{name})s" for name in only)
    after = ", ".join(f'%(after_{name})s COLLATE "C"' for name in DIMENSIONS)
    return f"""
WITH counted AS MATERIALIZED (
    SELECT {columns}, width_bucket(e.time, %(bounds)s::timestamptz[]) AS part, count(*) AS events
    FROM event e {owners if "customer" in (*by, *only) else ""}
    WHERE e.time >= %(start)s AND e.time < %(end)s {where} GROUP BY 1, 2, 3, 4
),
page AS (
    SELECT DISTINCT type, source, customer FROM counted
    {f"WHERE (type, source, customer) > ({after})" if paged else ""}
    ORDER BY 1, 2, 3 LIMIT %(limit)s
)
SELECT type, source, customer, part, events FROM counted JOIN page USING (type, source, customer)
ORDER BY type, source, customer, part
"""
