"""One subscription to be rated: which plan, from when to when, and what was used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from abaque.catalogue import Catalogue
from abaque.core.period import local_midnight
from abaque.core.pricing import Plan, Usage
from abaque.core.simulating import Played, play
from abaque.core.subscription import Due, Terms, schedule_of
from abaque.core.tax import Rate

#: What a plan can say that changes what is owed, and that this command does not rate.
_NOT_RATED = ("minimum", "maximum", "commitment", "trial", "phases")


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
    """

    plan: Plan
    first: date
    after: date
    zone: str
    usage: Callable[[Due], Usage | Decimal]
    ends: bool = True
    customer: str | None = None

    def played(self, tax: Rate) -> tuple[Played, ...]:
        """Return what is invoiced, oldest first."""
        if self.after <= self.first:
            raise Refused(f"the span from {self.first} to {self.after} is empty: its end is excluded")
        for name in _NOT_RATED:
            if getattr(self.plan, name):
                raise Refused(
                    f"plan {self.plan.code} says {name}:, which is not rated here: leave it out to try prices"
                )
        start, until = (local_midnight(day, self.zone) for day in (self.first, self.after))
        schedule = schedule_of(self.plan, self.first, self.zone)
        terms = Terms(start, until if self.ends else None, schedule)
        return play(self.plan, terms, self.usage, tax, until=until)


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
