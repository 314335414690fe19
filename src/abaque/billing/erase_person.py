"""Erase a person: what their events said goes for ever, what these counted for stays.

Only the owner's role may change events, so this is done by whoever has its password, at the command line. What
an invoice says is kept, as the law demands, and so are the identities of events: a repeat of an erased event is
still a duplicate. Ids of events must therefore not name a person.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import F

from abaque.billing import meter, seal
from abaque.billing.archive import Rewritten, alone_in_archive, put_in_force, rewrite
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result, input_hash, perform
from abaque.ports.event_archive import ArchivedEvent, EventArchive
from abaque.storage import archived, hot
from abaque.storage.grants import keeps_facts
from abaque.storage.models import Alias, Customer, Invoice
from abaque.storage.read.fates import Numbers, counted_by, published
from abaque.storage.read.person import subjects_of
from abaque.storage.sql import erasing as sql


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """`person`: the subject of events, or a customer's external or public id.

    `files`: the archived months with events of theirs, written anew without what these said.
    """

    person: str
    reason: str
    files: tuple[Rewritten, ...] = ()


def erase(command: ErasePerson, archive: EventArchive, *, now: datetime, by: Actor) -> Result:
    """Erase a person from the archive, too: files first, then all at once. Refused as `erase_person`."""
    with alone_in_archive(archive):
        _, subjects = subjects_of(command.person)
        gone = {event.seq: month for event, month in archived.of_subjects(subjects)}
        files = [
            rewrite(month, archive, partial(_without, gone))
            for month in sorted(set(gone.values()), key=_when)
        ]
        return perform(erase_person, replace(command, files=tuple(files)), now=now, by=by)


def erase_person(command: ErasePerson, *, now: datetime, by: Actor) -> Result:
    """Erase a person's events; of a customer also the contacts and, without any invoice, who it is.

    Refused `missing_reason`; `owner_role_needed` for the application's role; `unknown_person`; `not_metered` while
    something of theirs still waits, which the next seconds mend; `month_changed` where archived events of theirs
    are not those that the new files are without.
    """
    _ = now, by
    if not command.reason.strip():
        raise Refused("missing_reason")
    if keeps_facts():
        raise Refused("owner_role_needed")
    # Nobody meters or seals meanwhile.
    hot.lock(meter.LOCK)
    hot.lock(seal.LOCK)
    customer, subjects = subjects_of(command.person)
    away = archived.of_subjects(subjects)
    months = {month.starts_at.date() for _, month in away}
    if wrong := months ^ {file.month for file in command.files}:
        raise Refused("month_changed", month=f"{min(wrong):%Y-%m}")
    numbers = [(seq, time) for seq, time in hot.rows(sql.OF_SUBJECTS, {"subjects": subjects})]
    numbers += [(event.seq, event.time) for event, _ in away]
    if customer is None and not numbers:
        raise Refused("unknown_person", person=command.person)
    put_in_force(command.files)
    _erase_events(numbers, away, action=input_hash(command))
    conflicts = hot.run(sql.FORGET_CONFLICTS, {"subjects": subjects, "seqs": [seq for seq, _ in numbers]})
    Alias.objects.filter(subject__in=subjects).exclude(subject=F("customer__external_id")).delete()
    kept = _forget_customer(customer) if customer is not None else ""
    pseudonym = hot.rows("SELECT abaque_pseudonym(%s, %s)", [command.person, settings.HASHING_KEY])[0][0]
    return {"subject": pseudonym, "events": len(numbers), "conflicts": conflicts, "kept": kept}


def _when(month: archived.ArchivedMonth) -> datetime:
    return month.starts_at


def _without(gone: Collection[int], event: ArchivedEvent) -> ArchivedEvent:
    return event.left("abaque.erased") if event.seq in gone else event


def _erase_events(numbers: Numbers, away: archived.Found, *, action: bytes) -> None:
    """Erase the texts and salts of events; leaves, times, quantities and keyed hashes of their words stay.

    `numbers`: of each event its number and time; all must be metered. `away`: the archived ones of them, as they
    were. `action`: the input hash of the action in whose transaction this happens: without its row, verifying says
    that texts are missing. Refused `not_metered`.
    """
    if not numbers:
        return
    seqs, times = [seq for seq, _ in numbers], [time for _, time in numbers]
    stand = published()
    asked: dict[str, Any] = {
        "seqs": seqs,
        "times": times,
        "archived": archived.handed_over(away),
        "stand": [one.id for one in stand],
        "key": settings.HASHING_KEY,
        "action": action,
    }
    if hot.rows(sql.WAITING, asked)[0][0]:
        raise Refused("not_metered")
    counted = {one.id: one for _, month in away for one in counted_by(month)} | {one.id: one for one in stand}
    meters = [counted[number] for number in sorted(counted)]
    hot.run(sql.KEEP_LEAVES, asked)
    hot.run(sql.keep_shares(meters), asked)
    for statement in (*sql.drop_salts(sql.ASKED_FOR), *sql.FORGET):
        hot.run(statement, asked)
    unique = [one for one in meters if one.definition["aggregate"] == "unique"]
    others = hot.rows(sql.OTHERS, asked | {"unique": [one.id for one in unique]}) if unique else []
    asked["archived"] = archived.handed_over(archived.find(others))
    for one in unique:
        hot.run(sql.forget_members(one), asked)


def _forget_customer(customer: Customer) -> str:
    """Forget what a customer's row says of a person. Returns why it is kept, if it is."""
    customer.contacts = []
    fields = ["contacts"]
    kept = Invoice.objects.filter(customer=customer).exists()
    if not kept:
        for field in ("legal_name", "street", "postcode", "city", "vat_number", "company_number", "email"):
            setattr(customer, field, "")
            fields.append(field)
    customer.save(update_fields=fields)
    return "invoices" if kept else ""
