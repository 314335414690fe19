"""What can be metered and billed today. A catalogue that says more can be rated by hand, but is not published."""

from collections.abc import Iterator

from abaque.catalogue import Catalogue, CatalogueError
from abaque.core.metering import Aggregate, Empty, Meter
from abaque.core.pricing import Charge, Matrix, Percentage, Plan

#: What the database counts.
COUNTED = tuple(Aggregate)


def unbillable(catalogue: Catalogue) -> tuple[CatalogueError, ...]:
    """Return what of a catalogue could not be metered or billed, each with the line of its meter or plan.

    Runs hand a price the quantity of one meter for one period of its plan. What asks for more (single events,
    groups, subscribed quantities, a memory over several periods, sums over charges) is refused here, by the
    key that asks for it, rather than billed wrongly.
    """
    meters = tuple(
        CatalogueError(entry.line, 1, "not_metered_yet", {"what": entry.meter.code, "key": key})
        for entry in catalogue.meters.values()
        for key in _of_meter(entry.meter)
    )
    return meters + tuple(
        CatalogueError(entry.line, 1, "not_billed_yet", {"what": what, "key": key})
        for entry in catalogue.plans.values()
        for what, key in (*_of_plan(entry.plan), *_of_charges(entry.plan))
    )


def _of_meter(meter: Meter) -> Iterator[str]:
    asked = {
        "empty": meter.empty is not Empty.ZERO,
    }
    return (key for key, present in asked.items() if present)


def _of_plan(plan: Plan) -> Iterator[tuple[str, str]]:
    asked = {
        "minimum": plan.minimum is not None,
        "maximum": plan.maximum is not None,
        "commitment": plan.commitment is not None,
        "trial": plan.trial is not None,
        "term": plan.term is not None,
        "phases": bool(plan.phases),
        "dates": bool(plan.dates),
    }
    for key, present in asked.items():
        if present:
            yield plan.code, key


def _of_charges(plan: Plan) -> Iterator[tuple[str, str]]:
    for charge in plan.charges:
        for key in _of_charge(charge):
            yield charge.code, key


def _of_charge(charge: Charge) -> Iterator[str]:
    allowance, price = charge.allowance, charge.price
    by_events = isinstance(price, Percentage) and (price.needs_each_event or price.fixed != 0)
    asked = {
        "quantity": charge.quantity is not None,
        "interval": charge.interval is not None,
        "minimum": charge.minimum is not None,
        "maximum": charge.maximum is not None,
        "prorate_tiers": charge.prorate_tiers,
        "model: matrix": isinstance(price, Matrix),
        "model: percentage, per event": by_events,
        "allowance: interval": allowance is not None and allowance.interval is not None,
        "allowance: by_month": allowance is not None and bool(allowance.by_month),
        "allowance: rollover": allowance is not None and allowance.rollover is not None,
    }
    return (key for key, present in asked.items() if present)
