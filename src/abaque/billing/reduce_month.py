"""Reduce: what the events of an archived month said goes when its term is over; their leaves, and all figures, stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from abaque.billing import meter, seal
from abaque.billing.archive import Rewritten, alone_in_archive, put_in_force, rewrite
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result, input_hash, perform
from abaque.ports.event_archive import ArchivedEvent, EventArchive
from abaque.storage import archived, hot
from abaque.storage.grants import keeps_facts
from abaque.storage.read.fates import counted_by
from abaque.storage.sql import archiving, erasing


@dataclass(frozen=True, slots=True)
class ReduceMonth:
    """`file`: the month written anew, with nothing but leaves."""

    file: Rewritten


def over(before: date) -> list[archived.ArchivedMonth]:
    """Return the archived months before another that are not reduced yet."""
    return [one for one in archived.months() if not one.reduced and one.starts_at.date() < before]


def reduce_months(
    before: date, archive: EventArchive, *, now: datetime, by: Actor
) -> Iterator[tuple[archived.ArchivedMonth, Result]]:
    """Reduce the archived months before another, one after the other. Raises `ArchiveError`."""
    with alone_in_archive(archive):
        for month in over(before):
            file = rewrite(month, archive, _leaf_of)
            yield month, perform(reduce_month, ReduceMonth(file), now=now, by=by)


def reduce_month(command: ReduceMonth, *, now: datetime, by: Actor) -> Result:
    """Put a month's reduced file in force, and take its salts away, so that no leaf can be guessed at.

    Of values that are counted once each, keyed hashes stay. Refused `owner_role_needed`, `month_changed`.
    """
    _ = now, by
    if keeps_facts():
        raise Refused("owner_role_needed")
    hot.lock(meter.LOCK)
    hot.lock(seal.LOCK)
    said = f"{command.file.month:%Y-%m}"
    month = next((one for one in archived.months() if one.starts_at.date() == command.file.month), None)
    if month is None or month.reduced:
        raise Refused("month_changed", month=said)
    unique = [one for one in counted_by(month) if one.definition["aggregate"] == "unique"]
    with archived.recalled(month):
        if unique:
            asked = {"stand": list(month.meters), "key": settings.HASHING_KEY}
            hot.run(erasing.keep_shares(unique, erasing.OF_RECALLED), asked)
        for statement in erasing.drop_salts("recalled"):
            hot.run(statement)
    put_in_force([command.file])
    hot.run(archiving.REDUCED, {"start": month.starts_at, "action": input_hash(command)})
    return {"subject": said, "path": command.file.path, "events": command.file.rows}


def _leaf_of(event: ArchivedEvent) -> ArchivedEvent:
    return event if event.salt is None else event.left("abaque.reduced")
