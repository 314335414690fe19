"""What stories say of prices, notes on charges, and plans."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from abaque.core.period import Interval, Unit
from abaque.core.pricing import (
    Allowance,
    Bill,
    Cell,
    Charge,
    Commitment,
    Dynamic,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Phase,
    Price,
    Prorate,
    Rollover,
    Term,
    Tier,
    Trial,
    Volume,
)

NUMBER = r"\d+(?:\.\d+)?"
EVERY = r"every (?:(\d+) )?(day|week|month|year)s?"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
MONTH_NAME = f"(?:{'|'.join(MONTHS)})"


class StoryError(Exception):
    """What a line of a story says cannot be understood."""


def charge(code: str, said: str) -> Charge:
    """Return the charge a sentence describes: its price, then its notes. Usage has the charge's name."""
    words, *notes = said.split("; ")
    price = _price(words)
    kept: dict[str, object] = {"meter": None if isinstance(price, Flat) else code}
    for note in notes:
        if note in {"in advance", "in arrears"}:
            kept["bill"] = Bill(note.removeprefix("in "))
        elif note.startswith("by "):
            kept["prorate"] = Prorate(note.removeprefix("by "))
        elif note == "subscribed":
            kept |= {"meter": None, "quantity": code}
        elif note == "never in part":
            kept["prorate"] = Prorate.NONE
        elif note == "tiers shrink":
            kept["prorate_tiers"] = True
        elif found := re.fullmatch(rf"at (least|most) ({NUMBER})", note):
            kept["minimum" if found[1] == "least" else "maximum"] = Decimal(found[2])
        elif found := re.fullmatch(EVERY, note):
            kept["interval"] = interval(found[1], found[2])
        else:
            kept["allowance"] = _allowance(kept.get("allowance"), note)
    return Charge(code, price, **kept)


def interval(count: str | None, unit: str) -> Interval:
    return Interval(Unit(unit), int(count or 1))


def terms(said: str) -> dict[str, object]:
    """Return what `with …` adds to a plan."""
    if found := re.fullmatch(r"a trial of (\d+) days", said):
        return {"trial": Trial(int(found[1]))}
    if found := re.fullmatch(rf"a (minimum|maximum) of ({NUMBER})", said):
        return {found[1]: Decimal(found[2])}
    if found := re.fullmatch(rf"a commitment of ({NUMBER})(?: {EVERY})?", said):
        return {"commitment": Commitment(Decimal(found[1]), found[3] and interval(found[2], found[3]))}
    if found := re.fullmatch(r"a term of (\d+) (day|week|month|year)s?(, then it ends)?", said):
        return {"term": Term(interval(found[1], found[2]), renews=not found[3])}
    if found := re.fullmatch(rf"(\d+) periods? at ({NUMBER})% off", said):
        return {"phases": (Phase(int(found[1]), Decimal(found[2])),)}
    raise StoryError(f"cannot understand: with {said}")


def _allowance(before: object, note: str) -> Allowance:
    """Return the allowance a note says, or what it adds to the one said before."""
    if found := re.fullmatch(rf"({NUMBER}) included(?: {EVERY})?", note):
        return Allowance(Decimal(found[1]), interval(found[2], found[3]) if found[3] else None)
    if isinstance(before, Allowance):
        if found := re.fullmatch(rf"({NUMBER}) in ({MONTH_NAME}(?:, {MONTH_NAME})*)", note):
            months = [MONTHS.index(name) + 1 for name in found[2].split(", ")]
            return replace(before, by_month=tuple((month, Decimal(found[1])) for month in months))
        if found := re.fullmatch(rf"kept for (\d+)(?:, at most ({NUMBER}))?", note):
            return replace(before, rollover=Rollover(int(found[1]), Decimal(found[2]) if found[2] else None))
    raise StoryError(f"cannot understand: {note}")


def _price(said: str) -> Price:
    for pattern, make in _PRICES.items():
        found = re.fullmatch(pattern, said)
        if found:
            return make(*found.groups())
    raise StoryError(f"cannot understand the price: {said}")


def _tiers(said: str) -> tuple[Tier, ...]:
    found = []
    for part in said.split(", "):
        match = re.fullmatch(rf"(?:up to ({NUMBER})|above) at ({NUMBER})(?: plus ({NUMBER}))?", part)
        if match is None:
            raise StoryError(f"a tier is `up to 100 at 0.10` or `above at 0.05`: {part}")
        bound = None if match[1] is None else Decimal(match[1])
        found.append(Tier(bound, Decimal(match[2]), Decimal(match[3] or 0)))
    return tuple(found)


def _percent_tiers(said: str) -> GraduatedPercentage:
    return GraduatedPercentage(tuple(PercentTier(t.up_to, t.unit, t.flat) for t in _tiers(said)))


def _matrix(by: str, said: str) -> Matrix:
    default, cells = None, []
    for part in said.split(", "):
        name, amount = part.split(" at ")
        if name == "other":
            default = PerUnit(Decimal(amount))
        else:
            cells.append(Cell(tuple(name.split("/")), PerUnit(Decimal(amount))))
    return Matrix(tuple(by.split("/")), tuple(cells), default)


_PRICES: dict[str, Callable[..., Price]] = {
    rf"flat ({NUMBER})": lambda amount: Flat(Decimal(amount)),
    rf"({NUMBER}) each": lambda unit: PerUnit(Decimal(unit)),
    r"graduated (.+)": lambda said: Graduated(_tiers(said)),
    r"volume (.+)": lambda said: Volume(_tiers(said)),
    rf"({NUMBER}) per package of ({NUMBER})": lambda amount, size: Package(Decimal(size), Decimal(amount)),
    rf"({NUMBER})% of payments(?: plus ({NUMBER}) each)?": (
        lambda percent, fixed: Percentage(Decimal(percent), Decimal(fixed or 0))
    ),
    r"percent (.+)": _percent_tiers,
    rf"({NUMBER})% of what events cost": lambda percent: Dynamic(Decimal(percent)),
    r"matrix by (\S+): (.+)": _matrix,
}
