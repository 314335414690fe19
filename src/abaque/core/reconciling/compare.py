"""Ours beside theirs, key by key."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from abaque.core.money import Currency, Money, multiply, subtract, to_money

from .difference import Difference, Fact, Kind

_DISPUTED = "disputed"


def compare(
    ours: Sequence[Fact],
    theirs: Sequence[Fact] | None,
    *,
    currency: Currency,
    unit: Decimal | None = None,
    fresh_since: datetime | None = None,
) -> tuple[Difference, ...]:
    """Return where the two sides do not agree, by key; nothing if they do.

    `theirs` None means that they could not be asked: every fact is `unknown`, and so is the whole (key `""`)
    if we have none. A key that they have more often than we is `unexpected`, `doubled` if we have it at all.
    What they knew before `fresh_since` is `stale` where it differs; what one side calls disputed is
    `disputed`. `unit` prices a difference of quantities, in major units of `currency`, which impacts are
    counted in; an amount in another currency has an impact of its own currency.
    """
    if theirs is None:
        return tuple(
            Difference(Kind.UNKNOWN, fact.key, fact, None, _worth(fact, currency, unit)) for fact in ours
        ) or (Difference(Kind.UNKNOWN, "", None, None, Money.zero(currency)),)
    mine, other = _by_key(ours), _by_key(theirs)
    found: list[Difference] = []
    for key in sorted(mine.keys() | other.keys()):
        left, right = _without_equals(mine.get(key, []), other.get(key, []))
        pairs = min(len(left), len(right))
        found += [
            _differing(a, b, currency, unit, fresh_since)
            for a, b in zip(left[:pairs], right[:pairs], strict=True)
        ]
        found += [
            Difference(Kind.MISSING, key, fact, None, _worth(fact, currency, unit)) for fact in left[pairs:]
        ]
        doubled = ("doubled",) if key in mine or len(right) < len(other.get(key, [])) else ()
        for place, fact in enumerate(right[pairs:]):
            aspects = doubled or (("doubled",) if place else ())
            found.append(Difference(Kind.UNEXPECTED, key, None, fact, _worth(fact, currency, unit), aspects))
    return tuple(found)


def _by_key(facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    grouped: dict[str, list[Fact]] = {}
    for fact in facts:
        grouped.setdefault(fact.key, []).append(fact)
    return grouped


def _without_equals(ours: list[Fact], theirs: list[Fact]) -> tuple[list[Fact], list[Fact]]:
    """Return what remains of both after every fact that the other side has too is taken away."""
    left: list[Fact] = []
    right = list(theirs)
    for fact in ours:
        twin = next((other for other in right if not _aspects(fact, other)), None)
        if twin is None:
            left.append(fact)
        else:
            right.remove(twin)
    return left, right


def _aspects(ours: Fact, theirs: Fact) -> tuple[str, ...]:
    found: list[str] = []
    if ours.amount != theirs.amount:
        same = ours.amount is None or theirs.amount is None or ours.amount.currency == theirs.amount.currency
        found.append("amount" if same else "currency")
    if ours.quantity != theirs.quantity:
        found.append("quantity")
    if ours.state != theirs.state:
        found.append("state")
    return tuple(found)


def _differing(
    ours: Fact, theirs: Fact, currency: Currency, unit: Decimal | None, fresh_since: datetime | None
) -> Difference:
    kind = Kind.DIFFERING
    if fresh_since is not None and theirs.as_of is not None and theirs.as_of < fresh_since:
        kind = Kind.STALE
    elif _DISPUTED in {ours.state, theirs.state} and ours.state != theirs.state:
        kind = Kind.DISPUTED
    aspects = _aspects(ours, theirs)
    return Difference(kind, ours.key, ours, theirs, _impact(ours, theirs, aspects, currency, unit), aspects)


def _impact(
    ours: Fact, theirs: Fact, aspects: tuple[str, ...], currency: Currency, unit: Decimal | None
) -> Money:
    """Return what is at stake: the amounts' difference, else the priced quantities', else all of it."""
    if "amount" in aspects and ours.amount is not None and theirs.amount is not None:
        return abs(ours.amount - theirs.amount)
    if aspects == ("quantity",) and ours.quantity is not None and theirs.quantity is not None:
        apart = subtract(ours.quantity, theirs.quantity).copy_abs()
        return to_money(multiply(apart, unit or Decimal(0)), currency)
    return _worth(ours if ours.amount is not None else theirs, currency, unit)


def _worth(fact: Fact, currency: Currency, unit: Decimal | None) -> Money:
    if fact.amount is not None:
        return abs(fact.amount)
    if fact.quantity is not None and unit is not None:
        return to_money(multiply(fact.quantity.copy_abs(), unit), currency)
    return Money.zero(currency)
