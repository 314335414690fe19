"""The steps of a rating: what a line is made of, each one sum anyone can check."""

from dataclasses import dataclass, replace
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, add, divide, multiply, subtract, to_money

_INTEGER_DIGITS = 12
_FRACTION_DIGITS = 12
_ZERO = Decimal(0)
#: Steps whose `unit` is the price of one unit.
_BY_UNIT = frozenset({"flat", "per_unit", "tier", "volume"})


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a line: `quantity` at `unit` makes `amount`, exact, in major units.

    Kinds and what they say beside that:
    `included`   units of the allowance, free of charge;
    `per_unit`   every unit at one price;
    `tier`       the units above `first` up to and including `last`, counted after the allowance;
    `volume`     all units, at the price of the tier above `first` up to and including `last` (None: no end);
    `tier_flat`  the fixed fee of the tier above `first` up to `last`; quantity 0;
    `flat`       a fixed fee; quantity 1;
    `package`    `quantity` packages of `last` units, the last begun or full, for `first` units; of each tier
                 where tiers are sold in packages;
    `percent`    `unit` per cent of the money `quantity`; `dynamic` likewise, of amounts the events carry;
    `percent_tier`  the same, of the money above `first` up to and including `last`;
    `free`       money no percentage is taken of; `per_event` a fixed fee for each of `quantity` events;
    `event_minimum`, `event_maximum`  what raising or cutting the fees of `quantity` events to `unit` changes;
    `minimum`, `maximum`  what raising or cutting the line to `unit` changes; quantity 0;
    `part`       what the price of subscribed units loses in `first` of `last` days (or seconds); quantity 0;
    `billed_before`  what earlier parts of the period were billed, taken off; quantity 0;
    `phase`      what the phase of a plan takes off the line: `unit` per cent of it; quantity 0;
    `as_invoiced`  what keeps to the discount the rest of a fee was invoiced with; quantity 0.
    `cell` names the values of the cell of a matrix a step belongs to, `()` for its default cell.
    A fixed fee that is due for part of its period has `unit` = the fee of the whole period; a `flat` one then
    says how much: `first` of `last` days (or seconds, as the charge is prorated).
    """

    kind: str
    quantity: Decimal
    unit: Decimal | None
    amount: Decimal
    first: Decimal | None = None
    last: Decimal | None = None
    cell: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """What a quantity costs and why: the steps sum to the line."""

    quantity: Decimal
    steps: tuple[Step, ...]

    @property
    def exact(self) -> Decimal:
        """The exact amount in major units: the sum of the steps, not yet rounded."""
        return add(*[step.amount for step in self.steps])

    @property
    def price(self) -> Decimal | None:
        """The price of one unit in major units, where all that is not included has the same; else None."""
        priced = [step for step in self.steps if step.kind != "included"]
        prices = {step.unit for step in priced}
        return prices.pop() if len(prices) == 1 and all(step.kind in _BY_UNIT for step in priced) else None

    def money(self, currency: Currency) -> Money:
        """Return the amount of the line, rounded once."""
        return to_money(self.exact, currency)

    def negated(self) -> "Rating":
        """Return the refund of it: the same steps at the same prices, of the opposite quantities."""
        steps = tuple(
            replace(step, quantity=subtract(_ZERO, step.quantity), amount=subtract(_ZERO, step.amount))
            for step in self.steps
        )
        return Rating(subtract(_ZERO, self.quantity), steps)


def check_price(amount: Decimal) -> None:
    """Refuse what cannot be a price: Faults `bad_price`, `negative_price`, `too_many_digits`."""
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise Fault("bad_price", price=amount)
    if amount < 0:
        raise Fault("negative_price", price=amount)
    check_digits(amount)


def check_unit_price(price: Decimal, per: Decimal) -> None:
    """Refuse a price of `per` units that cannot be one. Faults `bad_per` (not above zero), those of `unit_price`."""
    check_price(price)
    if not per.is_finite() or per <= 0:
        raise Fault("bad_per", per=per)
    check_digits(per)
    unit_price(price, per)


def unit_price(price: Decimal, per: Decimal) -> Decimal:
    """Return what one unit costs where `per` units cost `price`, with no more digits than it needs.

    Faults `unit_not_exact` (one unit would cost more than 12 fractional digits can say), `too_many_digits`.
    """
    if per == 1:
        return price
    for scale in range(_FRACTION_DIGITS + 1):
        unit = divide(price, per, scale=scale)
        if multiply(unit, per) == price:
            check_digits(unit)
            return unit
    raise Fault("unit_not_exact", price=price, per=per)


def check_digits(figure: Decimal) -> None:
    """Refuse a figure of more than 12 digits before or 12 after the point. Fault `too_many_digits`.

    Within these bounds the product with any quantity a meter can count stays exact.
    """
    exponent = figure.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > _FRACTION_DIGITS or figure.adjusted() >= _INTEGER_DIGITS:
        raise Fault("too_many_digits", figure=figure)
