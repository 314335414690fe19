"""/v1/usage: a counter that gives up at volume, as usage ingestion of billing platforms is known to.

Above `limit` events per customer and hour of event time the surplus is answered 200 and not counted.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from abaque.sandbox.platform import fields
from abaque.sandbox.platform.reply import invalid

HOURLY_LIMIT = 1250
BATCH_MAX = 1000
_HOUR = 3600
_FIELDS = ("customer", "meter", "value", "identifier", "timestamp")


def record(db: sqlite3.Connection, body: object, limit: int) -> dict[str, object]:
    """Count one event, or the list under `data` (≤ 1,000); the answer says how many were received.

    Nothing tells the sender what the limit swallowed. The same identifier counts once, for ever.
    """
    events = body["data"] if isinstance(body, dict) and "data" in body else [body]
    if not isinstance(events, list) or not 1 <= len(events) <= BATCH_MAX:
        raise invalid("data", f"A list of 1 to {BATCH_MAX} events.")
    taken: dict[tuple[str, int], int] = {}
    for event in events:
        row = _checked(event)
        slot = (row[1], row[4] // _HOUR)
        if slot not in taken:
            taken[slot] = _taken(db, slot)
        if taken[slot] >= limit:
            continue
        taken[slot] += db.execute("INSERT OR IGNORE INTO usage_event VALUES (?, ?, ?, ?, ?)", row).rowcount
    db.executemany(
        "INSERT INTO usage_rate VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET taken = excluded.taken",
        [(customer, hour, count) for (customer, hour), count in taken.items()],
    )
    return {"received": len(events)}


def summaries(
    db: sqlite3.Connection, *, customer: str | None, meter: str | None, month: str | None, zone: str
) -> dict[str, object]:
    """Sum value and number of events per customer, meter and calendar month of `zone` (UTC unless named)."""
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise invalid("zone", f"There is no time zone {zone!r}.") from None
    if month is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise invalid("month", "A month such as 2026-01.")
    data: list[dict[str, object]] = []
    for name, start, end in _months(db, month, place):
        sums: dict[tuple[str, str], tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
        # grouped by value: the sum stays exact, where SQLite alone would add floating point
        for row in db.execute(
            """
            SELECT customer, meter, value, count(*) AS events FROM usage_event
            WHERE at >= :start AND at < :end AND (:customer IS NULL OR customer = :customer)
              AND (:meter IS NULL OR meter = :meter)
            GROUP BY customer, meter, value
            """,
            {"start": start, "end": end, "customer": customer, "meter": meter},
        ):
            value, events = sums[row["customer"], row["meter"]]
            sums[row["customer"], row["meter"]] = (
                value + Decimal(row["value"]) * row["events"],
                events + row["events"],
            )
        data += [
            {"customer": who, "meter": what, "month": name, "value": f"{value:f}", "events": events}
            for (who, what), (value, events) in sorted(sums.items())
        ]
    return {"data": data}


def _checked(event: object) -> tuple[str, str, str, str, int]:
    """Read (identifier, customer, meter, value, at) of one event as sent."""
    sent = fields.an_object(event)
    fields.only(sent, _FIELDS)
    return (
        fields.text(sent, "identifier"),
        fields.text(sent, "customer"),
        fields.text(sent, "meter"),
        f"{fields.quantity(sent.get('value'), 'value'):f}",
        fields.instant(sent.get("timestamp"), "timestamp"),
    )


def _taken(db: sqlite3.Connection, slot: tuple[str, int]) -> int:
    row = db.execute("SELECT taken FROM usage_rate WHERE customer = ? AND hour = ?", slot).fetchone()
    return 0 if row is None else int(row["taken"])


def _months(db: sqlite3.Connection, month: str | None, zone: ZoneInfo) -> Iterator[tuple[str, int, int]]:
    """Give (name, start, end) of the month asked for, or of every month that has usage."""
    if month is not None:
        year, number = (int(part) for part in month.split("-"))
        yield month, _first(year, number, zone), _first(year, number + 1, zone)
        return
    row = db.execute("SELECT min(at) AS first, max(at) AS last FROM usage_event").fetchone()
    if row["first"] is None:
        return
    first = datetime.fromtimestamp(row["first"], UTC).astimezone(zone)
    last = datetime.fromtimestamp(row["last"], UTC).astimezone(zone)
    for index in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, number = index // 12, index % 12 + 1
        yield f"{year:04}-{number:02}", _first(year, number, zone), _first(year, number + 1, zone)


def _first(year: int, month: int, zone: ZoneInfo) -> int:
    """Find the first instant of a month; month 13 is next January."""
    return int(datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=zone).timestamp())
