"""Lengths of time, as how often something happens and as how long it lasts."""

from abaque.core.period import Interval
from abaque.documents.words.figures import number_text
from abaque.documents.words.language import words


def per_text(interval: Interval | None, lang: str) -> str:
    """Say how often: "per month", "every 3 months"; "per period" where that is not known."""
    say = words(lang)
    if interval is None:
        return say.say("per.unknown")
    if interval.count == 1:
        return say.say("per.one", interval=say.say(f"interval.one.{interval.unit.value}"))
    count = number_text(interval.count, lang)
    return say.say("per.many", interval=say.say(f"interval.many.{interval.unit.value}", count=count))


def length_text(interval: Interval, lang: str) -> str:
    """Say how long: "one month", "3 months"."""
    say = words(lang)
    if interval.count == 1:
        return say.say(f"length.one.{interval.unit.value}")
    return say.say(f"length.many.{interval.unit.value}", count=number_text(interval.count, lang))
