"""Retain: how long each class of data is kept, how much of it is over, and its end, in chunks, by the owner only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from abaque.billing.archive import archive_months, months
from abaque.billing.permissions import Actor
from abaque.billing.reduce_month import over, reduce_months
from abaque.billing.runner import Refused, Result, perform
from abaque.ports.event_archive import EventArchive
from abaque.storage import hot
from abaque.storage.sql import retaining as sql

CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """Where a term is stated: the text, and since when it holds."""

    text: str
    since: date


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a class is kept, in months; None: for ever.

    `ends`: what then happens: `archived`, `reduced` to leaves, `erased`, or `kept` where nothing of it is ever erased
    here. `least`: no shorter term may be set. `source` states the term, or the principle it follows.
    """

    data_class: str
    months: int | None
    ends: str
    least: int = 1
    source: Source | None = None


_STORAGE = Source("RGPD art. 5-1-e", date(2018, 5, 25))
_CLAIMS = Source("C. com. art. L110-4", date(2008, 6, 19))
_BOOKS = Source("C. com. art. L123-22", date(2000, 9, 21))

#: The terms where nobody has set another. Claims between traders lapse after five years, books and their vouchers are
#: kept for ten; how long the rest is of use is a choice, made long rather than short.
RULES = (
    Rule("raw_events", 13, "archived", 2, _STORAGE),
    Rule("archived_events", 60, "reduced", 13, _CLAIMS),
    Rule("conflicts", 60, "erased", 2, _CLAIMS),
    Rule("alerts", 24, "erased", 1, _STORAGE),
    Rule("invitations", 12, "erased", 1, _STORAGE),
    Rule("sessions", 1, "erased", 1, _STORAGE),
    Rule("jobs", 3, "erased", 1, _STORAGE),
    Rule("identities_and_usage", None, "kept", 60, _CLAIMS),
    Rule("invoices_and_books", None, "kept", 120, _BOOKS),
    Rule("actions", None, "kept", 120, _BOOKS),
)


@dataclass(frozen=True, slots=True)
class Due:
    """A rule as it stands, and how much is over its time by now; `against`: what keeps how many months of it back."""

    rule: Rule
    over: int
    against: int = 0


@dataclass(frozen=True, slots=True)
class SetRetention:
    """Another term for a class, in months; None: for ever."""

    data_class: str
    months: int | None


@dataclass(frozen=True, slots=True)
class Retain:
    """Erase some of a class that is older than so many months."""

    data_class: str
    months: int


def rules() -> list[Rule]:
    """Return the rules as they stand: those that were set, the house's own for the rest."""
    stored: dict[str, int | None] = dict(hot.rows(sql.RULES))
    return [
        Rule(one.data_class, stored.get(one.data_class, one.months), one.ends, one.least, one.source)
        for one in RULES
    ]


def plan(*, now: datetime) -> list[Due]:
    """Return every class with how much of it is over its time. Of events: those of whole months."""
    return [_due(rule, now) for rule in rules()]


def set_retention(command: SetRetention, *, now: datetime, by: Actor) -> Result:
    """Set a term. Refused `unknown_data_class`, `retention_kept` (never erased here), `retention_short`."""
    rule = next((one for one in RULES if one.data_class == command.data_class), None)
    if rule is None:
        raise Refused("unknown_data_class", data_class=command.data_class)
    if rule.ends == "kept":
        raise Refused("retention_kept", data_class=command.data_class)
    if command.months is not None and command.months < rule.least:
        raise Refused("retention_short", data_class=command.data_class, least=rule.least)
    hot.run(sql.SET, {"data_class": command.data_class, "months": command.months, "now": now, "by": str(by)})
    return {"subject": command.data_class, "months": command.months}


def retain(command: Retain, *, now: datetime, by: Actor) -> Result:
    """Erase a chunk of what is over its time; `erased` says how much."""
    asked = {"months": command.months, "now": now, "limit": CHUNK}
    erased = hot.run(sql.erase(command.data_class), asked)
    return {"subject": command.data_class, "months": command.months, "erased": erased, "by": str(by)}


def retain_all(archive: EventArchive, *, now: datetime, by: Actor) -> Iterator[tuple[str, int]]:
    """Do what the rules say, class by class; gives each class with how much of it went. Repeats are safe."""
    for rule in rules():
        if rule.months is not None and rule.ends != "kept":
            yield rule.data_class, _end(rule, rule.months, archive, now=now, by=by)


def _end(rule: Rule, kept: int, archive: EventArchive, *, now: datetime, by: Actor) -> int:
    """End what a rule says is over; return how much."""
    match rule.ends:
        case "archived":
            found = months(_before(now, kept), now=now)
            return sum(month.events for month, _ in archive_months(found, archive, now=now, by=by))
        case "reduced":
            done = reduce_months(_before(now, kept), archive, now=now, by=by)
            return sum(month.file.rows for month, _ in done)
        case _:
            gone, command = 0, Retain(rule.data_class, kept)
            while hot.rows(sql.count(rule.data_class), {"months": kept, "now": now})[0][0]:
                gone += perform(retain, command, now=now, by=by)["erased"]
            return gone


def report() -> list[tuple[str, int, datetime, datetime]]:
    """Return what was erased so far: class, how much, first and last time."""
    return [(subject, int(erased), first, last) for subject, erased, first, last in hot.rows(sql.REPORT)]


def _due(rule: Rule, now: datetime) -> Due:
    if rule.months is None or rule.ends == "kept":
        return Due(rule, 0)
    if rule.ends == "archived":
        found = months(_before(now, rule.months), now=now)
        return Due(rule, sum(one.events for one in found), sum(bool(one.reasons) for one in found))
    if rule.ends == "reduced":
        return Due(rule, sum(month.file.rows for month in over(_before(now, rule.months))))
    return Due(rule, int(hot.rows(sql.count(rule.data_class), {"months": rule.months, "now": now})[0][0]))


def _before(now: datetime, kept: int) -> date:
    """Return the first month that is still kept whole."""
    year, month = divmod(now.year * 12 + now.month - 1 - kept, 12)
    return date(year, month + 1, 1)
