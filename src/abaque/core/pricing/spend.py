"""A floor and a ceiling for what a charge may cost in a period."""

from dataclasses import replace
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Money, subtract

from .step import Rating, Step, check_price


def bounded(rating: Rating, minimum: Decimal | None, maximum: Decimal | None) -> Rating:
    """Return the rating raised to `minimum` or cut to `maximum` major units, which its last step says.

    Law: between the bounds nothing changes; the result never leaves them.
    """
    exact = rating.exact
    if minimum is not None and exact < minimum:
        return _with(rating, Step("minimum", Decimal(0), minimum, subtract(minimum, exact)))
    if maximum is not None and exact > maximum:
        return _with(rating, Step("maximum", Decimal(0), maximum, subtract(maximum, exact)))
    return rating


def further(rating: Rating, billed: Money) -> Rating:
    """Return what is left to bill of a period's usage so far, of which `billed` was billed before.

    `rating` is of all usage since the period began. Law: however a period is cut, the rounded lines of its
    parts sum to the line of the whole, whatever the price. Negative where the usage got cheaper (volume) or
    less: that part is a credit.
    """
    if not billed.minor:
        return rating
    return _with(rating, Step("billed_before", Decimal(0), None, -billed.decimal()))


def check_spend(minimum: Decimal | None, maximum: Decimal | None) -> None:
    """Refuse bounds no amount can keep. Faults `minimum_over_maximum`, and those of a price."""
    for bound in (minimum, maximum):
        if bound is not None:
            check_price(bound)
    if minimum is not None and maximum is not None and minimum > maximum:
        raise Fault("minimum_over_maximum", minimum=minimum, maximum=maximum)


def _with(rating: Rating, step: Step) -> Rating:
    return replace(rating, steps=(*rating.steps, step))
