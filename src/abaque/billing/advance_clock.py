"""Advance a test folder's clock. Metering and due work are drained first, by the caller."""

from dataclasses import dataclass
from datetime import datetime

from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.storage.models import Clock


@dataclass(frozen=True, slots=True)
class AdvanceClock:
    to: datetime


def advance_clock(command: AdvanceClock, *, now: datetime, by: Actor) -> Result:
    """Refused `not_a_test_folder`, `clock_runs_forward`."""
    clock = Clock.objects.select_for_update().first()
    if clock is None or not clock.test:
        raise Refused("not_a_test_folder")
    if command.to < now:
        raise Refused("clock_runs_forward", now=now, to=command.to)
    clock.offset += command.to - now
    clock.save(update_fields=["offset"])
    return {"subject": "clock", "from": now.isoformat(), "to": command.to.isoformat(), "advanced_by": str(by)}
