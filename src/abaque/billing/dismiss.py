"""Set quarantined events aside for good, with a reason; take that back."""

from dataclasses import dataclass
from datetime import datetime

from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.storage import hot
from abaque.storage.models import Recount
from abaque.storage.read.quarantine import AT_ONCE, Which, dismissed_numbers, picked


@dataclass(frozen=True, slots=True)
class DismissEvents:
    which: Which
    reason: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Events by source and id that were dismissed."""

    events: tuple[tuple[str, str], ...]
    reason: str


def dismiss_events(command: DismissEvents, *, now: datetime, by: Actor) -> Result:
    """Up to 5,000 at once; `more` says that there are others. Refused `reason_needed`.

    They stay found and shown, and no mended cause counts them. A meter that is made later judges them anew.
    """
    if not command.reason.strip():
        raise Refused("reason_needed")
    found = picked(command.which)
    seqs = [one.seq for one in found[:AT_ONCE]]
    hot.run(
        "INSERT INTO dismissal (seq, reason, by, at) SELECT seq, %s, %s, %s FROM unnest(%s::bigint[]) AS n(seq)"
        " ORDER BY seq ON CONFLICT DO NOTHING",
        [command.reason.strip(), str(by), now, seqs],
    )
    return {"subject": "quarantine", "events": seqs, "count": len(seqs), "more": len(found) > AT_ONCE}


def take_back(command: TakeBack, *, now: datetime, by: Actor) -> Result:
    """What was dismissed is quarantined again, and judged again now. Refused `reason_needed`."""
    if not command.reason.strip():
        raise Refused("reason_needed")
    seqs = dismissed_numbers(command.events)
    hot.run("DELETE FROM dismissal WHERE seq = ANY (%s)", [seqs])
    if seqs:
        Recount.objects.create(seqs=seqs, asked_at=now)
    return {"subject": "quarantine", "events": seqs, "count": len(seqs), "more": False, "by": str(by)}
