"""Make a key for a machine. It is shown once, stored hashed, and never enters the audit trail."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result, perform
from abaque.storage.models import ApiKey

SCOPES = ("events:write", "usage:write", "customers:write", "catalogue:write", "billing:write", "read")
_PREFIX_LENGTH = 8


@dataclass(frozen=True, slots=True)
class CreateKey:
    """`hash` is the sha256 of the key, `prefix` what people recognise it by; `sources` None: any source."""

    name: str
    scopes: tuple[str, ...]
    sources: tuple[str, ...] | None
    prefix: str
    hash: bytes


def create_key(command: CreateKey, *, now: datetime, by: Actor) -> Result:
    """Store a key. Refused `unknown_scope`, `name_needed`."""
    unknown = [scope for scope in command.scopes if scope not in SCOPES]
    if unknown or not command.scopes:
        raise Refused("unknown_scope", scopes=unknown, known=SCOPES)
    if not command.name.strip():
        raise Refused("name_needed")
    key = ApiKey.objects.create(
        name=command.name.strip(),
        prefix=command.prefix,
        hash=command.hash,
        scopes=list(command.scopes),
        sources=None if command.sources is None else list(command.sources),
        created_at=now,
    )
    return {
        "id": key.public_id,
        "prefix": key.prefix,
        "name": key.name,
        "subject": key.public_id,
        "made_by": str(by),
    }


def new_key(
    name: str,
    scopes: tuple[str, ...] = ("events:write",),
    sources: tuple[str, ...] | None = None,
    *,
    now: datetime,
    by: Actor,
    key: str | None = None,
) -> dict[str, Any]:
    """Make a key of 256 random bits and return it with its id: the only time it can be seen."""
    secret = f"ab_{secrets.token_urlsafe(32)}"
    command = CreateKey(name, scopes, sources, secret[:_PREFIX_LENGTH], hash_of(secret))
    return {**perform(create_key, command, now=now, by=by, key=key), "key": secret}


def hash_of(secret: str) -> bytes:
    """Return what is stored of a key. High entropy needs no slow hash; look-up is by unique index."""
    return hashlib.sha256(secret.encode()).digest()
