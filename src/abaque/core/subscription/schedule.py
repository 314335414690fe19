"""Which schedule bills a plan or a charge: the same anchor, whatever the interval."""

from dataclasses import replace
from datetime import date

from abaque.core.period import Cycle, Interval, Schedule, Timeline, dates, local_day
from abaque.core.pricing import Plan

from .terms import Terms


def schedule_of(plan: Plan, anchor: date, zone: str) -> Schedule:
    """Return what bills a plan: its list of dates, or its interval from the anchor, a local day of the zone."""
    if plan.dates:
        return dates(plan.dates, zone)
    return Cycle(anchor, plan.interval, zone, plan.alignment)


def own_schedule(interval: Interval | None, terms: Terms) -> Schedule:
    """Return the schedule of an interval of its own, on the plan's anchor; None: the plan's schedule.

    Beside a list of dates, which has no anchor, it counts from `terms.anchor`, or else from the first day.
    """
    if interval is None:
        return terms.cycle
    base = terms.cycle.first if isinstance(terms.cycle, Timeline) else terms.cycle
    if isinstance(base, Cycle):
        return replace(base, interval=interval)
    return Cycle(terms.anchor or local_day(terms.start, base.zone), interval, base.zone)
