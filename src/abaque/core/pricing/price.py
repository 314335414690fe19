"""Any price, rated: the steps from a quantity to an exact amount."""

from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import subtract

from .allowance import check_allowance
from .dynamic import Dynamic
from .flat import Flat
from .graduated import Graduated
from .graduated_percentage import GraduatedPercentage
from .matrix import Matrix
from .package import Package
from .per_unit import PerUnit
from .percentage import Percentage
from .step import Rating, Step
from .usage import Usage, check_number
from .volume import Volume

Price = Flat | PerUnit | Graduated | Volume | Package | Percentage | GraduatedPercentage | Dynamic | Matrix
_ZERO = Decimal(0)
# Tuples: a union would be made anew at each rating.
_OF_EVENTS = (Percentage, Matrix)
_ALIKE = (PerUnit, Dynamic)


def rate(price: Price, usage: Usage | Decimal, *, allowance: Decimal | None = None) -> Rating:
    """Return what the usage costs, step by step.

    The allowance takes the first units off, before tiers are counted. A flat price asks for no quantity and
    is rated as one fee. Usage below zero, where refunds reverse more than was sold, costs what its opposite
    costs, negated, where every unit costs the same: per unit, dynamic, a bare percentage; in tiers, packages,
    cells or beside an allowance nobody can say which units came back. Faults `bad_quantity`,
    `negative_quantity`, `bad_allowance`, `allowance_unwanted` (a price that looks at events or cells), and
    those of the price.
    """
    if isinstance(price, Flat):
        return Rating(Decimal(1), price.steps())
    quantity = usage.quantity if isinstance(usage, Usage) else usage
    check_number(quantity)
    if quantity < 0 and (allowance is not None or not _linear(price)):
        raise Fault("negative_quantity", quantity=quantity)
    if isinstance(price, _OF_EVENTS):
        if allowance is not None:
            raise Fault("allowance_unwanted")
        return Rating(quantity, price.steps(usage if isinstance(usage, Usage) else Usage(usage)))
    if allowance is None:
        return Rating(quantity, price.steps(quantity))
    check_allowance(allowance)
    free = min(quantity, allowance)
    included = (Step("included", free, _ZERO, _ZERO, _ZERO, allowance),) if free else ()
    return Rating(quantity, included + price.steps(subtract(quantity, free)))


def _linear(price: Price) -> bool:
    """Whether every unit costs the same, so that a unit taken back costs its opposite."""
    return isinstance(price, _ALIKE) or (isinstance(price, Percentage) and price.bare)
