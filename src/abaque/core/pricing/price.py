"""Any price, rated: the steps from a quantity to an exact amount."""

from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import subtract

from .flat import Flat
from .graduated import Graduated
from .per_unit import PerUnit
from .step import Rating, Step, check_digits
from .volume import Volume

Price = Flat | PerUnit | Graduated | Volume


def rate(price: Price, quantity: Decimal, *, allowance: Decimal | None = None) -> Rating:
    """Return what the quantity costs, step by step.

    The allowance takes the first units off, before tiers are counted. A flat price asks for no quantity and
    is rated as one fee. Faults `bad_quantity`, `negative_quantity`, `bad_allowance`.
    """
    if isinstance(price, Flat):
        return Rating(Decimal(1), price.steps())
    if not quantity.is_finite():
        raise Fault("bad_quantity", quantity=quantity)
    if quantity < 0:
        raise Fault("negative_quantity", quantity=quantity)
    if allowance is not None:
        check_allowance(allowance)
    free = min(quantity, allowance or Decimal(0))
    included = (Step("included", free, Decimal(0), Decimal(0), Decimal(0), allowance),) if free else ()
    return Rating(quantity, included + price.steps(subtract(quantity, free)))


def check_allowance(allowance: Decimal) -> None:
    """Refuse an allowance that is no number or below zero. Faults `bad_allowance`, `too_many_digits`."""
    if not isinstance(allowance, Decimal) or not allowance.is_finite() or allowance < 0:
        raise Fault("bad_allowance", allowance=allowance)
    check_digits(allowance)
