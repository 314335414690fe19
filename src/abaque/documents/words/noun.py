"""The noun of a meter's unit, as the catalogue names it per language."""

from collections.abc import Mapping

from abaque.documents.words.language import FALLBACK, words


def noun(unit_names: Mapping[str, str], lang: str) -> str:
    """Return the singular noun in that language, else in English, else in any; else the word for "unit"."""
    say = words(lang)
    named = unit_names.get(say.lang) or unit_names.get(FALLBACK)
    return named or next(iter(unit_names.values()), "") or say.say("unit.unnamed")
