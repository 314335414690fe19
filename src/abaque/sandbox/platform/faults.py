"""What the platform has been told to get wrong, kept in its books like everything else."""

import json
import secrets
import sqlite3
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from abaque.sandbox.platform.reply import invalid
from abaque.sandbox.platform.store import canonical


class Kind(StrEnum):
    """What goes wrong. The first five touch a pushed invoice, the last two any request."""

    LOSE = "lose"  # answered 200, not kept
    DOUBLE = "double"  # kept twice, under two platform ids
    DELAY = "delay"  # kept, but nobody sees it before `seconds` have passed
    ALTER = "alter"  # kept with net and total changed by `by` minor units; the answer shows what was sent
    FAIL_AFTER_STORING = "fail_after_storing"  # kept, answered 500
    THROTTLE = "throttle"  # 429 with Retry-After: `seconds`
    DOWN = "down"  # 503, or with `drop` the connection is closed without an answer


OF_INVOICES = frozenset({Kind.LOSE, Kind.DOUBLE, Kind.DELAY, Kind.ALTER, Kind.FAIL_AFTER_STORING})


@dataclass(frozen=True, slots=True)
class Fault:
    """One order to go wrong: the next `left` times, or for the external ids still in `external_ids`.

    With neither, `down` holds until it is deleted. `touched` lists the external ids it has met.
    """

    id: str
    kind: Kind
    left: int | None = None
    external_ids: tuple[str, ...] = ()
    seconds: int = 1
    by: int = 1
    drop: bool = False
    touched: tuple[str, ...] = field(default=())


def parse(body: object) -> Fault:
    """Read an order as sent to POST /faults; a Refusal 422 names the field that cannot be taken."""
    if not isinstance(body, dict):
        raise invalid("body", "Send an object with at least a kind.")
    known = {"kind", "n", "external_ids", "seconds", "by", "drop"}
    for name in sorted(set(body) - known):
        raise invalid(name, f"Unknown field; known are {', '.join(sorted(known))}.")
    if body.get("kind") not in list(Kind):
        raise invalid("kind", f"One of {', '.join(Kind)}.")
    kind = Kind(body["kind"])
    ids = body.get("external_ids", [])
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise invalid("external_ids", "A list of texts.")
    if ids and kind not in OF_INVOICES:
        raise invalid("external_ids", f"{kind} touches every request, not single invoices.")
    drop = body.get("drop", False)
    if not isinstance(drop, bool):
        raise invalid("drop", "true or false.")
    endless = bool(ids) or kind is Kind.DOWN
    return Fault(
        id=f"fault_{secrets.token_hex(8)}",
        kind=kind,
        left=_whole(body, "n", None if endless else 1, least=1),
        external_ids=tuple(ids),
        seconds=_whole(body, "seconds", 1, least=0) or 0,
        by=_whole(body, "by", 1, least=None) or 0,
        drop=drop,
    )


def add(db: sqlite3.Connection, fault: Fault) -> None:
    db.execute("INSERT INTO fault (id, body) VALUES (?, ?)", (fault.id, canonical(asdict(fault))))


def standing(db: sqlite3.Connection) -> list[Fault]:
    """Every order not deleted, oldest first, the used-up ones too."""
    return [_load(row["body"]) for row in db.execute("SELECT body FROM fault ORDER BY seq")]


def remove(db: sqlite3.Connection, key: str | None = None) -> int:
    """Delete one order, or all; how many there were."""
    if key is None:
        return db.execute("DELETE FROM fault").rowcount
    return db.execute("DELETE FROM fault WHERE id = ?", (key,)).rowcount


def strike_request(db: sqlite3.Connection) -> Fault | None:
    """Find the throttle or outage that meets this request, if any; use up one of its times."""
    for fault in standing(db):
        if fault.kind not in OF_INVOICES and fault.left != 0:
            _use(db, fault, None)
            return fault
    return None


def strike_invoice(db: sqlite3.Connection, external_id: str) -> Fault | None:
    """Find the one fault that meets this invoice, the oldest with times left, and use up one of them.

    Two never meet one invoice, so that «lose 3, double 1» touches exactly four.
    """
    for fault in standing(db):
        if fault.kind not in OF_INVOICES or fault.left == 0:
            continue
        # an order by name meets each name once, so that what is pushed again to mend it stays
        by_name = external_id in fault.external_ids and external_id not in fault.touched
        if by_name or not fault.external_ids:
            _use(db, fault, external_id)
            return fault
    return None


def public(fault: Fault) -> dict[str, object]:
    """Show the order as GET /faults does."""
    return {**asdict(fault), "kind": str(fault.kind)}


def _use(db: sqlite3.Connection, fault: Fault, external_id: str | None) -> None:
    used = replace(
        fault,
        left=None if fault.left is None else fault.left - 1,
        touched=fault.touched if external_id is None else (*fault.touched, external_id),
    )
    db.execute("UPDATE fault SET body = ? WHERE id = ?", (canonical(asdict(used)), fault.id))


def _load(text: str) -> Fault:
    raw = json.loads(text)
    return Fault(
        **{
            **raw,
            "kind": Kind(raw["kind"]),
            "external_ids": tuple(raw["external_ids"]),
            "touched": tuple(raw["touched"]),
        }
    )


def _whole(body: dict[str, object], name: str, absent: int | None, *, least: int | None) -> int | None:
    value = body.get(name, absent)
    if value is absent:
        return absent
    if not isinstance(value, int) or isinstance(value, bool) or (least is not None and value < least):
        raise invalid(name, "A whole number." if least is None else f"A whole number of at least {least}.")
    return value
