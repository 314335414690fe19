"""Invite a member of staff by a one-time link on which a first password is set."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result, perform
from abaque.storage.models import Invitation, User

GOOD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invite:
    email: str
    role: str
    hash: bytes
    expires_at: datetime


def invite(command: Invite, *, now: datetime, by: Actor) -> Result:
    """Refused `bad_email`, `unknown_role`. An invited person who exists gets a new link and the role."""
    try:
        validate_email(command.email)
    except ValidationError:
        raise Refused("bad_email", email=command.email) from None
    if command.role not in User.Role.values:
        raise Refused("unknown_role", role=command.role, known=tuple(User.Role.values))
    user = User.objects.filter(email__iexact=command.email).first()
    if user is None:
        user = User.objects.create_user(command.email)
    user.role = command.role
    user.save(update_fields=["role"])
    Invitation.objects.create(hash=command.hash, user=user, expires_at=command.expires_at)
    return {"subject": f"staff:{user.email}", "role": user.role, "at": now.isoformat(), "invited_by": str(by)}


def new_invitation(email: str, role: str, *, now: datetime, by: Actor) -> str:
    """Return a one-time link, good for seven days of real time."""
    token = secrets.token_urlsafe(32)
    command = Invite(email, role, hashlib.sha256(token.encode()).digest(), datetime.now(UTC) + GOOD_FOR)
    perform(invite, command, now=now, by=by)
    return f"{settings.PUBLIC_URL}/welcome/{token}"


def invited(token: str) -> Invitation:
    """Return the open invitation of a link. Refused `link_expired` (used, expired or unknown)."""
    digest = hashlib.sha256(token.encode()).digest()
    found = (
        Invitation.objects.select_related("user")
        .filter(hash=digest, used_at=None, expires_at__gt=datetime.now(UTC))
        .first()
    )
    if found is None:
        raise Refused("link_expired")
    return found


def redeem(token: str, password: str) -> User:
    """Set the invited person's password and use the link up. Refused `link_expired`, `weak_password`."""
    with transaction.atomic():
        found = invited(token)
        Invitation.objects.select_for_update().get(pk=found.pk, used_at=None)
        try:
            validate_password(password, found.user)
        except ValidationError as error:
            raise Refused("weak_password", why=" ".join(error.messages)) from None
        found.user.set_password(password)
        found.user.save(update_fields=["password"])
        found.used_at = datetime.now(UTC)
        found.save(update_fields=["used_at"])
    return found.user
