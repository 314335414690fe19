"""/v1/invoices: amounts are whole minor units of `currency`.

A credit note is an invoice that `corrects` another, by its external id; its amounts are given back.
"""

import json
import secrets
import sqlite3
from collections.abc import Mapping

from abaque.sandbox.platform import customers, faults, fields
from abaque.sandbox.platform.faults import Fault, Kind
from abaque.sandbox.platform.reply import invalid, missing
from abaque.sandbox.platform.store import canonical

_FIELDS = (
    "external_id",
    "number",
    "customer",
    "currency",
    "net",
    "tax",
    "total",
    "lines",
    "issue_date",
    "due_date",
    "corrects",
    "metadata",
)
_CURRENCY_LETTERS = 3


def create(db: sqlite3.Connection, body: object, now: float) -> tuple[dict[str, object], Fault | None]:
    """Keep an invoice, or do with it what a fault orders; the answer always looks as if all went well.

    The second value is the fault that met it. Refusals (422): `unknown_customer`, `totals_disagree`.
    """
    sent = _checked(db, body)
    external_id = str(sent["external_id"])
    fault = faults.strike_invoice(db, external_id)
    kind = fault.kind if fault else None
    answer = {**sent, "id": _new_id(), "status": "open", "created": int(now)}
    if kind is Kind.LOSE:
        return answer, fault
    kept = dict(sent)
    if fault and kind is Kind.ALTER:
        kept |= {"net": int(str(sent["net"])) + fault.by, "total": int(str(sent["total"])) + fault.by}
    seconds = fault.seconds if fault and kind is Kind.DELAY else 0
    _keep(db, str(answer["id"]), kept, now, now + seconds)
    if kind is Kind.DOUBLE:
        _keep(db, _new_id(), kept, now, now)
    return answer, fault


def get(db: sqlite3.Connection, key: str, now: float) -> dict[str, object]:
    """Read one invoice by platform id; a delayed one does not exist yet."""
    row = db.execute("SELECT * FROM invoice WHERE id = ? AND visible_at <= ?", (key, now)).fetchone()
    if row is None:
        raise missing("invoice", key)
    return _public(row)


def page(
    db: sqlite3.Connection,
    *,
    limit: int,
    after: str | None,
    external_id: str | None,
    customer: str | None,
    now: float,
) -> dict[str, object]:
    """List invoices in the order they were received, after the platform id `after`.

    A delayed invoice takes its old place when it appears, so only a walk from the start surely sees it.
    """
    start = 0
    if after is not None:
        row = db.execute("SELECT seq FROM invoice WHERE id = ?", (after,)).fetchone()
        if row is None:
            raise missing("invoice", after)
        start = row["seq"]
    owner = None if customer is None else customers.find(db, customer) or ""
    rows = db.execute(
        """
        SELECT * FROM invoice
        WHERE seq > :start AND visible_at <= :now
          AND (:external_id IS NULL OR external_id = :external_id)
          AND (:owner IS NULL OR customer = :owner)
        ORDER BY seq LIMIT :limit
        """,
        {"start": start, "now": now, "external_id": external_id, "owner": owner, "limit": limit + 1},
    ).fetchall()
    return customers.cursor_page([_public(row) for row in rows], limit)


def void(db: sqlite3.Connection, key: str, now: float) -> dict[str, object]:
    """Take an invoice out of force; voiding a void one changes nothing."""
    get(db, key, now)
    db.execute("UPDATE invoice SET status = 'void' WHERE id = ?", (key,))
    return get(db, key, now)


def _checked(db: sqlite3.Connection, body: object) -> dict[str, object]:
    sent = fields.an_object(body)
    fields.only(sent, _FIELDS)
    for name in ("external_id", "number", "customer", "currency"):
        fields.text(sent, name)
    currency = str(sent["currency"])
    if len(currency) != _CURRENCY_LETTERS or not currency.isalpha():
        raise invalid("currency", "Three letters of ISO 4217.")
    net, tax, total = (fields.minor_units(sent, name) for name in ("net", "tax", "total"))
    if net + tax != total:
        raise invalid("total", f"{net} net and {tax} tax do not make {total}.", "totals_disagree")
    amounts = sum(_line_amount(line) for line in _lines(sent))
    if amounts != net:
        raise invalid("lines", f"The lines sum to {amounts}, not to {net} net.", "totals_disagree")
    if not isinstance(sent.get("corrects", ""), str):
        raise invalid("corrects", "The external id of the invoice that is corrected.")
    customer = customers.find(db, str(sent["customer"]))
    if customer is None:
        raise invalid("customer", f"There is no customer {sent['customer']!r}.", "unknown_customer")
    return {**sent, "customer": customer}


def _lines(sent: Mapping[str, object]) -> list[object]:
    lines = sent.get("lines")
    if not isinstance(lines, list) or not lines:
        raise invalid("lines", "At least one line is needed.")
    return lines


def _line_amount(line: object) -> int:
    sent = fields.an_object(line)
    fields.text(sent, "description")
    return fields.minor_units(sent, "amount")


def _keep(
    db: sqlite3.Connection, key: str, sent: Mapping[str, object], now: float, visible_at: float
) -> None:
    db.execute(
        "INSERT INTO invoice (id, external_id, customer, status, body, created, visible_at)"
        " VALUES (?, ?, ?, 'open', ?, ?, ?)",
        (key, sent["external_id"], sent["customer"], canonical(sent), now, visible_at),
    )


def _new_id() -> str:
    return f"inv_{secrets.token_hex(8)}"


def _public(row: sqlite3.Row) -> dict[str, object]:
    return {
        **json.loads(row["body"]),
        "id": row["id"],
        "status": row["status"],
        "created": int(row["created"]),
    }
