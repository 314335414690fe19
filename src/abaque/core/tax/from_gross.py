"""Prices that include the tax: the net and the tax inside what the customer pays.

Law: the customer pays the lines as they are printed: nets and tax sum to the grosses exactly, per category and
rate and in all. Tax is taken out once per category and rate: gross × percent / (100 + percent), rounded half
away from zero; the nets are differences of rounded cumulative nets. The tax so taken out is within one minor
unit of the tax on the net, for not every gross is some net with its tax: of 0.03 at 20 %, 0.01 is tax,
while 0.02 would bear none.

Source: Directive 2006/112 art. 73, 78 (the consideration includes the tax).
"""

from collections.abc import Sequence

from abaque.core.money import Currency, Money, nearest

from .rate import Rate
from .totals import TaxGroup, Totals, check_groups, summed

_HUNDRED = 100


def from_gross(grosses: Sequence[tuple[Rate, Money]], currency: Currency) -> tuple[tuple[Money, ...], Totals]:
    """Return the net of each line, in its order, and the totals. The Faults of `total_up`."""
    check_groups(grosses, currency)
    gross: dict[Rate, int] = {}
    base: dict[Rate, int] = {}
    nets = []
    for rate, money in grosses:
        before = base.get(rate, 0)
        gross[rate] = gross.get(rate, 0) + money.minor
        base[rate] = gross[rate] - _tax_inside(gross[rate], rate)
        nets.append(Money(base[rate] - before, currency))
    groups = (
        TaxGroup(rate, Money(base[rate], currency), Money(gross[rate] - base[rate], currency))
        for rate in sorted(gross, key=lambda rate: (rate.category, rate.percent))
    )
    return tuple(nets), summed(groups, currency)


def _tax_inside(gross: int, rate: Rate) -> int:
    upper, lower = rate.percent.as_integer_ratio()
    return nearest(gross * upper, lower * _HUNDRED + upper)
