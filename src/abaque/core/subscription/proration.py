"""Rating what is due: fixed fees and allowances by the part of the period that is billed."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, cumulative_share, scaled, share, to_money
from abaque.core.period import Span, days_in
from abaque.core.pricing import Prorate, Rating, Step, rate

from .due import Due

_MICROSECOND = timedelta(microseconds=1)
_FINE = 12


@dataclass(frozen=True, slots=True)
class Share:
    """The part `[begin, end)` of `[0, whole)` of a period, counted in local days or in microseconds."""

    begin: int
    end: int
    whole: int
    unit: Prorate

    @property
    def full(self) -> bool:
        """Whether it is the whole period."""
        return self.begin == 0 and self.end == self.whole


def share_of(due: Due, zone: str) -> Share:
    """Return which part of its period a due charge is billed for.

    By local day, of all days of the period that contains the stub; by second; or always the whole.
    """
    elapsed, used = Span(due.whole.start, due.span.start), Span(due.whole.start, due.span.end)
    match due.charge.prorate:
        case Prorate.DAY:
            return Share(days_in(elapsed, zone), days_in(used, zone), days_in(due.whole, zone), Prorate.DAY)
        case Prorate.SECOND:
            return Share(_length(elapsed), _length(used), _length(due.whole), Prorate.SECOND)
        case Prorate.NONE:
            return Share(0, 1, 1, Prorate.NONE)


def prorated_allowance(allowance: Decimal, part: Share) -> Decimal:
    """Return the units included in a part of a period; the parts of a period sum to the allowance.

    An allowance of whole units is shared out in whole units, any other to twelve fractional digits.
    """
    if part.full:
        return allowance
    scale = 0 if allowance == allowance.to_integral_value() else _FINE
    units = int(scaled(allowance, scale))
    return scaled(share(units, part.begin, part.end, part.whole), -scale)


def rate_due(due: Due, quantity: Decimal | None, currency: Currency, zone: str) -> tuple[Rating, Money]:
    """Return what a due charge costs, with its steps, and the rounded amount of its line.

    `quantity` is the meter's usage in `due.span`, None for a fixed fee. Fixed fees, flat fees of tiers and
    allowances are prorated as differences of rounded cumulative amounts, so that the parts of a period sum to
    the whole; tier bounds stay whole. Faults `quantity_needed`, `quantity_unwanted`, and those of `rate`.
    """
    charge = due.charge
    if charge.meter is None and quantity is not None:
        raise Fault("quantity_unwanted", charge=charge.code)
    if charge.meter is not None and quantity is None:
        raise Fault("quantity_needed", charge=charge.code)
    part = share_of(due, zone)
    allowance = None if charge.allowance is None else prorated_allowance(charge.allowance, part)
    rating = rate(charge.price, quantity if quantity is not None else Decimal(1), allowance=allowance)
    if not part.full:
        rating = replace(rating, steps=tuple(_prorated(step, part, currency) for step in rating.steps))
    return rating, rating.money(currency)


def _prorated(step: Step, part: Share, currency: Currency) -> Step:
    """Return the step for part of its period: a fixed fee shrinks, usage stays."""
    if step.kind not in {"flat", "tier_flat"}:
        return step
    fee = cumulative_share(to_money(step.amount, currency), part.begin, part.end, part.whole)
    if step.kind == "tier_flat":
        return replace(step, amount=fee.decimal())
    first, last = part.end - part.begin, part.whole
    power = -6 if part.unit is Prorate.SECOND else 0
    return replace(step, amount=fee.decimal(), first=scaled(first, power), last=scaled(last, power))


def _length(span: Span) -> int:
    return (span.end - span.start) // _MICROSECOND
