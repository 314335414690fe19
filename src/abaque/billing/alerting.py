"""Alerts: what a person must know, kept on a row and sent by mail by a job of its own."""

from datetime import datetime
from typing import Any

from abaque.billing.jobs import defer
from abaque.storage.models import Alert


def alert(kind: str, subject: str, facts: dict[str, Any], *, now: datetime) -> Alert:
    """Record an alert and queue its sending in the same transaction."""
    made = Alert.objects.create(kind=kind, subject=subject, facts=facts, at=now)
    defer("abaque.send_alert", alert=made.public_id)
    return made
