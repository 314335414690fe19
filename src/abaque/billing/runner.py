"""The one way a business action happens.

`perform(verb, command, now=…, by=…, key=…)` opens the transaction, asks who may, writes one row in
`action`, and returns the stored result when the key was seen before. Nobody commits below it.
"""

import dataclasses
import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from django.db import connection, transaction

from abaque.billing.permissions import Actor, allow
from abaque.core.fault import Fault
from abaque.storage.models import Action

Result = dict[str, Any]
C_contra = TypeVar("C_contra", contravariant=True)
C = TypeVar("C")


class Refused(Fault):
    """A verb's refusal that a person can act on: a code and what it speaks of."""


class Forbidden(Refused):
    def __init__(self, verb: str, by: Actor) -> None:
        super().__init__("forbidden", verb=verb, by=str(by))


class KeyReused(Refused):
    """The idempotency key was used before with other input (HTTP 409)."""

    def __init__(self, key: str) -> None:
        super().__init__("key_reused", key=key)


class Verb(Protocol[C_contra]):
    """A business action: `verb(command, now=…, by=…)` returns a JSON-able result.

    `subject` (whom it is about) and `reason` in the result are copied into the action row.
    """

    __name__: str

    def __call__(self, command: C_contra, *, now: datetime, by: Actor) -> Result: ...


def perform(verb: Verb[C], command: C, *, now: datetime, by: Actor, key: str | None = None) -> Result:
    """Run a verb once. The same key with the same input returns the stored result."""
    name = verb.__name__
    if not allow(by, name):
        raise Forbidden(name, by)
    digest = input_hash(command)
    with transaction.atomic():
        if key is not None:
            stored = _seen(name, f"{by}/{key}", digest)
            if stored is not None:
                return stored
        result = verb(command, now=now, by=by)
        Action.objects.create(
            verb=name,
            actor=str(by),
            key=f"{by}/{key}" if key is not None else uuid4().hex,
            input_hash=digest,
            subject=str(result.get("subject", "")),
            reason=str(getattr(command, "reason", "")),
            result=jsonable(result),
            at=now,
        )
    return result


def _seen(verb: str, key: str, digest: bytes) -> Result | None:
    """Return what this key gave before, if it was seen."""
    _one_at_a_time(verb, key)
    seen = Action.objects.filter(verb=verb, key=key).first()
    if seen is None:
        return None
    if bytes(seen.input_hash) != digest:
        raise KeyReused(key)
    return dict(seen.result)


def _one_at_a_time(verb: str, key: str) -> None:
    """Two requests with one key wait for each other, so that the second finds the first's result."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{verb}/{key}"])


def input_hash(command: object) -> bytes:
    """Return the sha256 of a command, for telling a repeat from a changed repeat."""
    return hashlib.sha256(json.dumps(jsonable(command), sort_keys=True).encode()).digest()


def jsonable(value: Any) -> Any:
    """Return plain JSON values: exact decimals as strings, instants as RFC 3339."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: jsonable(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(v) for v in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return value
