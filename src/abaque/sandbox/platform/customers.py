"""/v1/customers."""

import json
import secrets
import sqlite3
from http import HTTPStatus

from abaque.sandbox.platform import fields
from abaque.sandbox.platform.reply import Refusal, missing
from abaque.sandbox.platform.store import canonical

_FIELDS = ("external_id", "name", "email", "country", "vat_number", "currency", "metadata")


def create(db: sqlite3.Connection, body: object, now: float) -> dict[str, object]:
    """Keep a customer; a second one with the same external id is refused (409, `external_id_taken`)."""
    sent = fields.an_object(body)
    fields.only(sent, _FIELDS)
    external_id = fields.text(sent, "external_id")
    fields.text(sent, "name")
    key = f"cus_{secrets.token_hex(8)}"
    try:
        db.execute(
            "INSERT INTO customer (id, external_id, body, created) VALUES (?, ?, ?, ?)",
            (key, external_id, canonical(sent), now),
        )
    except sqlite3.IntegrityError:
        raise Refusal(
            HTTPStatus.CONFLICT,
            "external_id_taken",
            f"A customer {external_id!r} exists already.",
            param="external_id",
        ) from None
    return get(db, key)


def find(db: sqlite3.Connection, key: str) -> str | None:
    """Find the platform id of a customer named by its platform id or its external id."""
    row = db.execute(
        "SELECT id FROM customer WHERE id = ? UNION ALL SELECT id FROM customer WHERE external_id = ?",
        (key, key),
    ).fetchone()
    return None if row is None else str(row["id"])


def get(db: sqlite3.Connection, key: str) -> dict[str, object]:
    """One customer by platform id or external id."""
    found = find(db, key)
    if found is None:
        raise missing("customer", key)
    return _public(db.execute("SELECT * FROM customer WHERE id = ?", (found,)).fetchone())


def page(
    db: sqlite3.Connection, *, limit: int, after: str | None, external_id: str | None
) -> dict[str, object]:
    """List customers, oldest first, after the platform id `after`."""
    start = 0
    if after is not None:
        row = db.execute("SELECT seq FROM customer WHERE id = ?", (after,)).fetchone()
        if row is None:
            raise missing("customer", after)
        start = row["seq"]
    rows = db.execute(
        "SELECT * FROM customer WHERE seq > ? AND (? IS NULL OR external_id = ?) ORDER BY seq LIMIT ?",
        (start, external_id, external_id, limit + 1),
    ).fetchall()
    return cursor_page([_public(row) for row in rows], limit)


def cursor_page(rows: list[dict[str, object]], limit: int) -> dict[str, object]:
    """Make `{"data", "has_more", "next"}` from up to limit + 1 rows; `next` is the next page's `after`."""
    shown = rows[:limit]
    more = len(rows) > limit
    return {"data": shown, "has_more": more, "next": shown[-1]["id"] if more else None}


def _public(row: sqlite3.Row) -> dict[str, object]:
    return {**json.loads(row["body"]), "id": row["id"], "created": int(row["created"])}
