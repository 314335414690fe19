"""Decimals and intervals in the canonical form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from abaque.core.period import Interval, Unit


def plain(number: Decimal) -> str:
    """Write a number in digits, without exponent, trailing zeros or a negative zero."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def plain_or_none(number: Decimal | None) -> str | None:
    """Write a number that may be absent."""
    return None if number is None else plain(number)


def number_or_none(text: str | None) -> Decimal | None:
    """Read a number that may be absent."""
    return None if text is None else Decimal(text)


def dump_interval(interval: Interval) -> dict[str, Any]:
    """Return the canonical form of a length of time."""
    return {"unit": interval.unit.value, "count": interval.count}


def load_interval(stored: Mapping[str, Any] | None) -> Interval | None:
    """Return the length of time of a canonical form, None if it is absent."""
    return None if stored is None else Interval(Unit(stored["unit"]), stored["count"])


def differing(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not said: younger keys must not change the fingerprint of an older version."""
    return {key: value for key, value in values.items() if value not in (None, False, [], {})}


def dump_scope(codes: tuple[str, ...] | None) -> list[str] | None:
    """Return the canonical form of what something is limited to, None for no limit."""
    return None if codes is None else list(codes)


def load_scope(stored: list[str] | None) -> tuple[str, ...] | None:
    """Return what something is limited to, from its canonical form."""
    return None if stored is None else tuple(stored)
