"""Who, or which group, used most of a meter, and what share of the whole that is."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.core.money import add, divide
from abaque.storage import hot
from abaque.storage.read.paging import LIMIT_MAX, Page, bounded, decode, page_of
from abaque.storage.read.slices import Group, Slice, customers_of, folded, measured, parameters

_SHARE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Ranked:
    """`share` of the sum of all that are ranked, to six digits; None where that sum is not above zero."""

    rank: int
    customer: str | None
    name: str | None
    group: Group
    quantity: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Top:
    """`quantity`: what all that are ranked came to together; `many`: how many they are."""

    page: Page[Ranked]
    quantity: Decimal
    many: int


def top(
    asked: Slice, start: datetime, end: datetime, *, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Top:
    """Rank what was used in `[start, end)`, the most first; what came to nothing is not ranked.

    Faults `bad_cursor`, `bad_limit`, `too_many_figures`.
    """
    many = bounded(limit)
    place = decode(cursor, 1)[0] if cursor else "0"
    offset = int(place) if place.isascii() and place.isdecimal() and len(place) < 10 else 0  # noqa: PLR2004  # fits a bigint
    found = (_by_statement if asked.folds else _by_measuring)(asked, start, end, offset, many + 1)
    whole, number = (found[0][4], found[0][5]) if found else (Decimal(0), 0)

    def row(record: hot.Row) -> Ranked:
        customer, name, group, quantity = record[:4]
        share = divide(quantity, whole, scale=_SHARE_DIGITS) if whole > 0 else None
        return Ranked(record[6], customer, name, tuple(json.loads(group)), quantity, share)

    return Top(page_of(found, many, row, lambda record: (str(record[6]),)), whole, number)


def _by_statement(asked: Slice, start: datetime, end: datetime, offset: int, limit: int) -> list[hot.Row]:
    who = "c.external_id, coalesce(nullif(c.legal_name, ''), c.external_id)"
    found = hot.rows(
        f"""
        WITH each AS ({folded(asked)}),
        ranked AS (
            SELECT {who if asked.by_customer else "NULL, NULL"}, u.grp, u.quantity,
                   sum(u.quantity) OVER () AS whole, count(*) OVER () AS many,
                   row_number() OVER (ORDER BY u.quantity DESC, {"c.external_id, " if asked.by_customer else ""}
                                      u.grp COLLATE "C") AS rank
            FROM each u {"JOIN customer c ON c.id = u.who" if asked.by_customer else ""}
            WHERE u.quantity <> 0
        )
        SELECT * FROM ranked WHERE rank > %(offset)s ORDER BY rank LIMIT %(limit)s
        """,
        {
            **parameters(asked),
            "bounds": [start],
            "start": start,
            "end": end,
            "offset": offset,
            "limit": limit,
        },
    )
    return [(*row[:3], Decimal(row[3]), Decimal(row[4]), int(row[5]), int(row[6])) for row in found]


def _by_measuring(asked: Slice, start: datetime, end: datetime, offset: int, limit: int) -> list[hot.Row]:
    keys = {key.customer_id: key for key in customers_of(asked, end)}
    figures = [
        (who, quantity) for who, _, _, quantity in measured(asked, list(keys), [start, end]) if quantity
    ]
    whole = add(*(quantity for _, quantity in figures))
    figures.sort(key=lambda each: (-each[1], keys[each[0]].customer))
    return [
        (keys[who].customer, keys[who].name, "[]", quantity, whole, len(figures), rank)
        for rank, (who, quantity) in enumerate(figures, start=1)
        if offset < rank <= offset + limit
    ]
