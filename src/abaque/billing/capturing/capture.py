"""Capture: what was sent becomes durable, once, and each event gets its verdict.

The one place below the runner's rule: the door writes no `action` row, since the identity of an event
is its idempotency and `intake` is its trail.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.rows import namedtuple_row

import abaque.storage
from abaque.billing.capturing.bodies import Body, elements_of, inspect

FAR_FUTURE = timedelta(hours=1)
_SQL = (Path(abaque.storage.__file__).parent / "sql" / "capture.sql").read_text(encoding="utf-8")

Word = Literal["accepted", "duplicate", "conflict", "rejected"]


class Unauthorized(Exception):  # noqa: N818  # named after HTTP's own word
    """The key is unknown, revoked, or may not write events."""


class _NeedsInspection(Exception):  # noqa: N818  # not an error: the careful path is asked for
    pass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one sent event; `warning` tells of an accepted one that is not counted yet."""

    index: int
    id: str | None
    verdict: Word
    reason: str | None = None
    warning: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The secrets and the moment a capture needs."""

    now: datetime
    key_hash: bytes | None
    hashing_key: bytes
    # An importer's id is made of the whole line, so the id stands for the content, however it is written.
    id_is_content: bool = False

    @property
    def seed(self) -> int:
        """A 64-bit secret: the content hash only tells a repeat from a changed repeat."""
        return int.from_bytes(hashlib.sha256(b"content" + self.hashing_key).digest()[:8], "big", signed=True)


@dataclass(slots=True)
class Intake:
    """The verdicts of one body."""

    verdicts: list[Verdict] = field(default_factory=list)

    def count(self, verdict: Word) -> int:
        return sum(1 for v in self.verdicts if v.verdict == verdict)


class Capturer:
    """Captures bodies on one connection. Not to be shared between threads."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def capture(self, body: Body, sent: Sent) -> Intake:
        return capture(self.connection, body, sent)


def capture(connection: psycopg.Connection[Any], body: Body, sent: Sent) -> Intake:
    """Store a body's events. When this returns they are committed (unless in an outer transaction).

    Raises `Unauthorized`, or `BadBody` where nothing of the body can be read.
    """
    if not body.inspect:
        try:
            return Intake(
                _statement(
                    connection,
                    body.array,
                    len(body.lines) if body.lines is not None else None,
                    sent,
                    inspected=False,
                )
            )
        except (_NeedsInspection, psycopg.DataError, psycopg.errors.StatementTooComplex):
            pass
    return _carefully(connection, body, sent)


def _carefully(connection: psycopg.Connection[Any], body: Body, sent: Sent) -> Intake:
    """Look at each event by itself in Python, and send the good ones again."""
    elements = elements_of(body)
    reasons = [inspect(element) for element in elements]
    good = [index for index, reason in enumerate(reasons) if reason is None]
    try:
        stored = _good_ones(connection, [elements[index] for index in good], sent)
    except (psycopg.DataError, psycopg.errors.StatementTooComplex):
        stored = [_alone(connection, elements[index], sent) for index in good]
    by_place = dict(zip(good, stored, strict=True))
    for index, reason in enumerate(reasons):
        if reason == "too_deep":  # for Python; the database reaches deeper, and says what it says of it alone
            verdict = _deep(connection, elements[index], sent)
            if verdict is not None:
                by_place[index] = verdict
    rejected = sum(1 for index in range(len(reasons)) if index not in by_place)
    if rejected:
        _note_rejected(connection, rejected, sent)
    return Intake(
        [
            _moved(by_place[index], index) if index in by_place else Verdict(index, None, "rejected", reason)
            for index, reason in enumerate(reasons)
        ]
    )


def _good_ones(connection: psycopg.Connection[Any], elements: Sequence[str], sent: Sent) -> list[Verdict]:
    return _statement(connection, f"[{','.join(elements)}]", len(elements), sent, inspected=True)


def _alone(connection: psycopg.Connection[Any], element: str, sent: Sent) -> Verdict:
    try:
        return _good_ones(connection, [element], sent)[0]
    except psycopg.errors.StatementTooComplex:
        return Verdict(0, None, "rejected", "too_deep")
    except psycopg.DataError:
        return Verdict(0, None, "rejected", "bad_character")


def _deep(connection: psycopg.Connection[Any], element: str, sent: Sent) -> Verdict | None:
    try:
        return _statement(connection, f"[{element}]", 1, sent, inspected=False)[0]
    except (_NeedsInspection, psycopg.DataError, psycopg.errors.StatementTooComplex):
        return None


def _moved(verdict: Verdict, index: int) -> Verdict:
    return Verdict(index, verdict.id, verdict.verdict, verdict.reason, verdict.warning, verdict.type)


def _statement(
    connection: psycopg.Connection[Any],
    array: str,
    elements: int | None,
    sent: Sent,
    *,
    inspected: bool,
) -> list[Verdict]:
    """Store an array in one transaction of one statement, and a second one for what stood already."""
    parameters = {
        "body": array,
        "now": sent.now,
        "far": sent.now + FAR_FUTURE,
        "key_hash": sent.key_hash,
        "seed": sent.seed,
        "pseudonym_key": sent.hashing_key,
        "inspected": inspected,
        "id_is_content": sent.id_is_content,
    }
    with connection.transaction(), connection.cursor(row_factory=namedtuple_row) as cursor:
        # The planner cannot know how many events a body holds, and would compare each with each.
        cursor.execute("SET LOCAL enable_nestloop = off")
        stored: list[Any] = cursor.execute(_SQL, parameters).fetchall()
        if not stored:
            _why_nothing(connection, array, sent, inspected=inspected)
        if any(row.reason == "inspect" for row in stored) or (
            elements is not None and len(stored) != elements
        ):
            raise _NeedsInspection
        standing = _compare(
            connection, [row for row in stored if row.reason is None and not row.accepted], sent
        )
    return [_verdict(row, standing) for row in stored]


def _why_nothing(connection: psycopg.Connection[Any], array: str, sent: Sent, *, inspected: bool) -> None:
    """No row came back: the key is not good, or the array is empty, or is to be looked at."""
    known = connection.execute(
        "SELECT 1 FROM api_key WHERE hash = %s AND revoked_at IS NULL AND 'events:write' = ANY (scopes)",
        [sent.key_hash],
    ).fetchone()
    if sent.key_hash is not None and known is None:
        raise Unauthorized
    if not inspected and array.strip("[] \t\r\n"):
        raise _NeedsInspection


def _compare(connection: psycopg.Connection[Any], rows: Sequence[Any], sent: Sent) -> dict[int, bool]:
    """Tell repeats from conflicts in a second statement: a concurrent twin is invisible to the first."""
    if not rows:
        return {}
    standing = dict(
        connection.execute(
            "SELECT v.index, i.content_hash = v.hash"
            " FROM unnest(%s::int[], %s::text[], %s::text[], %s::bigint[]) AS v(index, source, id, hash)"
            " JOIN identity i ON i.source = v.source AND i.id = v.id",
            [
                [r.index for r in rows],
                [r.source for r in rows],
                [r.id for r in rows],
                [r.content_hash for r in rows],
            ],
        ).fetchall()
    )
    conflicts = [row for row in rows if not standing[row.index]]
    intake = rows[0].intake_id
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO conflict (source, id, intake_id, received_at, event) VALUES (%s, %s, %s, %s, %s::jsonb)",
            [(r.source, r.id, intake, sent.now, r.event) for r in conflicts],
        )
        cursor.execute(
            "UPDATE intake SET duplicate = %s, conflict = %s WHERE id = %s",
            [len(rows) - len(conflicts), len(conflicts), intake],
        )
    return standing


def _note_rejected(connection: psycopg.Connection[Any], rejected: int, sent: Sent) -> None:
    """Count what Python rejected too, so that the sums of the door are whole."""
    connection.execute(
        "INSERT INTO intake (received_at, accepted, rejected, metered_at) VALUES (%s, 0, %s, %s)",
        [sent.now, rejected, sent.now],
    )


def _verdict(row: Any, standing: dict[int, bool]) -> Verdict:
    index = row.index - 1
    if row.reason is not None:
        return Verdict(index, row.id, "rejected", row.reason)
    if row.accepted:
        return Verdict(index, row.id, "accepted", warning=row.warning, type=row.type)
    return Verdict(index, row.id, "duplicate" if standing[row.index] else "conflict")
