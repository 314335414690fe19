"""The canonical form of meters and plan versions: what is stored, compared and hashed.

It is made of JSON's texts, whole numbers, lists and objects only. Decimals are texts without trailing zeros,
so "0.10" and "0.1" are one price; everything is written out, so a later default changes no stored version.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from abaque.catalogue.counting import dump_counting, load_counting
from abaque.catalogue.plain import dump_interval
from abaque.catalogue.stored_addons import dump_addons
from abaque.catalogue.stored_charges import dump_charge, load_charge
from abaque.catalogue.stored_conditions import dump_conditions, load_conditions
from abaque.catalogue.stored_credits import dump_credits
from abaque.catalogue.stored_promotions import dump_promotions
from abaque.catalogue.stored_terms import dump_terms, load_terms
from abaque.catalogue.totals import dump_totals, load_totals
from abaque.catalogue.values import Catalogue, Handling, Level, MeterEntry, PlanEntry
from abaque.core.metering import Aggregate, Meter, Outcome
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import Plan

#: A meter, a plan version or a whole catalogue in its canonical form.
Stored = dict[str, Any]


def dump(catalogue: Catalogue) -> Stored:
    """Return the canonical form of everything in the catalogue: `meters` and `plans` by code, `personal`.

    `addons`, `credits` and `promotions` are there only if the catalogue has some.
    """
    return {
        "meters": {code: dump_meter(entry) for code, entry in sorted(catalogue.meters.items())},
        "plans": {code: dump_plan(entry.plan) for code, entry in sorted(catalogue.plans.items())},
        "personal": {attribute: handling.value for attribute, handling in sorted(catalogue.personal.items())},
        **dump_addons(catalogue.addons),
        **dump_credits(catalogue.credits),
        **dump_promotions(catalogue.promotions),
    }


def dump_meter(entry: MeterEntry) -> Stored:
    """Return the canonical form of a meter with its names, words and lateness (in seconds)."""
    meter = entry.meter
    return {
        "kind": "meter",
        "code": meter.code,
        "names": dict(sorted(entry.names.items())),
        "units": dict(sorted(entry.units.items())),
        "event_types": list(meter.event_types),
        "aggregate": meter.aggregate.value,
        "value": meter.value,
        **dump_conditions(meter),
        "group_by": list(meter.group_by),
        "operation": meter.operation,
        "outcome": meter.outcome
        and {"attribute": meter.outcome.attribute, "success": list(meter.outcome.success)},
        "lateness": entry.lateness // timedelta(seconds=1),
        "level": entry.level.value,
        **dump_totals(entry.totals),
        **dump_counting(meter),
    }


def dump_plan(plan: Plan) -> Stored:
    """Return the canonical form of one version of a plan."""
    return {
        "kind": "plan",
        "code": plan.code,
        "version": plan.version,
        "names": dict(sorted(plan.names.items())),
        "currency": plan.currency.code,
        "interval": dump_interval(plan.interval),
        "alignment": plan.alignment.value,
        "charges": [dump_charge(charge) for charge in plan.charges],
        **dump_terms(plan),
    }


def fingerprint(stored: Mapping[str, Any]) -> str:
    """Return the sha256 of a canonical form, in hexadecimal: equal exactly if the forms are."""
    text = json.dumps(stored, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def from_stored(stored: Mapping[str, Any]) -> Meter | Plan:
    """Return the core value that a canonical form of a meter or a plan was made from."""
    return load_plan(stored).plan if stored["kind"] == "plan" else load_meter(stored).meter


def load_meter(stored: Mapping[str, Any]) -> MeterEntry:
    """Return the meter of a canonical form, with what the catalogue says of it."""
    outcome = stored["outcome"]
    meter = Meter(
        code=stored["code"],
        event_types=tuple(stored["event_types"]),
        aggregate=Aggregate(stored["aggregate"]),
        value=stored["value"],
        group_by=tuple(stored["group_by"]),
        operation=stored["operation"],
        outcome=outcome and Outcome(outcome["attribute"], tuple(outcome["success"])),
        **load_conditions(stored),
        **load_counting(stored),
    )
    lateness = timedelta(seconds=stored["lateness"])
    level, totals = Level(stored["level"]), load_totals(stored)
    return MeterEntry(meter, stored["names"], stored["units"], lateness, level, totals)


def load_plan(stored: Mapping[str, Any]) -> PlanEntry:
    """Return the plan version of a canonical form."""
    interval = Interval(Unit(stored["interval"]["unit"]), stored["interval"]["count"])
    charges = tuple(load_charge(charge) for charge in stored["charges"])
    plan = Plan(
        code=stored["code"],
        version=stored["version"],
        currency=currency(stored["currency"]),
        interval=interval,
        alignment=Alignment(stored["alignment"]),
        charges=charges,
        names=stored["names"],
        **load_terms(stored),
    )
    return PlanEntry(plan)


def load_personal(stored: Mapping[str, str]) -> dict[str, Handling]:
    """Return how personal attributes are handled, from the `personal` part of a canonical form."""
    return {attribute: Handling(handling) for attribute, handling in stored.items()}
