"""Every price says itself in one sentence."""

from collections.abc import Mapping
from decimal import Decimal

from abaque.core.money import Currency
from abaque.core.period import Interval
from abaque.core.pricing import (
    Allowance,
    Cell,
    Charge,
    Dynamic,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Price,
    Tier,
    Volume,
)
from abaque.documents.words.figures import amount_text, joined, month_text, number_text, percent_text
from abaque.documents.words.intervals import per_text
from abaque.documents.words.language import words
from abaque.documents.words.noun import noun

_HUNDRED = Decimal(100)


def price_sentence(
    charge: Charge,
    currency: Currency,
    unit_names: Mapping[str, str],
    lang: str,
    *,
    interval: Interval | None = None,
) -> str:
    """Say what a charge costs, what is included, when it is billed and what a part period costs.

    unit_names: the singular noun of the meter's unit per language, empty for a fixed fee. interval: the
    plan's; without it the sentence says "per period". Tier bounds count what goes beyond the allowance.
    """
    say = words(lang)
    every = per_text(charge.interval or interval, lang)
    if isinstance(charge.price, Flat):
        said = say.say("price.flat", amount=amount_text(charge.price.amount, currency, lang), per=every)
    else:
        named = unit_names or charge.units or ({} if charge.quantity is None else {say.lang: charge.quantity})
        said = _usage(charge.price, currency, noun(named, lang), lang)
        if charge.quantity is not None:
            said = say.say("price.quantity", price=said, per=every)
    if charge.allowance:
        said = say.say("price.included", **_included(charge.allowance, every, lang), rest=said)
    sentence = say.say(
        "price.sentence", price=said, notes=joined(_notes(charge, currency, every, lang), lang)
    )
    return sentence[:1].upper() + sentence[1:]


def _notes(charge: Charge, currency: Currency, every: str, lang: str) -> list[str]:
    say = words(lang)
    notes = []
    for bound, amount in (("minimum", charge.minimum), ("maximum", charge.maximum)):
        if amount is not None:
            notes.append(say.say(f"price.{bound}", amount=amount_text(amount, currency, lang), per=every))
    if charge.allowance and charge.allowance.rollover is not None:
        rollover = charge.allowance.rollover
        form = "rollover" if rollover.limit is None else "rollover_limited"
        limit = "" if rollover.limit is None else number_text(rollover.limit, lang)
        notes.append(say.say(f"price.{form}", periods=number_text(rollover.periods, lang), limit=limit))
    notes.append(say.say(f"price.{charge.bill.value}"))
    if charge.meter is None:
        notes.append(say.say(f"price.prorate_{charge.prorate.value}"))
    elif charge.allowance:
        notes.append(say.say(f"price.allowance_{charge.prorate.value}"))
    if charge.prorate_tiers:
        notes.append(say.say("price.prorate_tiers"))
    return notes


def _included(allowance: Allowance, every: str, lang: str) -> dict[str, str]:
    """Say how many units are included, and per what."""
    say = words(lang)
    quantity = number_text(allowance.quantity, lang)
    if allowance.by_month:
        seasons: dict[Decimal, list[str]] = {}
        for month, units in allowance.by_month:
            seasons.setdefault(units, []).append(month_text(month, lang))
        others = ", ".join(
            say.say("price.season", quantity=number_text(units, lang), months=", ".join(months))
            for units, months in seasons.items()
        )
        quantity = say.say("price.seasons", quantity=quantity, others=others)
    return {"quantity": quantity, "per": per_text(allowance.interval, lang) if allowance.interval else every}


def _usage(price: Price, currency: Currency, unit: str, lang: str) -> str:
    """Say a price that depends on usage."""
    say = words(lang)
    match price:
        case PerUnit():
            many = _many(price.per, unit, lang)
            return say.say("price.per_unit", amount=amount_text(price.unit, currency, lang), unit=many)
        case Graduated():
            return say.say("price.graduated", tiers=_tiers(price, currency, unit, lang))
        case Volume():
            priced = _many(price.per, unit, lang, whole=True) if price.whole else unit
            return say.say("price.volume", unit=priced, tiers=_tiers(price, currency, unit, lang))
        case Package():
            package = _many(price.size, unit, lang, whole=True)
            return say.say("price.per_unit", amount=amount_text(price.amount, currency, lang), unit=package)
        case Percentage():
            return _percentage(price, currency, lang)
        case GraduatedPercentage():
            parts = (_percent_tier(price, place, currency, lang) for place in range(len(price.tiers)))
            return say.say("price.graduated", tiers=joined(parts, lang))
        case Dynamic():
            form = "dynamic" if price.percent == _HUNDRED else "dynamic_share"
            return say.say(f"price.{form}", percent=percent_text(price.percent, lang))
        case Matrix():
            return _matrix(price, currency, unit, lang)
        case Flat():
            raise AssertionError("a fixed fee does not depend on usage")


def _percentage(price: Percentage, currency: Currency, lang: str) -> str:
    say = words(lang)
    said = say.say("price.percentage", percent=percent_text(price.percent, lang))
    if price.fixed:
        said = say.say("price.plus_fixed", price=said, fixed=amount_text(price.fixed, currency, lang))
    clauses = [said]
    free = [
        *([] if price.free_events is None else [("free_events", number_text(price.free_events, lang))]),
        *(
            []
            if price.free_amount is None
            else [("free_amount", amount_text(price.free_amount, currency, lang))]
        ),
    ]
    if free:
        form, figures = "_and_".join(name for name, _ in free), dict(free)
        clauses.append(say.say(f"price.{form}", **figures))
    for bound, amount in (("event_minimum", price.minimum), ("event_maximum", price.maximum)):
        if amount is not None:
            clauses.append(say.say(f"price.{bound}", amount=amount_text(amount, currency, lang)))
    return ", ".join(clauses)


def _percent_tier(graduated: GraduatedPercentage, place: int, currency: Currency, lang: str) -> str:
    say = words(lang)
    tier = graduated.tiers[place]
    form = _form(tier, place)
    price = percent_text(tier.percent, lang)
    last = "" if tier.up_to is None else amount_text(tier.up_to, currency, lang)
    if _fee_alone(tier):
        return _fee(graduated, place, last, currency, lang)
    if form in {"first", "only"}:
        form, price = f"sum_{form}", say.say("price.percentage", percent=price)
    said = say.say(f"price.tier.{form}", price=price, last=last)
    return _with_fee(said, graduated, place, currency, lang)


def _matrix(price: Matrix, currency: Currency, unit: str, lang: str) -> str:
    say = words(lang)

    def cell(one: Cell) -> str:
        values = " / ".join(one.values)
        return say.say("price.cell", values=values, price=_usage(one.price, currency, unit, lang))

    parts = [cell(one) for one in price.cells]
    if price.default is not None:
        parts.append(say.say("price.cell_default", price=_usage(price.default, currency, unit, lang)))
    return say.say("price.matrix", by=" / ".join(price.by), cells=say.say("price.cell_and").join(parts))


def _many(size: Decimal, unit: str, lang: str, *, whole: bool = False) -> str:
    """Name what a price is of: one unit, so many of them, or a package that counts whole once begun."""
    if whole:
        return words(lang).say("price.begun", size=number_text(size, lang), unit=unit)
    return unit if size == 1 else words(lang).say("price.many", size=number_text(size, lang), unit=unit)


def _tiers(tiered: Graduated | Volume, currency: Currency, unit: str, lang: str) -> str:
    many = _many(tiered.per, unit, lang, whole=tiered.whole)
    return joined((_tier(tiered, place, currency, many, lang) for place in range(len(tiered.tiers))), lang)


def _tier(tiered: Graduated | Volume, place: int, currency: Currency, unit: str, lang: str) -> str:
    tier = tiered.tiers[place]
    last = "" if tier.up_to is None else number_text(tier.up_to, lang)
    if _fee_alone(tier):
        return _fee(tiered, place, last, currency, lang)
    price = amount_text(tier.unit, currency, lang)
    said = words(lang).say(f"price.tier.{_form(tier, place)}", price=price, unit=unit, last=last)
    return _with_fee(said, tiered, place, currency, lang)


def _form(tier: Tier | PercentTier, place: int) -> str:
    forms = ("only", "end") if tier.up_to is None else ("first", "middle")
    return forms[min(place, 1)]


def _fee_alone(tier: Tier | PercentTier) -> bool:
    """Whether a tier costs its fee and nothing by the unit, as stairs of prices do."""
    return not tier.unit and bool(tier.flat)


def _fee(
    tiered: Graduated | Volume | GraduatedPercentage, place: int, last: str, currency: Currency, lang: str
) -> str:
    """Say a tier that costs a fee only, and how far it goes."""
    say = words(lang)
    tier = tiered.tiers[place]
    fee = say.say(f"price.tier.{_waits(tiered, place, 'flat')}", flat=amount_text(tier.flat, currency, lang))
    form = _form(tier, place)
    return say.say(f"price.tier.{f'sum_{form}' if place == 0 else form}", price=fee, last=last)


def _with_fee(
    said: str, tiered: Graduated | Volume | GraduatedPercentage, place: int, currency: Currency, lang: str
) -> str:
    """Add a tier's flat fee."""
    flat = tiered.tiers[place].flat
    if not flat:
        return said
    form = _waits(tiered, place, "plus_flat")
    return words(lang).say(f"price.tier.{form}", price=said, flat=amount_text(flat, currency, lang))


def _waits(tiered: Graduated | Volume | GraduatedPercentage, place: int, form: str) -> str:
    """Choose the words of a flat fee: that it waits for usage is said where one would expect it at zero."""
    return form if place or tiered.flat_at_zero else f"{form}_begun"
