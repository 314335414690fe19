"""What customers used: one row per customer, meter and, if asked, window and group."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.storage import hot
from abaque.storage.read.paging import LIMIT_MAX, Page, bounded, decode, page_of
from abaque.storage.read.windows import Window, boundaries


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Usage of one customer and meter in `[starts_at, ends_at)`.

    `quantity` is an exact decimal without exponent or trailing zeros; `not_billable` counts what failed.
    `group` holds the values of the meter's grouping attributes where groups were asked for.
    """

    customer: str
    meter: str
    starts_at: datetime
    ends_at: datetime
    group: tuple[str | None, ...] | None
    quantity: str
    events: int
    not_billable: int


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """`customer`: external or public id. `zone`: IANA name, for days and months."""

    meter: str | None = None
    customer: str | None = None
    window: Window | None = None
    zone: str = "UTC"
    groups: bool = False


def plain(quantity: Decimal) -> str:
    """Write a quantity in full: no exponent, no trailing zeros, no negative zero."""
    text = f"{quantity:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def usage(
    start: datetime,
    end: datetime,
    only: UsageFilter | None = None,
    *,
    limit: int = LIMIT_MAX,
    cursor: str | None = None,
) -> Page[UsageRow]:
    """Return who used what in `[start, end)`, by customer, meter, window, group.

    There are rows only where something was counted or failed. Faults `empty_span`, `not_a_quarter_hour` (usage
    is kept per quarter hour UTC), `too_many_windows`, `unknown_zone`, `bad_cursor`, `bad_limit`.
    """
    only = only or UsageFilter()
    bounds = boundaries(start, end, only.window, only.zone)
    after = decode(cursor, 4) if cursor else None
    found = hot.rows(
        _statement(only, paged=after is not None),
        {
            "start": bounds[0],
            "end": bounds[-1],
            "starts": bounds[:-1],
            "meter": only.meter,
            "customer": only.customer,
            "after_customer": after[0] if after else None,
            "after_meter": after[1] if after else None,
            "after_part": int(after[2]) if after and after[2].isdecimal() else 0,
            "after_group": after[3] if after else None,
            "limit": bounded(limit) + 1,
        },
    )

    def row(record: hot.Row) -> UsageRow:
        customer, meter, window, group, quantity, events, not_billable = record
        return UsageRow(
            customer=customer,
            meter=meter,
            starts_at=bounds[window - 1],
            ends_at=bounds[window],
            group=tuple(json.loads(group)) if only.groups else None,
            quantity=plain(Decimal(quantity or 0)),
            events=int(events),
            not_billable=int(not_billable),
        )

    def key(record: hot.Row) -> tuple[str, ...]:
        return record[0], record[1], str(record[2]), record[3]

    return page_of(found, limit, row, key)


def all_usage(start: datetime, end: datetime, only: UsageFilter | None = None) -> tuple[UsageRow, ...]:
    """Return the rows of every page, for the command line."""
    rows: list[UsageRow] = []
    cursor: str | None = None
    while True:
        page = usage(start, end, only, cursor=cursor)
        rows += page.items
        cursor = page.cursor
        if cursor is None:
            return tuple(rows)


def _statement(only: UsageFilter, *, paged: bool) -> str:
    """Return one statement: additive usage, and beside it the distinct values of meters that count those."""
    group = "u.grp" if only.groups else "'[]'"
    where = " AND ".join(
        [
            "u.slot >= %(start)s AND u.slot < %(end)s",
            *(["m.code = %(meter)s"] if only.meter is not None else []),
            *(
                ["(c.external_id = %(customer)s OR c.public_id = %(customer)s)"]
                if only.customer is not None
                else []
            ),
        ]
    )
    after = """
WHERE (customer, meter, part, grp) > (
    %(after_customer)s COLLATE "C", %(after_meter)s COLLATE "C", %(after_part)s, %(after_group)s COLLATE "C"
)"""
    return f"""
WITH additive AS (
    SELECT u.customer_id, u.meter_id, width_bucket(u.slot, %(starts)s::timestamptz[]) AS part, {group} AS grp,
           CASE min(m.aggregate) WHEN 'max' THEN max(u.quantity) WHEN 'min' THEN min(u.quantity)
                ELSE sum(u.quantity) END AS quantity,
           sum(u.events) AS events, sum(u.not_billable) AS not_billable
    FROM usage u JOIN meter m ON m.id = u.meter_id JOIN customer c ON c.id = u.customer_id
    WHERE {where}
    GROUP BY 1, 2, 3, 4 HAVING sum(u.events) > 0 OR sum(u.not_billable) > 0
),
distinct_values AS (
    SELECT u.customer_id, u.meter_id, width_bucket(u.slot, %(starts)s::timestamptz[]) AS part, {group} AS grp,
           count(DISTINCT u.value) AS quantity
    FROM unique_value u JOIN meter m ON m.id = u.meter_id JOIN customer c ON c.id = u.customer_id
    WHERE m.aggregate = 'unique' AND {where}
    GROUP BY 1, 2, 3, 4
),
named AS (
    SELECT c.external_id COLLATE "C" AS customer, m.code COLLATE "C" AS meter,
           a.part, a.grp COLLATE "C" AS grp,
           CASE WHEN m.aggregate = 'unique' THEN coalesce(d.quantity, 0) ELSE a.quantity END AS quantity,
           a.events, a.not_billable
    FROM additive a JOIN meter m ON m.id = a.meter_id JOIN customer c ON c.id = a.customer_id
    LEFT JOIN distinct_values d USING (customer_id, meter_id, part, grp)
)
SELECT customer, meter, part, grp, quantity, events, not_billable FROM named
{after if paged else ""}
ORDER BY customer, meter, part, grp LIMIT %(limit)s
"""
