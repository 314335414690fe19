"""What everything due costs: pools drawn, phases taken off, a plan's spend kept within its bounds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from abaque.core.money import Money, cumulative_share, subtract, to_money, total
from abaque.core.period import Span, days_in, zone_at
from abaque.core.pricing import Bill, Flat, Plan, Pool, Prorate, Rating, Step, Usage, further
from abaque.core.pricing.plan import MINIMUM

from .bill import Billed, bill, minimums, running
from .due import Due
from .phase import less, phased
from .pool import drawn
from .proration import rate_due
from .subscription import Subscription

#: The meter's value in a due charge's span; asked for metered charges only.
Used = Callable[[Due], Usage | Decimal]
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rated:
    """A due charge, the steps of its line, and the line's rounded amount."""

    item: Billed
    rating: Rating
    net: Money


def rated(subscription: Subscription, usage: Used, *, until: datetime) -> tuple[Rated, ...]:
    """Return what is due up to and including `until`, each with what it costs, minimum spends and true-ups last.

    Steps come in this order: the price, a charge's own bounds, the phase's percentage, the plan's maximum. What
    a plan's charges leave of its maximum is used by fees billed in advance first, then in the order of billing.
    A minimum spend or a commitment counts what the plan's charges and its add-ons' cost in its span, before
    discounts; parts are prorated by local days. Laws: the charges of a period never cost more than its maximum,
    with its true-up never less than its minimum. Faults: those of `rate_due`.
    """
    pools: dict[tuple[object, ...], Pool] = {}
    found = [_rate(item, usage, pools) for item in bill(subscription, until=until)]
    charged = _capped(_never_in_part(found), subscription)
    for item, spans in minimums(subscription, until=until):
        charged.append(_minimum(item, spans, charged))
    return tuple(charged)


def rated_in_advance(subscription: Subscription, *, until: datetime) -> tuple[Rated, ...]:
    """Return the same for the fees billed in advance, which no usage changes."""
    fees = [item for item in bill(subscription, until=until) if item.due.charge.bill is Bill.ADVANCE]
    rated_fees = _never_in_part([_rate(item, _none_used, {}) for item in fees])
    return tuple(_capped(rated_fees, subscription))


def _none_used(due: Due) -> Decimal:
    raise AssertionError(f"usage is never billed in advance: {due.charge.code}")


def _rate(item: Billed, usage: Used, pools: dict[tuple[object, ...], Pool]) -> Rated:
    charge, currency = item.due.charge, item.plan.currency
    zone = zone_at(item.terms.cycle, item.due.span.start)
    free, allowance = None, charge.allowance
    if allowance is not None and allowance.pooled:
        key = (item.owner, charge.code, item.terms.start)
        free, pools[key] = drawn(pools.get(key, Pool()), allowance, item.due, item.terms, usage)
    used = usage(item.due) if charge.meter is not None else item.quantity
    rating = phased(rate_due(item.due, used, currency, zone, free=free)[0], item.percent_off, currency)
    return Rated(item, rating, rating.money(currency))


def _never_in_part(found: Sequence[Rated]) -> list[Rated]:
    """Let a fee that is never due in part be due once in a period: what follows a change owes what is dearer in it."""
    most: dict[tuple[object, ...], Money] = {}
    done = []
    for one in found:
        charge = one.item.due.charge
        if charge.meter is None and charge.prorate is Prorate.NONE:
            key = (one.item.owner.partition(":")[0], charge.code, one.item.due.whole)
            before = most.get(key, Money.zero(one.net.currency))
            most[key] = max(before, one.net)
            rating = further(one.rating, min(before, one.net))
            done.append(Rated(one.item, rating, rating.money(one.net.currency)))
        else:
            done.append(one)
    return done


def _capped(found: list[Rated], subscription: Subscription) -> list[Rated]:
    """Cut what goes beyond a plan's maximum spend in each of its periods."""
    spans = running(subscription)
    spent: dict[tuple[object, ...], Money] = {}
    done = dict(enumerate(found))
    for place in sorted(done, key=lambda place: found[place].item.due.charge.bill is Bill.ARREARS):
        one = found[place]
        plan, currency, schedule = one.item.plan, one.net.currency, one.item.terms.cycle
        if plan.maximum is None:
            continue
        whole = schedule.period(schedule.index_of(one.item.moment))
        key = (plan.code, plan.version, whole)
        runs = spans.get((plan.code, plan.version), [])
        most = _parts(to_money(plan.maximum, currency), runs, whole, schedule.zone)
        before = spent.get(key, Money.zero(currency))
        left = max(most - before, Money.zero(currency))
        if one.net > left:
            step = Step("maximum", _ZERO, most.decimal(), subtract(left.decimal(), one.rating.exact))
            done[place] = Rated(one.item, replace(one.rating, steps=(*one.rating.steps, step)), left)
        spent[key] = before + done[place].net
    return list(done.values())


def _minimum(item: Billed, spans: Sequence[Span], charged: Iterable[Rated]) -> Rated:
    """Return what brings the spend of a period to the least it comes to; nothing where that is reached."""
    charge, currency = item.due.charge, item.plan.currency
    assert isinstance(charge.price, Flat)
    agreed = to_money(charge.price.amount, currency)
    if charge.code == MINIMUM:
        agreed = less(agreed, item.percent_off)
    least = _parts(agreed, spans, item.due.whole, zone_at(item.terms.cycle, item.due.span.start))
    spent = total((one.net for one in charged if _belongs(one.item, item.plan, item.due.span)), currency)
    short = max(least - spent, Money.zero(currency))
    return Rated(item, Rating(Decimal(1), (Step("minimum", _ZERO, least.decimal(), short.decimal()),)), short)


def _belongs(item: Billed, plan: Plan, span: Span) -> bool:
    same = (item.plan.code, item.plan.version) == (plan.code, plan.version)
    return same and span.contains(item.moment)


def _parts(amount: Money, spans: Iterable[Span], whole: Span, zone: str) -> Money:
    """Return the share of an amount that the parts of a period in these spans have together, by local days."""
    parts = (whole.overlap(span) for span in spans)
    return total((_part(amount, part, whole, zone) for part in parts if part is not None), amount.currency)


def _part(amount: Money, part: Span, whole: Span, zone: str) -> Money:
    days = [days_in(Span(whole.start, instant), zone) for instant in (part.start, part.end, whole.end)]
    return cumulative_share(amount, *days)
