"""Why a line speaks of a period that was billed before."""

from datetime import date

from abaque.documents.words.figures import span_text
from abaque.documents.words.language import words


def late_sentence(first: date, last: date, number: str, lang: str, *, credit: bool) -> str:
    """Say that the usage of the days `first` to `last` is rated again, and which invoice billed it before.

    No number: nothing was due then. credit: what was billed too much is given back.
    """
    form = "less" if credit else "more" if number else "more_closed"
    period = span_text(first, last, lang)
    return words(lang).say(f"invoice.late.{form}", period=period, number=number)
