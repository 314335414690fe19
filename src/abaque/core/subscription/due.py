"""What falls due, period by period."""

from dataclasses import dataclass
from datetime import UTC, datetime

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
    first, last = terms.first, terms.last
    found: list[Due] = []
    index = terms.cycle.index_of(first)
    while True:
        whole = terms.cycle.period(index)
        if whole.start > until or (last is not None and whole.start >= last):
            break
        owned = whole.overlap(Span(first, whole.end if last is None else max(first, last)))
        if owned is not None:
            for charge in plan.charges:
                in_advance = charge.bill is Bill.ADVANCE
                due_at = owned.start if in_advance else owned.end
                if due_at <= until:
                    found.append(Due(charge, index, whole, _billed(charge, terms, owned), due_at))
        index += 1
    # Stable: a plan's order is kept among what falls due together, arrears of an earlier period first.
    return tuple(sorted(found, key=lambda item: (item.due_at, item.index)))


def _billed(charge: Charge, terms: Terms, owned: Span) -> Span:
    """Return the part of the owned days a charge is billed for: to the second where it is prorated so.

    Usage is owned by whole days, so only fixed fees can start and end within a day.
    """
    if charge.meter is not None or charge.prorate is not Prorate.SECOND:
        return owned
    start = max(owned.start, terms.start.astimezone(UTC))
    end = owned.end if terms.end is None else min(owned.end, terms.end.astimezone(UTC))
    return Span(start, end)
