"""What is sold and what it costs: prices as values, rating as steps anyone can add up."""

from .agreement import Commitment, Phase, Term, Trial
from .allowance import Allowance, Pool, Rollover, draw, opened
from .clause import Clause, clauses, sentences_needed
from .dynamic import Dynamic
from .entitlement import Entitlement
from .flat import Flat
from .graduated import Graduated
from .graduated_percentage import GraduatedPercentage, PercentTier
from .matrix import Cell, Matrix
from .package import Package
from .per_unit import PerUnit
from .percentage import Percentage
from .plan import Bill, Charge, Plan, Prorate
from .price import Price, rate
from .prorate_tiers import with_tiers_for
from .spend import bounded, further
from .step import Rating, Step, unit_price
from .tier import Tier
from .usage import Usage
from .volume import Volume

__all__ = [
    "Allowance",
    "Bill",
    "Cell",
    "Charge",
    "Clause",
    "Commitment",
    "Dynamic",
    "Entitlement",
    "Flat",
    "Graduated",
    "GraduatedPercentage",
    "Matrix",
    "Package",
    "PerUnit",
    "PercentTier",
    "Percentage",
    "Phase",
    "Plan",
    "Pool",
    "Price",
    "Prorate",
    "Rating",
    "Rollover",
    "Step",
    "Term",
    "Tier",
    "Trial",
    "Usage",
    "Volume",
    "bounded",
    "clauses",
    "draw",
    "further",
    "opened",
    "rate",
    "sentences_needed",
    "unit_price",
    "with_tiers_for",
]
