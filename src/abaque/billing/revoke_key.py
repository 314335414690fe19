"""Revoke a key. The door looks at the table with each request, so it ends at once."""

from dataclasses import dataclass
from datetime import datetime

from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.storage.models import ApiKey


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """`key`: its public id, or the prefix it is recognised by where only one has it."""

    key: str


def revoke_key(command: RevokeKey, *, now: datetime, by: Actor) -> Result:
    """Refused `unknown_key`, `key_ambiguous`. Revoking twice changes nothing."""
    found = list(ApiKey.objects.filter(public_id=command.key)) or list(
        ApiKey.objects.filter(prefix=command.key)
    )
    if not found:
        raise Refused("unknown_key", key=command.key)
    if len(found) > 1:
        raise Refused("key_ambiguous", key=command.key)
    key = found[0]
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
    return {"id": key.public_id, "subject": key.public_id, "revoked_by": str(by)}
