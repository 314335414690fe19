"""Rating what is due: fixed fees and allowances by the part of the period that is billed."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, cumulative_share, scaled, share, subtract, to_money
from abaque.core.period import Span, days_in
from abaque.core.pricing import Charge, Prorate, Rating, Step, Usage, bounded, further, rate, with_tiers_for

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


def rate_due(
    due: Due,
    usage: Usage | Decimal | None,
    currency: Currency,
    zone: str,
    *,
    free: Decimal | None = None,
    billed: Money | None = None,
) -> tuple[Rating, Money]:
    """Return what a due charge costs, with its steps, and the rounded amount of its line.

    `usage` is the meter's in `due.span` or the subscribed quantity, None for a fixed fee. Fixed fees, flat fees
    of tiers, subscribed quantities, allowances and spend bounds are prorated as differences of rounded
    cumulative amounts, so that the parts of a period sum to the whole; tier bounds stay whole unless the
    charge says `prorate_tiers`. `free` is what is drawn from an allowance that is a pool of its own, `billed` what
    was billed of the same usage before: it is taken off. Bounds of a subscribed quantity's tiers stay. Faults
    `quantity_needed`, `quantity_unwanted`, `pool_needed`, and those of `rate`.
    """
    charge = due.charge
    counted = charge.meter is not None or charge.quantity is not None
    if usage is not None and not counted:
        raise Fault("quantity_unwanted", charge=charge.code)
    if usage is None and counted:
        raise Fault("quantity_needed", charge=charge.code)
    part = share_of(due, zone)
    price = charge.price
    if charge.meter is not None and charge.prorate_tiers and not part.full:
        price = with_tiers_for(price, part.begin, part.end, part.whole)
    allowance = _included(charge, part) if free is None else free
    rating = rate(price, usage if usage is not None else Decimal(1), allowance=allowance)
    if not part.full:
        steps = (
            tuple(_prorated(step, part, currency) for step in rating.steps)
            if charge.quantity is None
            else (*rating.steps, _cut(rating, part, currency))
        )
        rating = replace(rating, steps=steps)
    least, most = (_bound(bound, part, currency) for bound in (charge.minimum, charge.maximum))
    rating = bounded(rating, least, most)
    if billed is not None:
        rating = further(rating, billed)
    return rating, rating.money(currency)


def _included(charge: Charge, part: Share) -> Decimal | None:
    """Return the units included in a part of a period, where the allowance is one of that period."""
    allowance = charge.allowance
    if allowance is None:
        return None
    if allowance.pooled:
        raise Fault("pool_needed", charge=charge.code)
    return prorated_allowance(allowance.quantity, part)


def _bound(amount: Decimal | None, part: Share, currency: Currency) -> Decimal | None:
    if amount is None or part.full:
        return amount
    return cumulative_share(to_money(amount, currency), part.begin, part.end, part.whole).decimal()


def _prorated(step: Step, part: Share, currency: Currency) -> Step:
    """Return the step for part of its period: a fixed fee shrinks, usage stays."""
    if step.kind not in {"flat", "tier_flat"}:
        return step
    fee = cumulative_share(to_money(step.amount, currency), part.begin, part.end, part.whole).decimal()
    if step.kind == "tier_flat":
        return replace(step, amount=fee)
    first, last = _measures(part)
    return replace(step, amount=fee, first=first, last=last)


def _cut(rating: Rating, part: Share, currency: Currency) -> Step:
    """Return the step that cuts the price of subscribed units to the part of the period."""
    fee = cumulative_share(rating.money(currency), part.begin, part.end, part.whole).decimal()
    first, last = _measures(part)
    return Step("part", Decimal(0), None, subtract(fee, rating.exact), first, last)


def _measures(part: Share) -> tuple[Decimal, Decimal]:
    """Return how many days or seconds are billed, and of how many."""
    power = -6 if part.unit is Prorate.SECOND else 0
    return scaled(part.end - part.begin, power), scaled(part.whole, power)


def _length(span: Span) -> int:
    return (span.end - span.start) // _MICROSECOND
