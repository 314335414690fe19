"""Drafts beside the last period, the largest change first; and invoices by the month they fell due in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from abaque.core.money import Money, currency
from abaque.storage import hot
from abaque.storage.models import InvoiceLine
from abaque.storage.read.front import HELD, NET, WITHIN, Month, month_due

#: How many drafts one review looks at; the rest follows when these are issued.
DRAFTS_MAX = 2_000


#: What the list of invoices offers to choose from; all but `draft` and `closed` are derived.
STATES = ("draft", "held", "open", "part_paid", "overdue", "paid", "cancelled", "credit_note", "closed")


@dataclass(frozen=True, slots=True)
class ListedInvoice:
    """An invoice in a list; `status` as in `read.invoices`."""

    id: str
    number: str | None
    kind: str
    status: str
    customer: str
    customer_name: str
    customer_id: str
    period_start: datetime
    period_end: datetime
    issue_date: date | None
    net: Money
    gross: Money


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft and the invoice of the period before it. Money is net, in minor units of `currency`.

    What a credit note gives back is below zero; nothing stands beside it. `late`: it bills, or gives back, late usage
    of earlier periods. `digest` (hex) is what an approval binds. `changed`: it was approved, and has changed since.
    """

    number: int
    id: str
    kind: str
    late: bool
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
        SELECT i.id, i.public_id, i.kind, EXISTS (
                   SELECT FROM invoice_line l WHERE l.invoice_id = i.id AND num_nonnulls(l.adjusts_id, l.credits_id) > 0
               ), coalesce(nullif(c.legal_name, ''), c.external_id), c.public_id, c.zone,
               i.period_start, i.period_end, i.due_at, i.currency, {NET}, before.net, {HELD},
               ARRAY(SELECT jsonb_array_elements_text(i.missing)), encode(i.digest, 'hex'),
               coalesce(i.approved_digest = i.digest, false), coalesce(i.approved_digest <> i.digest, false)
        FROM invoice i JOIN customer c ON c.id = i.customer_id
        LEFT JOIN LATERAL (
            SELECT p.net FROM invoice p WHERE p.subscription_id = i.subscription_id AND p.due_at < i.due_at
               AND i.kind = 'invoice' AND p.kind = 'invoice'
            ORDER BY p.due_at DESC LIMIT 1
        ) before ON true
        WHERE i.state = 'draft'
        ORDER BY abs({NET} - coalesce(before.net, 0)) DESC, i.id LIMIT %s
        """,
        [DRAFTS_MAX],
    )
    return [DraftLine(*[*row[:14], tuple(row[14]), *row[15:]]) for row in found]


def lines_of(numbers: Sequence[int]) -> dict[int, list[InvoiceLine]]:
    """Return the lines of drafts by the draft's internal id."""
    grouped: dict[int, list[InvoiceLine]] = {number: [] for number in numbers}
    for line in InvoiceLine.objects.filter(invoice_id__in=numbers).order_by("invoice_id", "position"):
        grouped[line.invoice_id].append(line)
    return grouped


def invoices(state: str, month: Month | None, today: date, *, offset: int, limit: int) -> list[ListedInvoice]:
    """Return invoices of a derived state ("": all) that fell due in a month, newest first."""
    found = hot.rows(
        f"""
        SELECT public_id, number, kind, status, external_id, legal_name, customer_id, period_start, period_end,
               issue_date, net, gross, currency
        FROM ({_statuses(month)}) listed WHERE %(state)s = '' OR status = %(state)s
        ORDER BY due_at DESC, id DESC OFFSET %(offset)s LIMIT %(limit)s
        """,
        {**_bounds(month, today), "state": state, "offset": offset, "limit": limit},
    )
    return [
        ListedInvoice(*[*row[:10], *(Money(int(minor), currency(row[12])) for minor in row[10:12])])
        for row in found
    ]


def states(month: Month | None, today: date) -> dict[str, tuple[int, Mapping[str, int]]]:
    """Return how many invoices are in each derived state, and their net by currency in minor units."""
    found = hot.rows(
        f"SELECT status, currency, count(*), sum(signed) FROM ({_statuses(month)}) listed GROUP BY 1, 2",
        _bounds(month, today),
    )
    grouped: dict[str, tuple[int, dict[str, int]]] = {}
    for status, code, count, net in found:
        before, nets = grouped.get(status, (0, {}))
        grouped[status] = (before + count, {**nets, code: int(net)})
    return dict(grouped)


def months(limit: int = 24) -> list[date]:
    """Return the months in which invoices fell due where their customers are, newest first, as their first days."""
    found = hot.rows(
        "SELECT DISTINCT i.due_at, c.zone FROM invoice i JOIN customer c ON c.id = i.customer_id"
    )
    return sorted({month_due(due_at, zone) for due_at, zone in found}, reverse=True)[:limit]


def _statuses(month: Month | None) -> str:
    """Return the statement of invoices with their derived states."""
    return f"""
SELECT i.id, i.public_id, i.number, i.kind, c.external_id, c.legal_name, c.public_id AS customer_id, i.period_start,
       i.period_end, i.issue_date, i.net, i.gross, i.currency, i.due_at, {NET} AS signed,
       CASE WHEN i.state = 'closed' THEN 'closed' WHEN {HELD} THEN 'held' WHEN i.state = 'draft' THEN 'draft'
            WHEN i.kind = 'credit_note' THEN 'credit_note' WHEN n.credited >= i.gross THEN 'cancelled'
            WHEN o.amount <= 0 THEN 'paid' WHEN i.payment_due < %(today)s THEN 'overdue'
            WHEN o.amount < i.gross - n.credited THEN 'part_paid' ELSE 'open' END AS status
FROM invoice i JOIN customer c ON c.id = i.customer_id {"" if month is None else WITHIN}
CROSS JOIN LATERAL (
    SELECT coalesce(sum(p.amount), 0) AS amount FROM entry e JOIN posting p ON p.entry_id = e.id
    WHERE e.invoice_id = i.id AND p.account LIKE 'receivable:%%'
) o
CROSS JOIN LATERAL (
    SELECT coalesce(sum(gross), 0) AS credited FROM invoice WHERE corrects_id = i.id AND state = 'issued'
) n
"""


def _bounds(month: Month | None, today: date) -> dict[str, Any]:
    return {"today": today} | (month.bounds if month else {})
