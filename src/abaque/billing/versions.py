"""Meter versions: a changed meter is proposed, filled over the raw events, then adopted or discarded.

A candidate counts all that comes, as the version that stands does, so that it is in step when it is adopted.
"""

from dataclasses import dataclass
from datetime import datetime

from abaque.billing.apply_catalogue import ApplyCatalogue, preview, publish_meter, touches_no_amount
from abaque.billing.meter import alone
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.catalogue import ChangeKind
from abaque.storage import archived, hot
from abaque.storage.models import ControlTotal, Meter, Recount
from abaque.storage.sql.judging import keeps_marks


@dataclass(frozen=True, slots=True)
class ProposeMeters:
    """A catalogue file; of what it changes, only the published meters are looked at."""

    text: str
    name: str = "catalogue.yaml"


@dataclass(frozen=True, slots=True)
class AdoptMeter:
    """`version`: public id of a candidate."""

    version: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DiscardMeter:
    """`version`: public id of a candidate."""

    version: str
    reason: str = ""


def propose_meters(command: ProposeMeters, *, now: datetime, by: Actor) -> Result:
    """Make a candidate of each published meter that the file changes, and let it count what was metered before.

    Archived months do not change any more: of these it takes over what the version that stands counted. Refused
    `nothing_to_propose`, `candidate_exists`, `meter_archived` where it would count those in another shape, and what
    `apply_catalogue` refuses of a file.
    """
    catalogue, changes = preview(ApplyCatalogue(command.text, command.name))
    changed = [
        change.code
        for change in changes
        if change.kind is ChangeKind.CHANGED_PUBLISHED
        and change.what == "meter"
        and not touches_no_amount(change)
    ]
    if not changed:
        raise Refused("nothing_to_propose")
    made = []
    for code in changed:
        pk = publish_meter(catalogue.meters[code], now=now, standing=Meter.Standing.CANDIDATE)
        Recount.objects.create(meters=[pk], asked_at=now)
        made.append(Meter.versions.get(pk=pk))
        _take_over(Meter.objects.get(code=code), made[-1])
    return {
        "candidates": [{"id": one.public_id, "code": one.code, "version": one.version} for one in made],
        "subject": ", ".join(f"meter:{one.code}" for one in made),
        "proposed_by": str(by),
    }


def _take_over(old: Meter, new: Meter) -> None:
    until = archived.until()
    for table, moment, columns in _COUNTED:
        asked = {"old": old.pk, "new": new.pk, "until": until}
        if hot.run(_TAKE_OVER.format(table=table, moment=moment, columns=columns), asked):
            shapes = [
                (one.aggregate, keeps_marks(one.definition), one.definition["group_by"]) for one in (old, new)
            ]
            if shapes[0] != shapes[1]:
                raise Refused("meter_archived", meter=old.code, until=f"{until:%Y-%m-%d}")


_COUNTED = (
    ("usage", "slot", "customer_id, slot, grp, events, quantity, not_billable"),
    ("unique_value", "slot", "customer_id, slot, grp, value"),
    ("operation", "time", "customer_id, operation, time, source, id, seq, slot, grp, quantity"),
    ("mark", "time", "customer_id, time, received_at, seq, source, id, grp, quantity, value"),
)
_TAKE_OVER = """
INSERT INTO {table} (meter_id, {columns})
SELECT %(new)s, {columns} FROM {table} WHERE meter_id = %(old)s AND {moment} < %(until)s
"""


def adopt_meter(command: AdoptMeter, *, now: datetime, by: Actor) -> Result:
    """Let a candidate stand in its predecessor's place, in one transaction; its hours are sealed anew.

    Refused `unknown_candidate`, `still_filling` while it has not counted all that was metered before it.
    """
    candidate = _candidate(command.version)
    alone()
    if still_filling(candidate):
        raise Refused("still_filling", meter=candidate.code, version=candidate.version)
    old = Meter.objects.get(code=candidate.code)
    Meter.objects.filter(pk=old.pk).update(standing=Meter.Standing.RETIRED)
    promised = candidate.totals_since and (old.totals_since or candidate.totals_since)
    Meter.versions.filter(pk=candidate.pk).update(standing=Meter.Standing.STANDING, totals_since=promised)
    # What waited for a cause to be mended waits in the new version, too, and is counted there alone.
    hot.run("DELETE FROM fate WHERE meter_id = %s AND fate = 'quarantined'", [old.pk])
    _state_again(old, candidate, now)
    hot.run(_RECORDED, {"types": sorted({*old.event_types} ^ {*candidate.event_types})})
    return {
        "code": candidate.code,
        "version": candidate.version,
        "replaced": old.version,
        "subject": f"meter:{candidate.code}",
        "adopted_by": str(by),
    }


def discard_meter(command: DiscardMeter, *, now: datetime, by: Actor) -> Result:
    """Give a candidate up; what it counted is removed within seconds, in chunks. Refused `unknown_candidate`."""
    candidate = _candidate(command.version)
    alone()
    Meter.versions.filter(pk=candidate.pk).update(standing=Meter.Standing.DISCARDED)
    Recount.objects.filter(meters=[candidate.pk], done_at=None).update(done_at=now)
    Recount.objects.create(meters=[candidate.pk], asked_at=now)
    standing = Meter.objects.get(code=candidate.code)
    hot.run(_RECORDED, {"types": sorted({*candidate.event_types} - {*standing.event_types})})
    return {
        "code": candidate.code,
        "version": candidate.version,
        "subject": f"meter:{candidate.code}",
        "discarded_by": str(by),
    }


def still_filling(candidate: Meter) -> bool:
    """Whether a version has not yet counted all that was metered before it was known."""
    return Recount.objects.filter(meters__contains=[candidate.pk], done_at=None).exists()


def _candidate(version: str) -> Meter:
    """Return a candidate, after whoever just counts for it, and before whoever would begin to."""
    found = Meter.versions.filter(public_id=version, standing=Meter.Standing.CANDIDATE).first()
    if found is None:
        raise Refused("unknown_candidate", version=version)
    list(Recount.objects.select_for_update().filter(meters__contains=[found.pk], done_at=None))
    candidate = (
        Meter.versions.select_for_update().filter(pk=found.pk, standing=Meter.Standing.CANDIDATE).first()
    )
    if candidate is None:
        raise Refused("unknown_candidate", version=version)
    return candidate


def _state_again(old: Meter, new: Meter, now: datetime) -> None:
    """What the product stated of a meter, it stated of whichever version stands."""
    standing = list(ControlTotal.objects.select_for_update().filter(meter=old, replaced_at=None))
    ControlTotal.objects.filter(pk__in=[one.pk for one in standing]).update(replaced_at=now)
    ControlTotal.objects.bulk_create(
        ControlTotal(
            meter=new,
            customer_id=one.customer_id,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            quantity=one.quantity,
            tolerance=one.tolerance,
            stated_at=one.stated_at,
        )
        for one in standing
    )


# Which of some types nobody counts now, with all that came of them.
_RECORDED = """
WITH counted AS (
    DELETE FROM recorded_type WHERE type = ANY (%(types)s) AND type IN (SELECT unnest(event_types) FROM meter)
)
INSERT INTO recorded_type (type, events, first_time, last_time)
SELECT e.type, count(*), min(e.time), max(e.time) FROM event e
JOIN intake i ON i.id = e.seq >> 20 AND i.metered_at IS NOT NULL
WHERE e.type = ANY (%(types)s) AND e.type NOT IN (SELECT unnest(event_types) FROM meter) AND e.amends IS NULL
GROUP BY e.type ORDER BY e.type
ON CONFLICT (type) DO UPDATE SET events = excluded.events, first_time = excluded.first_time,
    last_time = excluded.last_time
"""
