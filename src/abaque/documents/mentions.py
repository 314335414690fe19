"""Legal mentions and VAT rates by the day of the document. mentions.toml holds them with their sources."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Self, TypeVar

from abaque.core.fault import Fault
from abaque.core.money import currency
from abaque.documents.words.figures import amount_text, joined
from abaque.documents.words.language import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A row of the table. valid_to: the last day, None until further notice.

    tolerated_to: until when the law accepts the row after that. confidence: high, or medium where the wording
    comes from secondary sources.
    """

    key: str
    valid_from: date
    valid_to: date | None = None
    tolerated_to: date | None = None
    source: str
    confidence: str

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention(Dated):
    """What to print. words: its sentence's key; vatex: the code that says the same electronically."""

    words: str
    vatex: str = ""
    articles: tuple[str, ...] = ()
    amount: Decimal | None = None
    currency: str = ""

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        amount = Decimal(row["amount"]) if "amount" in row else None
        return cls(**{**row, "articles": tuple(row.get("articles", ())), "amount": amount})

    def text(self, lang: str) -> str:
        amount = "" if self.amount is None else amount_text(self.amount, currency(self.currency), lang)
        return words(lang).say(f"mention.{self.words}", articles=joined(self.articles, lang), amount=amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRate(Dated):
    """A rate in per cent. country: ISO 3166-1 alpha-2."""

    country: str
    percent: Decimal

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        return cls(**{**row, "percent": Decimal(row["percent"])})


def mention(key: str, day: date, lang: str) -> str:
    """Return what a document of that day prints. Faults `unknown_mention`, `no_mention_on_day`."""
    return mention_row(key, day).text(lang)


def mention_row(key: str, day: date) -> Mention:
    """Return the row of a mention that holds on a day, with its source and VATEX code; the same Faults."""
    rows = [row for row in mentions() if row.key == key]
    if not rows:
        raise Fault("unknown_mention", mention=key)
    found = _on(rows, day)
    if found is None:
        raise Fault("no_mention_on_day", mention=key, day=day)
    return found


def vat_percent(country: str, day: date, key: str = "standard") -> Decimal:
    """Return a VAT rate, in per cent, that holds on a day. Fault `no_rate_on_day`."""
    found = _on((row for row in rates() if (row.key, row.country) == (key, country.upper())), day)
    if found is None:
        raise Fault("no_rate_on_day", rate=key, country=country, day=day)
    return found.percent


def mentions() -> tuple[Mention, ...]:
    """Return every mention of the table."""
    return _table()[0]


def rates() -> tuple[VatRate, ...]:
    """Return every VAT rate of the table."""
    return _table()[1]


_Row = TypeVar("_Row", bound=Dated)


def _on(rows: Iterable[_Row], day: date) -> _Row | None:
    return next((row for row in rows if row.holds(day)), None)


@cache
def _table() -> tuple[tuple[Mention, ...], tuple[VatRate, ...]]:
    content = tomllib.loads(resources.files(__package__).joinpath("mentions.toml").read_text("utf-8"))
    return (
        tuple(Mention.read(row) for row in content["mention"]),
        tuple(VatRate.read(row) for row in content["rate"]),
    )
