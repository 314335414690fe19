"""What differs between two sides, and what is held."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from abaque.storage import hot
from abaque.storage.read.front import NET

#: How a difference between totals and usage names what it is about.
_TOTAL = re.compile(r"\S+ (\d{4}-\d\d-\d\dT\d\d:\d\dZ)…(\d{4}-\d\d-\d\dT\d\d:\d\dZ)? .*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A typed difference with both sides; `impact` in minor units of `currency` ("" where no price is known).

    `invoice` is the public id of the invoice the subject names, if it names one; `total` has the names of the
    meter (its code under "") where it is a control total for the span from `total_start` to `total_end`.
    """

    id: str
    check: str
    kind: str
    subject: str
    invoice: str
    invoice_number: str
    customer: str
    customer_id: str
    zone: str
    currency: str
    impact: int
    ours: Mapping[str, Any] | None
    theirs: Mapping[str, Any] | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str
    closed_reason: str
    total: Mapping[str, str] | None = None
    total_start: datetime | None = None
    total_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A standing hold; `net` by currency in minor units is what waits because of it.

    `check`, `kind` and `subject` (an invoice's number, where it names one) are those of its finding, "" without.
    """

    id: str
    scope: str
    customer: str
    customer_id: str
    stops: tuple[str, ...]
    owner: str
    reason: str
    last_day: date
    raised_at: datetime
    finding: str
    check: str
    kind: str
    subject: str
    net: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PushLine:
    """An invoice on a platform. `finding`: the kind of an open difference; `compared`: whether it was looked at."""

    invoice: str
    connector: str
    platform_id: str
    acknowledged_at: datetime | None
    attempts: int
    failed: bool
    finding: str
    compared: bool

    @property
    def state(self) -> str:
        """Return what is known of it: see the page's words for it."""
        if self.acknowledged_at is None:
            return "failed" if self.failed else "waiting"
        kinds = {"differing": "differs", "stale": "differs", "disputed": "differs"}
        if self.finding:
            return kinds.get(self.finding, self.finding)
        return "confirmed" if self.compared else "pushed"


@dataclass(frozen=True, slots=True)
class Balance:
    """The state of all comparisons: open findings and their impact by currency, and when it was looked last."""

    open: int
    closed: int
    unknown: int
    impact: Mapping[str, int]
    last: datetime | None


def balance() -> Balance:
    """Return how many findings are open and closed, what they are worth, and when was compared last."""
    found = hot.rows(
        """
        SELECT currency, count(*) FILTER (WHERE closed_at IS NULL AND kind <> 'unknown'),
               count(*) FILTER (WHERE closed_at IS NOT NULL),
               count(*) FILTER (WHERE closed_at IS NULL AND kind = 'unknown'),
               coalesce(sum(impact) FILTER (WHERE closed_at IS NULL), 0)
        FROM finding GROUP BY 1 ORDER BY 1
        """
    )
    last = hot.rows("SELECT max(started_at) FROM comparison WHERE finished_at IS NOT NULL")[0][0]
    return Balance(
        sum(row[1] for row in found),
        sum(row[2] for row in found),
        sum(row[3] for row in found),
        {row[0]: int(row[4]) for row in found if row[0] and row[4]},
        last,
    )


def findings(state: str, *, offset: int, limit: int) -> list[FindingLine]:
    """Return findings of a state: `open`, `resolved`, or "" for all; open ones and large impacts first."""
    where = {"open": "f.closed_at IS NULL", "resolved": "f.closed_at IS NOT NULL"}.get(state, "true")
    return _findings(
        where,
        "ORDER BY f.closed_at DESC NULLS FIRST, f.impact DESC, f.id",
        {
            "offset": offset,
            "limit": limit,
        },
    )


def findings_of_invoice(invoice: str) -> list[FindingLine]:
    """Return the findings about one invoice (public id), newest first."""
    return _findings(
        "i.public_id = %(invoice)s",
        "ORDER BY f.id DESC",
        {
            "invoice": invoice,
            "offset": 0,
            "limit": 50,
        },
    )


def holds(where: str = "", subject: Sequence[str] = ()) -> list[HoldLine]:
    """Return standing holds: all, those without a finding (`by_hand`), or those on given scopes (`scopes`)."""
    narrowed = {"by_hand": "AND h.finding_id IS NULL", "scopes": "AND h.scope = ANY (%(scopes)s)"}.get(
        where, ""
    )
    found = hot.rows(
        f"""
        SELECT h.public_id, h.scope, coalesce(nullif(c.legal_name, ''), c.external_id, ''), coalesce(c.public_id, ''),
               h.stops, h.owner, h.reason, h.last_day, h.raised_at, coalesce(f.public_id, ''),
               coalesce(f.check_name, ''), coalesce(f.kind, ''),
               coalesce((SELECT n.number FROM invoice n WHERE n.public_id = split_part(f.subject, '/', 1)), ''),
               (SELECT coalesce(jsonb_object_agg(currency, net), '{{}}') FROM (
                    SELECT i.currency, sum({NET}) AS net FROM invoice i JOIN customer k ON k.id = i.customer_id
                    WHERE i.state = 'draft' AND (h.scope = 'everything' OR h.scope = 'customer:' || k.public_id
                                                 OR h.scope = 'invoice:' || i.public_id
                                                 OR h.scope IN (SELECT 'meter:' || l.meter FROM invoice_line l
                                                                WHERE l.invoice_id = i.id)) GROUP BY 1) waiting)
        FROM hold h LEFT JOIN customer c ON c.id = h.customer_id LEFT JOIN finding f ON f.id = h.finding_id
        WHERE h.released_at IS NULL {narrowed} ORDER BY h.id
        """,
        {"scopes": list(subject)},
    )
    return [
        HoldLine(
            *[
                *row[:4],
                tuple(json.loads(row[4])),
                *row[5:13],
                {code: int(net) for code, net in json.loads(row[13]).items()},
            ]
        )
        for row in found
    ]


def pushes(invoices: Sequence[str]) -> dict[str, PushLine]:
    """Return how invoices (public ids) stand on the platform they are pushed to, the first where there are several."""
    found = hot.rows(
        """
        SELECT i.public_id, p.connector, p.platform_id, p.acknowledged_at, p.attempts, p.last_error <> '',
               coalesce((SELECT f.kind FROM finding f WHERE f.closed_at IS NULL AND f.subject = i.public_id
                         AND f.check_name LIKE '%%' || p.connector ORDER BY f.id LIMIT 1), ''),
               EXISTS (SELECT FROM comparison k WHERE k.finished_at IS NOT NULL AND k.started_at >= p.acknowledged_at)
        FROM push p JOIN invoice i ON i.id = p.invoice_id
        WHERE i.public_id = ANY (%s) ORDER BY p.id DESC
        """,
        [list(invoices)],
    )
    return {row[0]: PushLine(*row) for row in found}


def _findings(where: str, order: str, parameters: dict[str, Any]) -> list[FindingLine]:
    found = hot.rows(
        f"""
        SELECT f.public_id, f.check_name, f.kind, f.subject, coalesce(i.public_id, ''), coalesce(i.number, ''),
               coalesce(nullif(c.legal_name, ''), c.external_id, ''), coalesce(c.public_id, ''),
               coalesce(c.zone, 'UTC'),
               f.currency, f.impact, f.ours, f.theirs, f.opened_at, f.closed_at, f.closed_by, f.closed_reason,
               CASE WHEN m.code IS NOT NULL
                    THEN jsonb_build_object('', m.code) || coalesce(nullif(m.definition -> 'names', 'null'), '{{}}') END
        FROM finding f LEFT JOIN customer c ON c.id = f.customer_id
        LEFT JOIN LATERAL (
            SELECT public_id, number FROM invoice i WHERE i.public_id = split_part(f.subject, '/', 1)
            ORDER BY i.id LIMIT 1
        ) i ON true
        LEFT JOIN meter m ON f.check_name = 'totals ↔ usage' AND m.code = split_part(f.subject, ' ', 1)
        WHERE {where} {order} OFFSET %(offset)s LIMIT %(limit)s
        """,
        parameters,
    )
    return [
        FindingLine(
            *[*row[:11], _side(row[11]), _side(row[12]), *row[13:17], _side(row[17])],
            *_span_of_total(row[3], _side(row[11])),
        )
        for row in found
    ]


def silences() -> list[FindingLine]:
    """Return who is silent now, the longest first."""
    return _findings(
        "f.closed_at IS NULL AND f.check_name = 'events ↔ habit'",
        "ORDER BY f.id",
        {"offset": 0, "limit": 100},
    )


def _span_of_total(
    subject: str, ours: Mapping[str, Any] | None
) -> tuple[datetime, datetime] | tuple[None, None]:
    """Return the span of a control total by its subject; a stretch of missing ones goes to when we last knew."""
    found = _TOTAL.fullmatch(subject)
    until = found and (found[2] or (ours or {}).get("as_of"))
    return (
        (datetime.fromisoformat(found[1]), datetime.fromisoformat(until)) if found and until else (None, None)
    )


def _side(text: object) -> Mapping[str, Any] | None:
    said = None if text is None else json.loads(str(text), parse_float=Decimal)
    return said if isinstance(said, dict) else None
