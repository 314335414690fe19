"""Ramps: the phases a plan begins with."""

from dataclasses import replace
from decimal import Decimal

from abaque.core.money import Currency, Money, subtract, to_money
from abaque.core.period import local_midnight
from abaque.core.pricing import Plan, Rating, Step
from abaque.core.pricing.percent import percent_of

from .due import Due
from .terms import Terms

_NOTHING = Decimal(0)


def percent_off(plan: Plan, terms: Terms, due: Due) -> Decimal:
    """Return the percentage off in the billing period a due part begins in, 0 after the last phase.

    Periods are counted from the anchor, or the start where there is none: a start in mid-period uses that
    period up, and who changes to a plan later is as far in its phases as if the plan had been his from the start.
    """
    if not plan.phases:
        return _NOTHING
    schedule = terms.cycle
    origin = terms.first if terms.anchor is None else local_midnight(terms.anchor, schedule.zone)
    number = schedule.index_of(due.span.start) - schedule.index_of(origin)
    for phase in plan.phases:
        if number < phase.periods:
            return phase.percent_off
        number -= phase.periods
    return _NOTHING


def phased(rating: Rating, percent: Decimal, currency: Currency) -> Rating:
    """Return the rating less a percentage, which its last step says.

    The percentage comes off the line as printed and is rounded once. Law: nothing off changes nothing, all off
    leaves nothing.
    """
    if not percent:
        return rating
    left = less(rating.money(currency), percent).decimal()
    return replace(
        rating, steps=(*rating.steps, Step("phase", _NOTHING, percent, subtract(left, rating.exact)))
    )


def less(money: Money, percent: Decimal) -> Money:
    """Return the amount less a percentage, rounded once."""
    return to_money(percent_of(money.decimal(), subtract(Decimal(100), percent)), money.currency)
