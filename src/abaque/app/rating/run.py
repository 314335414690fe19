"""One subscription to be rated: which plan, from when to when, what happened to it and what was used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from abaque.catalogue import Catalogue
from abaque.core.period import local_midnight
from abaque.core.pricing import Plan, Usage
from abaque.core.simulating import Happening, Life, Played, play
from abaque.core.subscription import Cancel, Due, Start
from abaque.core.tax import Rate

Used = Callable[[Due, datetime], Usage | Decimal]


class Refused(Exception):  # noqa: N818 - it says what cannot be rated; nobody made an error
    """What was asked cannot be rated, with the sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says beside the files."""

    catalogue: Catalogue
    plan: str | None
    first: date | None
    after: date | None
    zone: str


@dataclass(frozen=True, slots=True)
class Run:
    """One customer's subscription from local day `first` to `after`, which is excluded.

    It stops there if it `ends`; otherwise it goes on, and what falls due on that day in advance is owed too.
    `happened` is what happens to it beside its start, `learnt` when usage of an earlier time became known.
    """

    plan: Plan
    first: date
    after: date
    zone: str
    usage: Used
    ends: bool = True
    customer: str | None = None
    quantities: tuple[tuple[str, Decimal], ...] = ()
    happened: tuple[tuple[datetime, Happening], ...] = ()
    learnt: tuple[datetime, ...] = ()

    def played(self, tax: Rate) -> tuple[Played, ...]:
        """Return what is invoiced and credited, oldest first."""
        if self.after <= self.first:
            raise Refused(f"the span from {self.first} to {self.after} is empty: its end is excluded")
        start, until = (local_midnight(day, self.zone) for day in (self.first, self.after))
        for charge in self.plan.charges:
            if charge.quantity is not None and charge.quantity not in dict(self.quantities):
                raise Refused(
                    f"{charge.code} is priced per {charge.quantity}: say how many, with --usage, under "
                    "`quantities:`"
                )
        happened: list[tuple[datetime, Happening]] = [
            (start, Start("", self.plan, quantities=self.quantities))
        ]
        if self.ends:
            happened.append((start, Cancel("", until)))
        life = Life(self.zone, (*happened, *self.happened), self.usage, tax, self.learnt)
        return play(life, until=until)


def choose(catalogue: Catalogue, code: str | None) -> Plan:
    """Return the plan of that code, or the only one there is."""
    plans = catalogue.plans
    known = ", ".join(plans) or "none"
    if code is None and len(plans) == 1:
        (entry,) = plans.values()
        return entry.plan
    if code is None:
        raise Refused(f"the file has {len(plans)} plans: name one with --plan-code ({known})")
    if code not in plans:
        raise Refused(f"no plan is named {code}: the file has {known}")
    return plans[code].plan


def is_within(day: date, due: Due, zone: str) -> bool:
    """Tell whether a local day begins in the span that is billed."""
    return due.span.contains(local_midnight(day, zone))
