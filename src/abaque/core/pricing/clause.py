"""What has to be said of a plan for a customer to know what it costs and grants, and how much that is to read."""

from enum import StrEnum

from .plan import Plan


class Clause(StrEnum):
    """One sentence of a plan beside its charges, in the order they are said."""

    SPEND = "spend"
    COMMITMENT = "commitment"
    PHASES = "phases"
    TRIAL = "trial"
    TERM = "term"
    LIMITS = "limits"


def clauses(plan: Plan) -> tuple[Clause, ...]:
    """Return what a plan says beside its charges.

    Minimum and maximum are one clause, all phases are one, and so are all features that may not be used freely.
    """
    said = {
        Clause.SPEND: plan.minimum is not None or plan.maximum is not None,
        Clause.COMMITMENT: plan.commitment is not None,
        Clause.PHASES: bool(plan.phases),
        Clause.TRIAL: plan.trial is not None,
        Clause.TERM: plan.term is not None,
        Clause.LIMITS: any(entitlement.limited for entitlement in plan.entitlements),
    }
    return tuple(clause for clause, present in said.items() if present)


def sentences_needed(plan: Plan) -> int:
    """Return how many sentences it takes to say a plan: one for each charge, and one for each clause."""
    return len(plan.charges) + len(clauses(plan))
