"""Every step of a rating says itself: quantity × unit price = amount, and which tier it belongs to."""

from collections.abc import Mapping
from decimal import Decimal

from abaque.core.money import Currency
from abaque.core.pricing import Prorate, Step
from abaque.documents.words.figures import amount_text, number_text, percent_text
from abaque.documents.words.language import words
from abaque.documents.words.noun import noun

#: Steps whose quantity is money.
_OF_MONEY = frozenset({"percent", "percent_tier", "dynamic", "free"})
_PLAIN = frozenset({
    "per_unit", "included", "package", "percent", "dynamic", "free", "per_event",
    "event_minimum", "event_maximum", "minimum", "maximum", "billed_before",
    "phase", "as_invoiced",
})  # fmt: skip


def step_sentence(
    step: Step,
    currency: Currency,
    unit_names: Mapping[str, str],
    lang: str,
    *,
    prorate: Prorate = Prorate.DAY,
) -> str:
    """Say one step. Amounts are exact: what is rounded is the line, not its steps.

    prorate: how the charge counts part periods, which names what `first` of `last` means in a fixed fee.
    """
    say = words(lang)
    price = amount_text(step.unit if step.unit is not None else Decimal(0), currency, lang)
    bounds = _bounds(step, currency, lang)
    money = step.kind in _OF_MONEY
    values = {
        "kind": step.kind,
        "quantity": amount_text(step.quantity, currency, lang) if money else number_text(step.quantity, lang),
        "percent": percent_text(step.unit or Decimal(0), lang),
        "unit": price,
        "noun": noun(unit_names, lang),
        "amount": amount_text(step.amount, currency, lang),
        "bounds": bounds,
        "first": "" if step.first is None else number_text(step.first, lang),
        "last": "" if step.last is None else number_text(step.last, lang),
    }
    said = say.say(f"step.{_form(step, prorate, bounded=bool(bounds))}", **values)
    if step.cell is not None:
        cell = " / ".join(step.cell) or say.say("step.cell_default")
        said = say.say("step.cell", cell=cell, step=said)
    return said[:1].upper() + said[1:]


def _form(step: Step, prorate: Prorate, *, bounded: bool) -> str:
    """Choose the sentence of a step; a kind we have no sentence for is shown by its code."""
    part = step.unit is not None and step.amount != step.unit
    match step.kind:
        case "flat":
            return f"flat_part_{prorate.value}" if part and step.first is not None else "flat"
        case "tier":
            return "tier" if bounded else "per_unit"
        case "tier_flat":
            return ("tier_flat_part" if part else "tier_flat") + ("_bounded" if bounded else "")
        case "volume":
            return "volume" if bounded else "per_unit"
        case "part" if prorate is not Prorate.NONE:
            return f"part_{prorate.value}"
        case "percent_tier":
            return "percent_tier" if bounded else "percent"
        case kind if kind in _PLAIN:
            return kind
        case _:
            return "other"


def _bounds(step: Step, currency: Currency, lang: str) -> str:
    """Name a tier by its bounds, the lower one excluded and the upper one included; "" if it has none."""
    say = words(lang)

    def figure(bound: Decimal) -> str:
        return amount_text(bound, currency, lang) if step.kind in _OF_MONEY else number_text(bound, lang)

    above = figure(step.first) if step.first else ""
    last = figure(step.last) if step.last is not None else ""
    if above and last:
        return say.say("step.bounds.both", above=above, last=last)
    if above:
        return say.say("step.bounds.open", above=above)
    return say.say("step.bounds.start", last=last) if last else ""
