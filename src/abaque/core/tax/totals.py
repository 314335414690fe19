"""Net, tax, gross. Tax is computed once per category and rate, on the sum of the net lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, multiply, scaled, to_money, total

from .rate import Rate

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
    return to_money(scaled(multiply(base.decimal(), rate.percent), -2), base.currency)


def total_up(nets: Iterable[tuple[Rate, Money]], currency: Currency) -> Totals:
    """Return the totals of net lines, each with its rate.

    The net is the sum of the lines as printed, tax is counted per category and percentage on the sum of their
    lines (BR-CO-17), the gross is their sum. Faults `currencies_meet`, `outside_scope_mixed` (BR-O-11 to 14),
    `mentions_differ` (one group cannot give two reasons).
    """
    bases: dict[_Key, tuple[Rate, Money]] = {}
    for rate, net in nets:
        key = (rate.category, rate.percent)
        first, base = bases.setdefault(key, (rate, Money.zero(currency)))
        if first.mention != rate.mention:
            raise Fault("mentions_differ", category=rate.category, ours=first.mention, theirs=rate.mention)
        bases[key] = (first, base + net)
    if len(bases) > 1 and any(category == "O" for category, _ in bases):
        raise Fault("outside_scope_mixed")
    taxes = tuple(
        TaxGroup(rate, base, tax_on(base, rate))
        for _, (rate, base) in sorted(bases.items(), key=lambda item: item[0])
    )
    net = total((group.base for group in taxes), currency)
    tax = total((group.tax for group in taxes), currency)
    return Totals(net, taxes, tax, net + tax)
