"""What one customer sees: who they are, their usage day by day, what failed, their invoices."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from abaque.storage import archived, hot
from abaque.storage.models import Customer, Issuer
from abaque.storage.read.front import HELD
from abaque.storage.read.invoices import paying
from abaque.storage.read.spans import Asked, folds, measure
from abaque.storage.sql.archiving import BY_NUMBER


@dataclass(frozen=True, slots=True)
class MeterDays:
    """A meter's usage in consecutive days: what each day added to the running total of the span.

    For a sum or a count that is the day's own usage; for a maximum or a level, by how much the day changed it;
    for distinct values, how many were new in the span. So the days always sum to the usage of the span.
    """

    meter_id: int
    days: tuple[Decimal, ...]
    not_billed: int

    @property
    def quantity(self) -> Decimal:
        return sum(self.days, Decimal(0))


@dataclass(frozen=True, slots=True)
class Counted:
    """A published meter, as stored."""

    id: int
    code: str
    aggregate: str
    definition: dict[str, object]


@dataclass(frozen=True, slots=True)
class Failure:
    """An event of the customer that is recorded and never billed."""

    source: str
    id: str
    type: str
    time: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice or credit note as its customer sees it in a list. Money in minor units."""

    id: str
    number: str
    kind: str
    state: str
    period_start: datetime
    period_end: datetime
    issue_date: date | None
    payment_due: date | None
    currency: str
    net: int
    gross: int
    owed: int
    credited: int
    held: bool
    has_document: bool

    def status(self, today: date) -> str:
        """Return the derived state: draft, held, or that of an issued document."""
        if self.state == "draft":
            return "held" if self.held else "draft"
        overdue = self.payment_due is not None and self.payment_due < today
        return paying(self.kind, self.gross, self.credited, self.owed, overdue=overdue)


def customer_of(public_id: str) -> Customer | None:
    """Return the customer a portal is open for, with its issuer."""
    return Customer.objects.select_related("issuer").filter(public_id=public_id).first()


def customer_number(public_id: str) -> int | None:
    """Return the internal id by which the meter says whose usage changed."""
    return Customer.objects.filter(public_id=public_id).values_list("id", flat=True).first()


def contact_email() -> str:
    """Return whom to ask for a new link, where there is only one issuer; else nothing, so as to name nobody."""
    found = Issuer.objects.values_list("email", flat=True)[:2]
    return str(found[0]) if len(found) == 1 else ""


def meters(codes: Sequence[str], customer_id: int, span: tuple[datetime, datetime]) -> list[Counted]:
    """Return the meters the customer's plans name, and any other that counted for it in the span."""
    found = hot.rows(
        """
        SELECT id, code, aggregate, definition FROM meter m
        WHERE code = ANY (%(codes)s) OR EXISTS (
            SELECT FROM usage u WHERE u.customer_id = %(customer)s AND u.meter_id = m.id
               AND u.slot >= %(start)s AND u.slot < %(end)s)
        ORDER BY coalesce(array_position(%(codes)s, code), 1000000), code
        """,
        {"codes": list(codes), "customer": customer_id, "start": span[0], "end": span[1]},
    )
    return [Counted(id_, code, aggregate, _plain(definition)) for id_, code, aggregate, definition in found]


def by_day(counted: Sequence[Counted], customer_id: int, bounds: Sequence[datetime]) -> dict[int, MeterDays]:
    """Return the usage of each meter in the days between the bounds: n + 1 bounds make n days."""
    count = len(bounds) - 1
    values = {"customer": customer_id, "meters": [m.id for m in counted], "bounds": list(bounds)}
    values |= {"start": bounds[0], "end": bounds[-1]}
    days = {m.id: [Decimal(0)] * count for m in counted}
    failed = dict.fromkeys(days, 0)
    peaks = {m.id for m in counted if m.aggregate == "max"}
    distinct = {m.id for m in counted if m.aggregate == "unique"}
    for meter_id, number, total, peak, not_billed in hot.rows(_DAYS, values):
        failed[meter_id] += int(not_billed)
        if meter_id not in distinct:
            days[meter_id][number - 1] = Decimal((peak if meter_id in peaks else total) or 0)
    for meter_id, number, new in hot.rows(_NEW_VALUES, values) if distinct else ():
        days[meter_id][number - 1] = Decimal(new)
    simple = folds([m.id for m in counted])
    for meter_id in (m.id for m in counted if not simple[m.id] or m.aggregate == "min"):
        so_far = measure([Asked(meter_id, customer_id, bounds[0], end) for end in bounds[1:]])
        running = [Decimal(0), *(one.quantity for one in so_far)]
        days[meter_id] = [after - before for before, after in pairwise(running)]
    for meter_id in peaks & {id_ for id_, adds in simple.items() if adds}:
        days[meter_id] = _rises(days[meter_id])
    return {m.id: MeterDays(m.id, tuple(days[m.id]), failed[m.id]) for m in counted}


def certainty(counted: Sequence[Counted], customer_id: int, start: datetime, end: datetime) -> str:
    """Return how sure the usage of the span is: `provisional`, `consistent` or `verified`.

    Each is the least sure of its hours; a span in which nothing was counted is provisional.
    """
    consistent, verified = hot.rows(
        """
        SELECT bool_and(h.consistent), bool_and(h.verified) FROM (
            SELECT DISTINCT meter_id, abaque_hour(slot) AS hour FROM usage
            WHERE customer_id = %(customer)s AND meter_id = ANY (%(meters)s) AND slot >= %(start)s AND slot < %(end)s
        ) u CROSS JOIN LATERAL (
            SELECT coalesce(bool_and(consistent_at IS NOT NULL), false) AS consistent,
                   coalesce(bool_and(verified_at IS NOT NULL), false) AS verified
            FROM hour WHERE hour.meter_id = u.meter_id AND hour.hour = u.hour
        ) h
        """,
        {"customer": customer_id, "meters": [m.id for m in counted], "start": start, "end": end},
    )[0]
    return "verified" if verified else "consistent" if consistent else "provisional"


def failures(customer_id: int, start: datetime, end: datetime, limit: int = 50) -> list[Failure]:
    """Return the newest events of the span that failed and are not billed."""
    failed = hot.rows(
        """
        SELECT DISTINCT seq, time FROM fate
        WHERE customer_id = %(customer)s AND reason = 'failure' AND time >= %(start)s AND time < %(end)s
        ORDER BY time DESC, seq LIMIT %(limit)s
        """,
        {"customer": customer_id, "start": start, "end": end, "limit": limit},
    )
    found = hot.rows(
        f"SELECT source, id, type, time, 'failure' FROM ({BY_NUMBER}) e ORDER BY time DESC, source, id",
        archived.numbered(failed),
    )
    return [Failure(*row) for row in found]


def failures_count(customer_id: int, start: datetime, end: datetime) -> int:
    """Return how many events of the span failed and are not billed by any meter."""
    found = hot.rows(
        """
        SELECT count(DISTINCT seq) FROM fate
        WHERE customer_id = %(customer)s AND reason = 'failure' AND time >= %(start)s AND time < %(end)s
        """,
        {"customer": customer_id, "start": start, "end": end},
    )
    return int(found[0][0])


def bills(customer_id: int, limit: int = 60) -> list[Bill]:
    """Return the customer's issued invoices, newest first, and drafts that are being verified."""
    found = hot.rows(
        f"""
        SELECT i.public_id, coalesce(i.number, ''), i.kind, i.state, i.period_start, i.period_end, i.issue_date,
               i.payment_due, i.currency, i.net, i.gross,
               (SELECT coalesce(sum(p.amount), 0) FROM entry n JOIN posting p ON p.entry_id = n.id
                WHERE n.invoice_id = i.id AND p.account LIKE 'receivable:%%'),
               (SELECT coalesce(sum(k.gross), 0) FROM invoice k WHERE k.corrects_id = i.id AND k.state = 'issued'),
               {HELD},
               EXISTS (SELECT FROM document d WHERE d.invoice_id = i.id)
        FROM invoice i JOIN customer c ON c.id = i.customer_id
        WHERE i.customer_id = %(customer)s AND i.state IN ('draft', 'issued')
        ORDER BY i.period_start DESC, i.id DESC LIMIT %(limit)s
        """,
        {"customer": customer_id, "limit": limit},
    )
    return [Bill(*row) for row in found]


def owner_of(invoice: str) -> str | None:
    """Return the public id of the customer an invoice belongs to."""
    found = hot.rows(
        "SELECT c.public_id FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE i.public_id = %s",
        [invoice],
    )
    return str(found[0][0]) if found else None


_DAYS = """
SELECT meter_id, width_bucket(slot, %(bounds)s::timestamptz[]) AS number, sum(quantity), max(quantity),
       sum(not_billable)
FROM usage
WHERE customer_id = %(customer)s AND meter_id = ANY (%(meters)s) AND slot >= %(start)s AND slot < %(end)s
GROUP BY 1, 2 ORDER BY 1, 2
"""

_NEW_VALUES = """
SELECT meter_id, width_bucket(first, %(bounds)s::timestamptz[]) AS number, count(*) FROM (
    SELECT meter_id, min(slot) AS first FROM unique_value
    WHERE customer_id = %(customer)s AND meter_id = ANY (%(meters)s) AND slot >= %(start)s AND slot < %(end)s
    GROUP BY meter_id, grp, value
) value GROUP BY 1, 2
"""


def _rises(peaks: Sequence[Decimal]) -> list[Decimal]:
    """Turn each day's maximum into what it added to the maximum of the span."""
    rises, top = [], Decimal(0)
    for peak in peaks:
        rises.append(max(peak - top, Decimal(0)))
        top = max(top, peak)
    return rises


def _plain(stored: object) -> dict[str, object]:
    """Return a JSON object. Django's cursor hands it over as text; its numbers never become floats."""
    return dict(json.loads(str(stored), parse_float=Decimal))
