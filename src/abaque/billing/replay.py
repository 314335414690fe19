"""Judge quarantined events again, now."""

from dataclasses import dataclass
from datetime import datetime

from abaque.billing.permissions import Actor
from abaque.billing.runner import Result
from abaque.storage.models import Recount
from abaque.storage.read.quarantine import AT_ONCE, Which, picked


@dataclass(frozen=True, slots=True)
class ReplayEvents:
    which: Which


def replay_events(command: ReplayEvents, *, now: datetime, by: Actor) -> Result:
    """Ask the meter to look again, at up to 5,000 at once; `more` says that there are others.

    Whoever is still without what it needs stays quarantined; asking twice counts nothing twice.
    """
    found = picked(command.which)
    seqs = [one.seq for one in found[:AT_ONCE]]
    if seqs:
        Recount.objects.create(seqs=seqs, asked_at=now)
    return {
        "subject": "quarantine",
        "events": seqs,
        "count": len(seqs),
        "more": len(found) > AT_ONCE,
        "by": str(by),
    }
