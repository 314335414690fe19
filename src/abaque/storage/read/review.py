"""Drafts beside the last period, the largest change first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from abaque.storage import hot
from abaque.storage.models import InvoiceLine
from abaque.storage.read.front import HELD

#: How many drafts one review looks at; the rest follows when these are issued.
DRAFTS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft and the invoice of the period before it. Money is net, in minor units of `currency`.

    `digest` (hex) is what an approval binds. `changed`: it was approved, and has changed since.
    """

    number: int
    id: str
    customer: str
    customer_id: str
    zone: str
    period_start: datetime
    period_end: datetime
    due_at: datetime
    currency: str
    net: int
    previous: int | None
    held: bool
    missing: tuple[str, ...]
    digest: str
    approved: bool
    changed: bool

    @property
    def change(self) -> int:
        return self.net - (self.previous or 0)


def drafts() -> list[DraftLine]:
    """Return the open drafts, the largest change first."""
    found = hot.rows(
        f"""
        SELECT i.id, i.public_id, coalesce(nullif(c.legal_name, ''), c.external_id), c.public_id, c.zone,
               i.period_start, i.period_end, i.due_at, i.currency, i.net, before.net, {HELD},
               ARRAY(SELECT jsonb_array_elements_text(i.missing)), encode(i.digest, 'hex'),
               coalesce(i.approved_digest = i.digest, false), coalesce(i.approved_digest <> i.digest, false)
        FROM invoice i JOIN customer c ON c.id = i.customer_id
        LEFT JOIN LATERAL (
            SELECT p.net FROM invoice p WHERE p.subscription_id = i.subscription_id AND p.due_at < i.due_at
            ORDER BY p.due_at DESC LIMIT 1
        ) before ON true
        WHERE i.state = 'draft'
        ORDER BY abs(i.net - coalesce(before.net, 0)) DESC, i.id LIMIT %s
        """,
        [DRAFTS_MAX],
    )
    return [DraftLine(*row[:12], tuple(row[12]), *row[13:]) for row in found]


def lines_of(numbers: Sequence[int]) -> dict[int, list[InvoiceLine]]:
    """Return the lines of drafts by the draft's internal id."""
    grouped: dict[int, list[InvoiceLine]] = {number: [] for number in numbers}
    for line in InvoiceLine.objects.filter(invoice_id__in=numbers).order_by("invoice_id", "position"):
        grouped[line.invoice_id].append(line)
    return grouped
