"""Capture: what was sent becomes durable, once, and each event gets its verdict.

The one place below the runner's rule: the door writes no `action` row, since the identity of an event
is its idempotency and `intake` is its trail.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.rows import namedtuple_row

import abaque.storage
from abaque.billing.capturing.bodies import Body, elements_of, inspect
from abaque.billing.capturing.columns import columns_of
from abaque.storage.sql.judging import Definition, judging, text, value_fault

FAR_FUTURE = timedelta(hours=1)
_SQL = Path(abaque.storage.__file__).parent / "sql"

Word = Literal["accepted", "duplicate", "conflict", "rejected"]
VERDICTS: tuple[Word, ...] = ("accepted", "duplicate", "conflict", "rejected")


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
    """The secrets and the moment a capture needs; whether a verdict is wanted of every event."""

    now: datetime | None  # None: the folder's clock
    key_hash: bytes | None
    hashing_key: bytes
    # An importer's id is made of the whole line, so the id stands for the content, however it is written.
    id_is_content: bool = False
    every: bool = False

    @property
    def seed(self) -> int:
        """A 64-bit secret: the content hash only tells a repeat from a changed repeat."""
        return int.from_bytes(hashlib.sha256(b"content" + self.hashing_key).digest()[:8], "big", signed=True)


@dataclass(slots=True)
class Intake:
    """What became of one body: how many events it held, and the verdicts of those not plainly accepted.

    `verdicts` holds every event's where every one was asked for.
    """

    sent: int = 0
    accepted: int = 0
    verdicts: list[Verdict] = field(default_factory=list)

    def count(self, verdict: Word) -> int:
        if verdict == "accepted":
            return self.accepted
        return sum(1 for v in self.verdicts if v.verdict == verdict)


def capture(connection: psycopg.Connection[Any], body: Body, sent: Sent) -> Intake:
    """Store a body's events. When this returns they are committed (unless in an outer transaction).

    Raises `Unauthorized`, or `BadBody` where nothing of the body can be read.
    """
    if not body.inspect:
        try:
            return _with_care(connection, body.array, body.elements, sent)
        except (_NeedsInspection, psycopg.DataError, psycopg.errors.StatementTooComplex):
            pass
    return _carefully(connection, body, sent)


def capture_hopefully(connection: psycopg.Connection[Any], body: Body, sent: Sent) -> Intake:
    """Do what `capture` does, in one round trip where all is new and sound, and else once more with care.

    The connection is in no transaction, and was set up by `prepare`.
    """
    if not body.inspect and _luck.holds() and (columns := columns_of(body.array)) is not None:
        try:
            return _with_hope(connection, columns, sent)
        except (psycopg.errors.UniqueViolation, psycopg.DataError):
            _luck.ends()
        except psycopg.errors.StatementTooComplex:
            pass
    return capture(connection, body, sent)


def _carefully(connection: psycopg.Connection[Any], body: Body, sent: Sent) -> Intake:
    """Look at each event by itself in Python, and send the good ones again."""
    elements = elements_of(body)
    reasons = [inspect(element) for element in elements]
    good = [index for index, reason in enumerate(reasons) if reason is None]
    try:
        stored = _listed(_good_ones(connection, [elements[index] for index in good], sent))
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
    verdicts = [
        replace(by_place[index], index=index)
        if index in by_place
        else Verdict(index, None, "rejected", reason)
        for index, reason in enumerate(reasons)
    ]
    return Intake(len(verdicts), sum(1 for v in verdicts if v.verdict == "accepted"), verdicts)


def _listed(intake: Intake) -> list[Verdict]:
    """Return the verdict of every event of an intake for which every one was asked."""
    assert len(intake.verdicts) == intake.sent
    return intake.verdicts


def _good_ones(connection: psycopg.Connection[Any], elements: Sequence[str], sent: Sent) -> Intake:
    if not elements:
        return Intake()
    everyone = replace(sent, every=True)
    return _with_care(connection, f"[{','.join(elements)}]", len(elements), everyone, inspected=True)


def _alone(connection: psycopg.Connection[Any], element: str, sent: Sent) -> Verdict:
    try:
        return _good_ones(connection, [element], sent).verdicts[0]
    except psycopg.errors.StatementTooComplex:
        return Verdict(0, None, "rejected", "too_deep")
    except psycopg.DataError:
        return Verdict(0, None, "rejected", "bad_character")


def _deep(connection: psycopg.Connection[Any], element: str, sent: Sent) -> Verdict | None:
    everyone = replace(sent, every=True)
    try:
        return _with_care(connection, f"[{element}]", 1, everyone).verdicts[0]
    except (_NeedsInspection, psycopg.DataError, psycopg.errors.StatementTooComplex):
        return None


def _with_care(
    connection: psycopg.Connection[Any],
    array: str,
    elements: int | None,
    sent: Sent,
    *,
    inspected: bool = False,
) -> Intake:
    """Store an array in one statement; a second one of the same transaction looks at what stood already."""
    asked = {
        "body": array,
        # As text, like all whole numbers here: by its size the driver would choose another type, and prepare anew.
        "elements": None if elements is None else str(elements),
        "inspected": inspected,
        "id_is_content": sent.id_is_content,
    }
    with connection.transaction():
        written = _written(connection)
        head, rows = _run(connection, written.careful, {**asked, "meters": written.meters}, sent)
        if not head.sent and not inspected and array.translate(_NO_BLANKS) != "[]":
            raise _NeedsInspection
        stood = [row for row in rows if row.reason is None and not row.accepted]
        standing = _compare(connection, head, array, stood)
    return Intake(head.sent, head.taken, [_verdict(row, standing) for row in rows])


def _with_hope(connection: psycopg.Connection[Any], columns: Mapping[str, str | None], sent: Sent) -> Intake:
    """Store columns in one statement, which fails where anything is not as it mostly is."""
    written = _newest or _written(connection)
    head, rows = _run(connection, written.hopeful, {**columns, "meters": written.meters}, sent)
    return Intake(head.sent, head.taken, [_verdict(row, {}) for row in rows])


def _run(
    connection: psycopg.Connection[Any], statement: "_Statement", asked: Mapping[str, Any], sent: Sent
) -> tuple[Any, list[Any]]:
    """Run the door's statement. Returns what it says of the body, and of its events in their order."""
    parameters = {
        "now": sent.now,
        "far": FAR_FUTURE,
        "key_hash": sent.key_hash,
        "seed": str(sent.seed),
        "pseudonym_key": sent.hashing_key,
        "every": sent.every,
        **asked,
    }
    cursor = psycopg.RawCursor(connection, row_factory=namedtuple_row)
    values = [parameters[name] for name in statement.parameters]
    found: list[Any] = cursor.execute(statement.text, values, prepare=True).fetchall()
    if not found:
        raise Unauthorized
    return found[0], sorted(found[1:], key=lambda row: row.index)


def _compare(
    connection: psycopg.Connection[Any], head: Any, array: str, rows: Sequence[Any]
) -> dict[int, bool]:
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
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO conflict (source, id, intake_id, received_at, event) VALUES (%s, %s, %s, %s, %s::jsonb -> %s)",
            [(r.source, r.id, head.intake, head.now, array, r.index) for r in conflicts],
        )
        cursor.execute(
            "UPDATE intake SET duplicate = %s, conflict = %s WHERE id = %s",
            [len(rows) - len(conflicts), len(conflicts), head.intake],
        )
    return standing


def _note_rejected(connection: psycopg.Connection[Any], rejected: int, sent: Sent) -> None:
    """Count what Python rejected too, so that the sums of the door are whole."""
    connection.execute(
        "INSERT INTO intake (received_at, accepted, rejected, metered_at)"
        " SELECT moment, 0, %s, moment FROM coalesce(%s, abaque_now()) AS moment",
        [rejected, sent.now],
    )


def _verdict(row: Any, standing: dict[int, bool]) -> Verdict:
    index = row.index
    if row.reason is not None:
        return Verdict(index, row.id, "rejected", row.reason)
    if row.accepted:
        return Verdict(index, row.id, "accepted", warning=row.warning, type=row.type)
    return Verdict(index, row.id, "duplicate" if standing[row.index] else "conflict")


# Planned once per connection, not once per request; and the planner, who cannot know how many events a body
# holds, would else compare each with each.
_SETTINGS = {"plan_cache_mode": "force_generic_plan", "enable_nestloop": "off"}


def prepare(connection: psycopg.Connection[Any]) -> None:
    """Set a connection up for nothing but `capture_hopefully`."""
    for name, value in _SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])


_PUBLISHED = (
    "SELECT string_agg(id::text, ',' ORDER BY id), "
    + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in _SETTINGS.items())
    + " FROM meter"
)
_CAREFUL = {
    "judged": (_SQL / "capture_json.sql").read_text(encoding="utf-8"),
    "where_it_stands": "ON CONFLICT DO NOTHING RETURNING seq",
    "told": "MATERIALIZED (SELECT j.*, f.seq IS NOT NULL AS accepted FROM judged j LEFT JOIN fresh f USING (seq))",
}
_HOPEFUL = {
    "judged": (_SQL / "capture_columns.sql").read_text(encoding="utf-8"),
    "where_it_stands": "",
    "told": "(SELECT *, true AS accepted FROM judged)",
}


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement and the names of its parameters, in the order of their numbers.

    Numbered once, not at each request: the driver would read a statement of this length anew each time.
    """

    text: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """The door's statement in both its forms, with the warnings that some published meters give."""

    meters: str | None
    careful: _Statement
    hopeful: _Statement


_newest: _Written | None = None


def _written(connection: psycopg.Connection[Any]) -> _Written:
    """Return the statement as the meters that are published now want it; their settings hold for the transaction."""
    global _newest  # noqa: PLW0603  # one for the process: written again only where meters were published
    found = connection.execute(_PUBLISHED, prepare=True).fetchone()
    meters = found[0] if found else None
    if _newest is None or _newest.meters != meters:
        rows = connection.execute("SELECT definition::text FROM meter ORDER BY id").fetchall()
        warnings = _warnings([json.loads(row[0]) for row in rows])
        _newest = _Written(meters, _form(warnings, _CAREFUL), _form(warnings, _HOPEFUL))
    return _newest


def _form(warnings: str, parts: Mapping[str, str]) -> _Statement:
    text = (_SQL / "capture.sql").read_text(encoding="utf-8")
    for name, part in {"warnings": warnings, **parts}.items():
        text = text.replace(f"{{{name}}}", part)
    names = tuple(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
    for number, name in enumerate(names, 1):
        text = text.replace(f"%({name})s", f"${number}")
    return _Statement(text.replace("%%", "%"), names)


class _Luck:
    """Whether bodies are new and sound just now. Where one was not, the next ones are taken with care."""

    CAREFUL_ONES = 20

    def __init__(self) -> None:
        self._careful = 0

    def holds(self) -> bool:
        self._careful = max(0, self._careful - 1)
        return not self._careful

    def ends(self) -> None:
        self._careful = self.CAREFUL_ONES


_luck = _Luck()


def _warnings(meters: Sequence[Definition]) -> str:
    """Return what tells that no meter counts a type, or that a value a meter needs is missing or no number."""
    counted = sorted({one for meter in meters for one in meter["event_types"]})
    if not counted:
        return "WHEN true THEN 'recorded'"
    cases = [
        f"CASE WHEN j.type IN ({_texts(meter['event_types'])}) AND {fault} IS NOT NULL"
        f" THEN nullif(nullif({judging(meter, 'j.data').word}, 'failure'), 'filtered') END"
        for meter in meters
        if (fault := value_fault(meter, "j.data")) is not None
    ]
    values = f"ELSE coalesce({', '.join(cases)})" if cases else ""
    return (
        f"WHEN j.type NOT IN ({_texts(counted)}) THEN 'recorded'"
        f" WHEN {_UNKNOWN} THEN 'unknown_customer' {values}"
    )


_NO_BLANKS = str.maketrans("", "", " \t\r\n")
_UNKNOWN = """j.subject NOT IN (SELECT subject FROM known WHERE valid_from IS NULL AND valid_to IS NULL)
    AND NOT EXISTS (
        SELECT FROM known k WHERE k.subject = j.subject AND abaque_holds(k.valid_from, k.valid_to, j.time))"""


def _texts(values: Sequence[str]) -> str:
    return ", ".join(map(text, values))
