"""What falls due, period by period."""

from dataclasses import dataclass
from datetime import datetime

from abaque.core.period import Span
from abaque.core.pricing import Bill, Charge, Plan, Prorate

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


def due(plan: Plan, terms: Terms, *, until: datetime) -> tuple[Due, ...]:
    """Return all that falls due up to and including `until`, oldest first, each charge of each period once.

    At each boundary: what the period before owes in arrears, then what the period to come owes in advance, in
    the plan's order. The first part falls due in advance when the subscription begins; when it ends, arrears
    fall due at the end. The list for a later `until` begins with the list for an earlier one, as long as the
    terms stay the same.
    """
    first, last, end = terms.first, terms.last, terms.end
    found: list[Due] = []
    index = terms.cycle.index_of(first)
    while True:
        whole = terms.cycle.period(index)
        if whole.start > until or (last is not None and end is not None and whole.start >= max(last, end)):
            break
        for charge in plan.charges:
            part = _billed(charge, terms, whole)
            if part is None:
                continue
            due_at = max(first, whole.start)
            if charge.bill is Bill.ARREARS:
                due_at = max(part.end, whole.end if last is None else min(last, whole.end))
            if due_at <= until:
                found.append(Due(charge, index, whole, part, due_at))
        index += 1
    # The sort is stable: what falls due together keeps the plan's order, an earlier period's arrears first.
    return tuple(sorted(found, key=lambda item: (item.due_at, item.index)))


def _billed(charge: Charge, terms: Terms, whole: Span) -> Span | None:
    """Return the part of a period a charge is billed for, None if there is none.

    Usage is owned by whole local days; a fixed fee that is prorated by second runs from instant to instant.
    """
    to_the_second = charge.meter is None and charge.prorate is Prorate.SECOND
    start = terms.start if to_the_second else terms.first
    end = terms.end if to_the_second else terms.last
    return whole.overlap(Span(start, max(start, whole.end if end is None else end)))
