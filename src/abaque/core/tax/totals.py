"""Net, tax, gross.

Law: net + tax = gross; the net is the sum of the lines as printed; tax is computed once per category and rate, on
the sum of their lines, whatever their order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, nearest

from .rate import Rate

_HUNDRED = 100
_Key = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """The net lines of one category and percentage, and the tax on their sum."""

    rate: Rate
    base: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document sums to. `net + tax = gross`; `taxes` in the order of category, then percentage."""

    net: Money
    taxes: tuple[TaxGroup, ...]
    tax: Money
    gross: Money


def tax_on(base: Money, rate: Rate) -> Money:
    """Return base × percent / 100, rounded once, half away from zero (EN 16931 BR-CO-17)."""
    upper, lower = rate.percent.as_integer_ratio()
    return Money(nearest(base.minor * upper, lower * _HUNDRED), base.currency)


def total_up(nets: Iterable[tuple[Rate, Money]], currency: Currency) -> Totals:
    """Return the totals of net lines, each with its rate.

    The net is the sum of the lines as printed, tax is counted per category and percentage on the sum of their
    lines (BR-CO-17), the gross is their sum. Faults `currencies_meet`, `outside_scope_mixed` (BR-O-11 to 14),
    `mentions_differ` (one group cannot give two reasons).
    """
    lines = tuple(nets)
    rates = check_groups(lines, currency)
    bases: dict[_Key, int] = {}
    for rate, net in lines:
        key = (rate.category, rate.percent)
        bases[key] = bases.get(key, 0) + net.minor
    bases_in_order = ((rates[key], Money(bases[key], currency)) for key in sorted(bases))
    return summed((TaxGroup(rate, base, tax_on(base, rate)) for rate, base in bases_in_order), currency)


def check_groups(lines: Sequence[tuple[Rate, Money]], currency: Currency) -> dict[_Key, Rate]:
    """Return the rate of each category and percentage. The Faults of `total_up`."""
    rates: dict[_Key, Rate] = {}
    for rate, money in lines:
        if money.currency is not currency and money.currency != currency:
            raise Fault("currencies_meet", ours=currency.code, theirs=money.currency.code)
        reason = rates.setdefault((rate.category, rate.percent), rate).mention
        if reason != rate.mention:
            raise Fault("mentions_differ", category=rate.category, ours=reason, theirs=rate.mention)
    if len(rates) > 1 and any(category == "O" for category, _ in rates):
        raise Fault("outside_scope_mixed")
    return rates


def summed(groups: Iterable[TaxGroup], currency: Currency) -> Totals:
    """Return the totals of tax groups, which keep their order."""
    taxes = tuple(groups)
    net = Money(sum([part.base.minor for part in taxes]), currency)
    tax = Money(sum([part.tax.minor for part in taxes]), currency)
    return Totals(net, taxes, tax, net + tax)
