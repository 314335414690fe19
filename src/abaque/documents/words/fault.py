"""Every refusal, of a rule or of a verb, says what is wrong and what to do."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money
from abaque.documents.words.figures import date_text, instant_text, joined, money_text, number_text
from abaque.documents.words.language import words


def fault_sentence(fault: Fault, lang: str) -> str:
    """Say a fault; one whose code has no sentence yet is shown by its code and parameters."""
    said = {name: _said(value, lang) for name, value in fault.params.items()}
    key = f"fault.{fault.code}"
    try:
        return words(lang).say(key, **said)
    except KeyError:  # no sentence for it, or one that asks for more than this fault tells
        return _bare(fault.code, said, lang)


def _bare(code: str, said: Mapping[str, str], lang: str) -> str:
    return f"{code} ({joined((f'{name}: {value}' for name, value in said.items()), lang)})" if said else code


def _said(value: object, lang: str) -> str:
    match value:
        case Money():
            return money_text(value, lang)
        case Currency():
            return value.code
        case Decimal() if value.is_finite():
            return number_text(value, lang)
        case datetime():
            return instant_text(value, lang)
        case date():
            return date_text(value, lang)
        case tuple() | list():
            return _listed([_said(item, lang) for item in value], lang)
        case None:
            return words(lang).say("figures.nothing")
        case "":
            return '""'
        case str() if words(lang).has(f"field.{value}"):
            return words(lang).say(f"field.{value}")
        case _:
            return str(value)


def _listed(parts: Sequence[str], lang: str) -> str:
    """Join the members of a list; those that have commas of their own are set further apart."""
    if not parts:
        return words(lang).say("figures.nothing")
    if any(", " in part for part in parts):
        return words(lang).say("figures.apart").join(parts)
    return joined(parts, lang)
