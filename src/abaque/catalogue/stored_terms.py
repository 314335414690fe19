"""The canonical form of what a plan asks and grants beside its charges; only what differs from the default."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from abaque.catalogue.plain import (
    differing,
    dump_interval,
    load_interval,
    number_or_none,
    plain,
    plain_or_none,
)
from abaque.core.period import Interval, Unit
from abaque.core.pricing import Commitment, Entitlement, Phase, Plan, Term, Trial

Form = dict[str, Any]


def dump_terms(plan: Plan) -> Form:
    """Return the younger keys of a plan, each only if the plan says it."""
    commitment, term = plan.commitment, plan.term
    return differing(
        {
            "minimum": plain_or_none(plan.minimum),
            "maximum": plain_or_none(plan.maximum),
            "commitment": commitment
            and {
                "amount": plain(commitment.amount),
                "interval": commitment.interval and dump_interval(commitment.interval),
            },
            "trial": plan.trial and {"days": plan.trial.days},
            "term": term and {"interval": dump_interval(term.interval), "renews": term.renews},
            "phases": [
                {"periods": phase.periods, "percent_off": plain(phase.percent_off)} for phase in plan.phases
            ],
            "entitlements": [_entitlement(entitlement) for entitlement in plan.entitlements],
            "benefits": {language: list(said) for language, said in sorted(plan.benefits.items())},
            "dates": [day.isoformat() if isinstance(day, date) else list(day) for day in plan.dates],
        }
    )


def load_terms(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a plan that its canonical form says beside the charges."""
    commitment, term, trial = stored.get("commitment"), stored.get("term"), stored.get("trial")
    return {
        "minimum": number_or_none(stored.get("minimum")),
        "maximum": number_or_none(stored.get("maximum")),
        "commitment": commitment
        and Commitment(Decimal(commitment["amount"]), load_interval(commitment["interval"])),
        "trial": trial and Trial(trial["days"]),
        "term": term
        and Term(Interval(Unit(term["interval"]["unit"]), term["interval"]["count"]), term["renews"]),
        "phases": tuple(
            Phase(phase["periods"], Decimal(phase["percent_off"])) for phase in stored.get("phases", ())
        ),
        "entitlements": tuple(_load_entitlement(form) for form in stored.get("entitlements", ())),
        "benefits": {language: tuple(said) for language, said in stored.get("benefits", {}).items()},
        "dates": tuple(
            date.fromisoformat(day) if isinstance(day, str) else tuple(day) for day in stored.get("dates", ())
        ),
    }


def _entitlement(entitlement: Entitlement) -> Form:
    return {
        "feature": entitlement.feature,
        "allowed": entitlement.allowed,
        "limit": plain_or_none(entitlement.limit),
        "meter": entitlement.meter,
        "soft": entitlement.soft,
        "grace_days": entitlement.grace_days,
    }


def _load_entitlement(form: Mapping[str, Any]) -> Entitlement:
    return Entitlement(**{**form, "limit": number_or_none(form["limit"])})
