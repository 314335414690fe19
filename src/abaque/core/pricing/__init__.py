"""What is sold and what it costs: prices as values, rating as steps anyone can add up."""

from .flat import Flat
from .graduated import Graduated
from .per_unit import PerUnit
from .plan import Bill, Charge, Plan, Prorate
from .price import Price, rate
from .step import Rating, Step
from .tier import Tier
from .volume import Volume

__all__ = [
    "Bill",
    "Charge",
    "Flat",
    "Graduated",
    "PerUnit",
    "Plan",
    "Price",
    "Prorate",
    "Rating",
    "Step",
    "Tier",
    "Volume",
    "rate",
]
