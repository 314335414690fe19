"""Back-fills: what was sent together, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from abaque.storage import hot
from abaque.storage.read.paging import LIMIT_MAX, Page, bounded, decode, page_of


@dataclass(frozen=True, slots=True)
class BackfillRow:
    """`state`: open, closed, reverting or reverted. `events` were accepted into it, `waiting` of them not metered.

    `sources` and `types` empty: any. Its events lie in `[starts_at, ends_at)`.
    """

    id: str
    name: str
    starts_at: datetime
    ends_at: datetime
    sources: Sequence[str]
    types: Sequence[str]
    reason: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    reverted_at: datetime | None
    revert_reason: str
    events: int
    waiting: int


def list_backfills(*, limit: int = LIMIT_MAX, cursor: str | None = None) -> Page[BackfillRow]:
    """Return back-fills, the newest first. Faults `bad_cursor`, `bad_limit`."""
    before = decode(cursor, 1)[0] if cursor else None
    found = hot.rows(
        f"{_BACKFILLS} WHERE %(before)s::text IS NULL OR b.public_id < %(before)s"
        " ORDER BY b.public_id DESC LIMIT %(limit)s",
        {"before": before, "limit": bounded(limit) + 1},
    )
    return page_of([BackfillRow(*row) for row in found], limit, lambda row: row, lambda row: (row.id,))


def one_backfill(backfill: str) -> BackfillRow | None:
    found = hot.rows(f"{_BACKFILLS} WHERE b.public_id = %s", [backfill])
    return BackfillRow(*found[0]) if found else None


_BACKFILLS = """
SELECT b.public_id, b.name, b.starts_at, b.ends_at, b.sources, b.types, b.reason, b.state, b.opened_at, b.closed_at,
       b.reverted_at, b.revert_reason, i.events, i.waiting
FROM backfill b CROSS JOIN LATERAL (
    SELECT coalesce(sum(accepted), 0)::bigint AS events,
           coalesce(sum(accepted) FILTER (WHERE metered_at IS NULL), 0)::bigint AS waiting
    FROM intake WHERE backfill_id = b.id
) i
"""
