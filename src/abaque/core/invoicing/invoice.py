"""An invoice as a value: lines, discounts, given credits, tax, bought credits, deposits, what is due.

Law: gross = net + tax = burns of bought credits + deposits + due, and none of them is ever negative, whatever
the lines. So an invoice can always be issued; what a customer is owed beyond it is carried to the next one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, total
from abaque.core.tax import Rate, Totals, tax_on, total_up

from .carry import carry
from .credit import Burn, Credit, check_codes, pay_by_credits, reduce_by_credits
from .deposit import Deposit, use_deposits
from .discount import Discount, apply_discounts
from .line import Line
from .reduction import Reduced


@dataclass(frozen=True, slots=True)
class Invoice:
    """What an invoice says, before it has a number.

    `given`: burns that reduced the net. `paid`: burns and `deposits` that settle the gross (BT-113). `due`: what
    is still to pay (BT-115). `carried`: negative lines that wait for the next invoice.
    """

    lines: tuple[Reduced, ...]
    totals: Totals
    given: tuple[Burn, ...]
    paid: tuple[Burn, ...]
    deposits: tuple[Burn, ...]
    due: Money
    carried: tuple[Line, ...]


def draft(
    lines: Sequence[Line],
    *,
    at: datetime,
    discounts: Sequence[Discount] = (),
    held: Sequence[Credit] = (),
    deposits: Sequence[Deposit] = (),
    currency: Currency | None = None,
) -> Invoice:
    """Return the invoice of these lines at an instant, with the credits the customer holds.

    The currency is that of the lines unless given. Faults `no_lines`, `currencies_meet`,
    `duplicate_credit`, those of `total_up`.
    """
    if currency is None:
        if not lines:
            raise Fault("no_lines")
        currency = lines[0].net.currency
    check_codes(held)
    reduced = apply_discounts(lines, discounts)
    reduced, given = reduce_by_credits(reduced, (credit for credit in held if not credit.paid), at)
    reduced, carried = carry(reduced)
    totals = total_up([(line.line.rate, line.net) for line in reduced], currency)
    bought = [credit for credit in held if credit.paid]
    paid: tuple[Burn, ...] = ()
    if bought:
        paid = pay_by_credits([line.line.charge for line in reduced], grosses(reduced), bought, at)
    due = totals.gross - _sum(paid, currency)
    used = use_deposits(due, deposits)
    due = due - _sum(used, currency)
    assert due.minor >= 0
    assert totals.tax.minor >= 0
    return Invoice(reduced, totals, given, paid, used, due, carried)


def grosses(lines: Sequence[Reduced]) -> tuple[Money, ...]:
    """Return what each line costs with tax; the lines of a rate sum to its base and tax as `total_up` has it.

    The tax of a line is the rounded tax on the nets up to it less that on the nets before it.
    """
    bases: dict[Rate, Money] = {}
    found = []
    for line in lines:
        rate = line.line.rate
        before = bases.get(rate, Money.zero(line.net.currency))
        bases[rate] = before + line.net
        found.append(line.net + tax_on(bases[rate], rate) - tax_on(before, rate))
    return tuple(found)


def _sum(burns: Iterable[Burn], currency: Currency) -> Money:
    return total((burn.amount for burn in burns), currency)
