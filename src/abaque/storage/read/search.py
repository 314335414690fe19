"""One box for everything: customers, invoices, events."""

from dataclasses import dataclass
from datetime import datetime

from abaque.storage import hot
from abaque.storage.read.customers_page import literal


@dataclass(frozen=True, slots=True)
class Found:
    """`noun`: customer, invoice or event; `id` leads to it (an event's is its source and id)."""

    noun: str
    id: tuple[str, ...]
    title: str
    detail: str
    at: datetime | None
    exact: bool


def search(text: str, limit: int = 20) -> list[Found]:
    """Return what the text names: parts of names; numbers and ids from their beginning.

    `exact` says that the text is the whole number, VAT number or id, so that a unique one can be opened at once.
    """
    text = text.strip().replace("\x00", "")
    if not text:
        return []
    compact = "".join(character for character in text if character not in " .-").upper()
    values = {
        "text": text,
        "part": f"%{literal(text)}%",
        "start": f"{literal(text)}%",
        "compact": compact,
        "compact_start": f"{literal(compact)}%",
        "limit": limit,
    }
    return [*_customers(values), *_invoices(values), *_events(values)]


def _customers(values: dict[str, object]) -> list[Found]:
    found = hot.rows(
        """
        SELECT public_id, coalesce(nullif(legal_name, ''), external_id), external_id, vat_number,
               %(text)s IN (public_id, external_id) OR (vat_number <> '' AND vat_number = %(compact)s)
               OR lower(legal_name) = lower(%(text)s)
        FROM customer
        WHERE legal_name ILIKE %(part)s OR external_id ILIKE %(start)s OR public_id = %(text)s
           OR vat_number LIKE %(compact_start)s AND vat_number <> ''
           OR company_number LIKE %(compact_start)s AND company_number <> ''
        ORDER BY 5 DESC, 2, id LIMIT %(limit)s
        """,
        values,
    )
    return [
        Found("customer", (id_,), name, " · ".join(filter(None, (number, vat))), None, exact)
        for id_, name, number, vat, exact in found
    ]


def _invoices(values: dict[str, object]) -> list[Found]:
    found = hot.rows(
        """
        SELECT i.public_id, coalesce(i.number, i.public_id), coalesce(nullif(c.legal_name, ''), c.external_id),
               i.issued_at, %(text)s IN (i.public_id, i.number)
        FROM invoice i JOIN customer c ON c.id = i.customer_id
        WHERE i.number ILIKE %(start)s OR i.public_id = %(text)s
        ORDER BY 5 DESC, i.id DESC LIMIT %(limit)s
        """,
        values,
    )
    return [
        Found("invoice", (id_,), number, customer, at, bool(exact))
        for id_, number, customer, at, exact in found
    ]


def _events(values: dict[str, object]) -> list[Found]:
    # The index begins with the source; PostgreSQL 18 skips from source to source, and these are few.
    found = hot.rows(
        """
        SELECT y.source, y.id, coalesce(e.type, ''), y.time
        FROM (SELECT * FROM identity WHERE id = %(text)s ORDER BY time DESC, source LIMIT %(limit)s) y
        LEFT JOIN event e ON e.seq = y.seq AND e.time = y.time  -- an archived one is found by its identity
        ORDER BY y.time DESC, y.source
        """,
        values,
    )
    return [
        Found("event", (source, id_), id_, " · ".join(filter(None, (type_, source))), at, True)
        for source, id_, type_, at in found
    ]
