"""Lines of an invoice, and what they sum to.

Law: the total is the sum of the lines as printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money
from abaque.core.period import Span
from abaque.core.pricing import Step
from abaque.core.tax import Rate, Totals, total_up


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice: a charge for a span, net of tax, already rounded.

    `unit` is the price of one unit in major units where all units cost the same, else None and the steps say
    it. `span` is the service period of the line. `discounted`: its net is already what discounts left.
    """

    charge: str
    quantity: Decimal
    unit: Decimal | None
    net: Money
    rate: Rate
    span: Span | None = None
    steps: tuple[Step, ...] = ()
    discounted: bool = False


def totals(lines: Sequence[Line], currency: Currency | None = None) -> Totals:
    """Return what the lines sum to: nets as printed, tax per category and rate on their sum (BR-CO-17).

    The currency is that of the lines unless given; Faults `no_lines` if neither tells, `currencies_meet`.
    """
    if currency is None:
        if not lines:
            raise Fault("no_lines")
        currency = lines[0].net.currency
    return total_up([(line.rate, line.net) for line in lines], currency)
