"""The languages people read, each one file: en.toml, fr.toml. Another file is another language.

A file holds the babel locale for figures and dates, the typographic rules of the language, and the
sentences by dotted key. Sentences name their values in braces; values arrive already in words.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from babel import Locale

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """One language: its locale and its sentences."""

    lang: str
    locale: Locale
    sentences: Mapping[str, str]
    dates: tuple[tuple[re.Pattern[str], str], ...]

    def has(self, key: str) -> bool:
        return key in self.sentences

    def say(self, key: str, /, **values: str) -> str:
        """Fill the sentence of a dotted key; an unknown key is a mistake of ours (KeyError)."""
        return self.sentences[key].format_map(values)

    def under(self, prefix: str) -> tuple[str, ...]:
        """Every key that begins with the prefix and a dot, without both."""
        return tuple(key.removeprefix(f"{prefix}.") for key in self.sentences if key.startswith(f"{prefix}."))


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of all languages there is a file for."""
    files = resources.files(__package__).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


@cache
def words(lang: str) -> Words:
    """Return a language by its code or tag ("fr", "fr-BE"); one without a file is read in English."""
    primary = lang.replace("_", "-").partition("-")[0].lower()
    chosen = primary if primary in languages() else FALLBACK
    text = resources.files(__package__).joinpath(f"{chosen}.toml").read_text("utf-8")
    content = tomllib.loads(text)
    rules = content.pop("typography", [])
    dates = content.pop("date_rules", [])
    locale = Locale.parse(content.pop("locale"))
    spaces = [(re.compile(rule["find"]), rule["put"]) for rule in rules]
    sentences = {key: _typeset(sentence, spaces) for key, sentence in _flat(content, "")}
    return Words(chosen, locale, sentences, tuple((re.compile(rule["find"]), rule["put"]) for rule in dates))


def _flat(table: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found


def _typeset(sentence: str, rules: list[tuple[re.Pattern[str], str]]) -> str:
    # Only our own sentences are typeset: the names people gave are printed as they gave them.
    for pattern, replacement in rules:
        sentence = pattern.sub(replacement, sentence)
    return sentence
