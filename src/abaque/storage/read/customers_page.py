"""The list of customers as finance reads it: plan, last invoice, what is overdue, what is held."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from abaque.storage import hot
from abaque.storage.models import Customer


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """Money in minor units of `currency`. `plan` has the names of the version the customer is on now, if any."""

    number: int
    id: str
    external_id: str
    name: str
    currency: str
    plan: Mapping[str, str]
    last_invoice: str
    last_gross: int | None
    overdue: int
    holds: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """How many holds stand on a customer, and how many issued invoices nothing was compared with."""

    holds: int
    invoices: int


def customers(
    query: str, today: date, now: datetime, *, offset: int, limit: int
) -> tuple[list[CustomerLine], int]:
    """Return a page of customers by name, and how many there are. `query`: part of a name, number, VAT number."""
    found = hot.rows(
        """
        SELECT c.id, c.public_id, c.external_id, coalesce(nullif(c.legal_name, ''), c.external_id), c.currency,
               coalesce((SELECT jsonb_build_object('', p.code)
                                || coalesce(nullif(v.definition -> 'names', 'null'), '{}')
                         FROM subscription s JOIN plan_version v ON v.id = s.plan_version_id
                         JOIN plan p ON p.id = v.plan_id
                         WHERE s.customer_id = c.id AND (s.ends_at IS NULL OR s.ends_at > %(now)s)
                         ORDER BY s.starts_at, s.id LIMIT 1), '{}'),
               coalesce(last.public_id, ''), last.gross,
               coalesce((SELECT sum(p.amount) FROM posting p JOIN entry e ON e.id = p.entry_id
                         JOIN invoice i ON i.id = e.invoice_id
                         WHERE p.customer_id = c.id AND p.account LIKE 'receivable:%%'
                           AND i.payment_due < %(today)s), 0),
               (SELECT count(*) FROM hold h WHERE h.customer_id = c.id AND h.released_at IS NULL),
               count(*) OVER ()
        FROM customer c LEFT JOIN LATERAL (
            SELECT public_id, gross FROM invoice i WHERE i.customer_id = c.id AND i.state = 'issued'
               AND i.kind <> 'credit_note'
            ORDER BY i.due_at DESC, i.id DESC LIMIT 1) last ON true
        WHERE %(query)s = '' OR c.legal_name ILIKE %(part)s OR c.external_id ILIKE %(part)s
           OR c.vat_number ILIKE %(part)s OR c.public_id = %(query)s
        ORDER BY lower(coalesce(nullif(c.legal_name, ''), c.external_id)), c.id
        OFFSET %(offset)s LIMIT %(limit)s
        """,
        {
            "query": query,
            "part": f"%{literal(query)}%",
            "today": today,
            "now": now,
            "offset": offset,
            "limit": limit,
        },
    )
    return [CustomerLine(*[*row[:5], json.loads(row[5]), *row[6:-1]]) for row in found], found[0][
        -1
    ] if found else 0


def records(numbers: list[int]) -> Mapping[int, Customer]:
    """Return the customers of a page by internal id."""
    return Customer.objects.select_related("issuer").in_bulk(numbers)


def record(public_id: str) -> Customer | None:
    """Return one customer with its issuer."""
    return Customer.objects.select_related("issuer").filter(public_id=public_id).first()


def zones(public_ids: Iterable[str]) -> dict[str, str]:
    """Return the billing zones of customers."""
    found = Customer.objects.filter(public_id__in=set(public_ids)).values_list("public_id", "zone")
    return dict(found)


def choices(limit: int = 200) -> list[tuple[str, str]]:
    """Return public ids and names of customers, to choose from."""
    found = hot.rows(
        """
        SELECT public_id, coalesce(nullif(legal_name, ''), external_id) FROM customer ORDER BY 2 LIMIT %s
        """,
        [limit],
    )
    return [(row[0], row[1]) for row in found]


def unmatched(customer: Customer) -> Unmatched:
    """Return what stands against calling the customer verified."""
    holds, invoices = hot.rows(
        """
        SELECT (SELECT count(*) FROM hold WHERE released_at IS NULL
                AND (customer_id = %(id)s OR scope = 'everything')),
               (SELECT count(*) FROM invoice i WHERE i.customer_id = %(id)s AND i.state = 'issued'
                AND NOT EXISTS (SELECT FROM comparison k WHERE k.finished_at IS NOT NULL
                                AND k.started_at >= i.issued_at))
        """,
        {"id": customer.pk},
    )[0]
    return Unmatched(int(holds), int(invoices))


def subjects(customer: Customer) -> list[str]:
    """Return the subjects whose events are the customer's."""
    return [
        row[0]
        for row in hot.rows("SELECT subject FROM alias WHERE customer_id = %s ORDER BY 1", [customer.pk])
    ]


def subscriptions(customer: Customer) -> Any:
    """Return the customer's subscriptions with their plan versions, oldest first."""
    return customer.subscription_set.select_related("plan_version__plan", "customer").order_by(
        "starts_at", "id"
    )


def literal(text: str) -> str:
    """Return a text as a literal part of a LIKE pattern."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
