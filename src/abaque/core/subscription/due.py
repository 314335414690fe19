"""What falls due, period by period."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.core.period import ListedDates, Span
from abaque.core.pricing import Bill, Charge, Plan, Prorate

from .schedule import own_schedule
from .terms import Terms


@dataclass(frozen=True, slots=True)
class Due:
    """One charge for one period, or the part of it the subscription runs.

    `whole` is the period number `index`, `span` the part that is billed, equal to it except at the start and
    the end of a subscription. `due_at` is the boundary at which it is billed.
    """

    charge: Charge
    index: int
    whole: Span
    span: Span
    due_at: datetime

    @property
    def stub(self) -> bool:
        """Whether only part of the period is billed."""
        return self.span != self.whole

    def claimed(self, owner: str, quantity: Decimal | None) -> tuple[object, ...]:
        """Return what tells this part from all others of a subscription, however long it and its period become."""
        return owner, self.charge, quantity, self.whole.start, self.span.start


def due(plan: Plan, terms: Terms, *, until: datetime) -> tuple[Due, ...]:
    """Return all that falls due up to and including `until`, oldest first, each charge of each period once.

    At each boundary: what the period before owes in arrears, then what the period to come owes in advance, in
    the plan's order. The first part falls due in advance when the subscription begins; when it ends, arrears
    fall due at the end. A charge with an interval of its own has periods of its own, from the same anchor.
    The list for a later `until` begins with the list for an earlier one, as long as the terms stay the same.
    """
    found = [item for charge in plan.charges for item in due_of(charge, terms, until=until)]
    # The sort is stable: what falls due together keeps the plan's order, an earlier period's arrears first.
    return tuple(sorted(found, key=lambda item: (item.due_at, item.whole.start)))


def due_of(charge: Charge, terms: Terms, *, until: datetime) -> tuple[Due, ...]:
    """Return what falls due of one charge, oldest first. A list of calendar dates ends with its last date."""
    schedule = own_schedule(charge.interval, terms)
    first, last, end = terms.first, terms.last, terms.end
    found: list[Due] = []
    index = schedule.index_of(first)
    while not (isinstance(schedule, ListedDates) and index + 1 >= len(schedule.days)):
        whole = schedule.period(index)
        if whole.start > until or (last is not None and end is not None and whole.start >= max(last, end)):
            break
        part = _billed(charge, terms, whole)
        index += 1
        if part is None:
            continue
        due_at = max(first, whole.start)
        if charge.bill is Bill.ARREARS:
            due_at = max(part.end, whole.end if last is None else min(last, whole.end))
        if due_at <= until:
            found.append(Due(charge, index - 1, whole, part, due_at))
    return tuple(found)


def _billed(charge: Charge, terms: Terms, whole: Span) -> Span | None:
    """Return the part of a period a charge is billed for, None if there is none.

    Usage is owned by whole local days; a fixed fee that is prorated by second runs from instant to instant.
    """
    to_the_second = charge.meter is None and charge.prorate is Prorate.SECOND
    start = terms.start if to_the_second else terms.first
    end = terms.end if to_the_second else terms.last
    return whole.overlap(Span(start, max(start, whole.end if end is None else end)))
