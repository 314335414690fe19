"""Usage as series for charts: one per customer or group, all on the same windows, zeros included."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from abaque.core.money import add
from abaque.storage import hot
from abaque.storage.read.paging import LIMIT_MAX, bounded, decode, encode
from abaque.storage.read.slices import (
    ADDITIVE,
    Group,
    Key,
    Slice,
    customers_of,
    folded,
    parameters,
    quantities,
)

#: How many figures a page may have; it holds fewer series where there are many windows.
FIGURES_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Cut:
    """One window `[starts_at, ends_at)`."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Series:
    """`quantities` in the windows' order; `quantity` is that of the whole span, which a maximum's do not add up to.

    `group`: the values it is told apart by, in the order asked for.
    """

    customer: str | None
    group: Group
    quantity: Decimal
    quantities: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """Some series on the same windows. `cursor` asks for the next ones; None: these were the last."""

    windows: tuple[Cut, ...]
    items: tuple[Series, ...]
    cursor: str | None


def cuts(bounds: Sequence[datetime]) -> tuple[Cut, ...]:
    """Return the windows between the bounds."""
    return tuple(Cut(*each) for each in pairwise(bounds))


def series(
    asked: Slice, bounds: Sequence[datetime], *, limit: int = LIMIT_MAX, cursor: str | None = None
) -> SeriesPage:
    """Return usage between the bounds, by customer and group. Faults `bad_cursor`, `bad_limit`, `too_many_figures`.

    Told apart by nothing there is one series, also where nothing was used.
    """
    many = min(bounded(limit), max(1, FIGURES_MAX // len(bounds)))
    keys = _keys(asked, bounds, decode(cursor, 2) if cursor else ("", ""), many + 1)
    page = keys[:many]
    parts = quantities(asked, page, bounds)
    whole = {key: [add(*each)] for key, each in parts.items()}
    if asked.aggregate not in ADDITIVE or not asked.folds:
        whole = quantities(asked, page, [bounds[0], bounds[-1]])
    nothing = [Decimal(0)] * (len(bounds) - 1)

    def one(key: Key) -> Series:
        place = (key.customer_id, key.group)
        found = parts.get(place, nothing)
        return Series(key.customer, tuple(json.loads(key.group)), whole.get(place, nothing)[0], tuple(found))

    return SeriesPage(
        cuts(bounds),
        tuple(one(key) for key in page),
        encode(page[-1].customer or "", page[-1].group) if len(keys) > many else None,
    )


def _keys(asked: Slice, bounds: Sequence[datetime], after: tuple[str, ...], limit: int) -> list[Key]:
    """Return what the next series are of, at most that many."""
    if not asked.by_customer and not asked.by:
        return [Key()]
    if not asked.by:
        start = bounds[0] if asked.folds else None
        return customers_of(asked, bounds[-1], start=start, after=after[0], limit=limit)
    customer = "c.id, c.external_id" if asked.by_customer else "0, ''"
    found = hot.rows(
        f"""
        WITH each AS ({folded(asked)})
        SELECT DISTINCT {customer}, u.grp COLLATE "C" FROM each u
        {"JOIN customer c ON c.id = u.who" if asked.by_customer else ""}
        WHERE ({"c.external_id" if asked.by_customer else "''"}, u.grp COLLATE "C") > (%(customer_after)s, %(after)s)
        ORDER BY 2, 3 LIMIT %(limit)s
        """,
        {
            **parameters(asked),
            "bounds": list(bounds[:1]),
            "start": bounds[0],
            "end": bounds[-1],
            "customer_after": after[0],
            "after": after[1],
            "limit": limit,
        },
    )
    return [Key(id_, external_id or None, group) for id_, external_id, group in found]
