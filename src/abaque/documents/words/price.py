"""Every price says itself in one sentence."""

from collections.abc import Mapping
from decimal import Decimal

from abaque.core.money import Currency
from abaque.core.period import Interval
from abaque.core.pricing import Charge, Flat, Graduated, PerUnit, Tier, Volume
from abaque.documents.words.figures import amount_text, joined, number_text
from abaque.documents.words.language import words
from abaque.documents.words.noun import noun


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
    every = _every(interval, lang)
    if isinstance(charge.price, Flat):
        said = say.say("price.flat", amount=amount_text(charge.price.amount, currency, lang), per=every)
    else:
        said = _per_unit(charge.price, currency, noun(unit_names, lang), lang)
    if charge.allowance:
        quantity = number_text(charge.allowance, lang)
        said = say.say("price.included", quantity=quantity, per=every, rest=said)
    notes = [say.say(f"price.{charge.bill.value}")]
    if charge.meter is None:
        notes.append(say.say(f"price.prorate_{charge.prorate.value}"))
    elif charge.allowance:
        notes.append(say.say(f"price.allowance_{charge.prorate.value}"))
    sentence = say.say("price.sentence", price=said, notes=joined(notes, lang))
    return sentence[:1].upper() + sentence[1:]


def _per_unit(price: PerUnit | Graduated | Volume, currency: Currency, unit: str, lang: str) -> str:
    say = words(lang)
    match price:
        case PerUnit():
            return say.say("price.per_unit", amount=amount_text(price.unit, currency, lang), unit=unit)
        case Graduated():
            return say.say("price.graduated", tiers=_tiers(price.tiers, currency, unit, lang))
        case Volume():
            return say.say("price.volume", unit=unit, tiers=_tiers(price.tiers, currency, unit, lang))


def _tiers(tiers: tuple[Tier, ...], currency: Currency, unit: str, lang: str) -> str:
    return joined((_tier(tiers, place, currency, unit, lang) for place in range(len(tiers))), lang)


def _tier(tiers: tuple[Tier, ...], place: int, currency: Currency, unit: str, lang: str) -> str:
    say = words(lang)
    tier = tiers[place]
    forms = ("only", "end") if tier.up_to is None else ("first", "middle")
    form = forms[min(place, 1)]
    last = "" if tier.up_to is None else number_text(tier.up_to, lang)
    price = amount_text(tier.unit, currency, lang)
    said = say.say(f"price.tier.{form}", price=price, unit=unit, last=last)
    if tier.flat == Decimal(0):
        return said
    return say.say("price.tier.plus_flat", price=said, flat=amount_text(tier.flat, currency, lang))


def _every(interval: Interval | None, lang: str) -> str:
    say = words(lang)
    if interval is None:
        return say.say("per.unknown")
    if interval.count == 1:
        return say.say("per.one", interval=say.say(f"interval.one.{interval.unit.value}"))
    count = number_text(interval.count, lang)
    return say.say("per.many", interval=say.say(f"interval.many.{interval.unit.value}", count=count))
