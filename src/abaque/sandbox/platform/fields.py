"""Reading the fields of a request body: each returns a value or refuses by name."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from abaque.sandbox.platform.reply import invalid


def an_object(body: object) -> Mapping[str, object]:
    if not isinstance(body, dict):
        raise invalid("body", "Send a JSON object.")
    return body


def only(body: Mapping[str, object], known: tuple[str, ...]) -> None:
    """Refuse a field nobody knows: a misspelt name must not pass in silence."""
    for name in body:
        if name not in known:
            raise invalid(name, f"Unknown field; known are {', '.join(known)}.")


def text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise invalid(name, "A text is needed.")
    return value


def minor_units(body: Mapping[str, object], name: str) -> int:
    """Read an amount: a JSON integer of minor units, negative allowed."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(name, "A whole number of minor units is needed.")
    return value


def quantity(value: object, name: str) -> Decimal:
    """Read a JSON number or a decimal text, finite."""
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise invalid(name, "A number or a decimal text is needed.")


def instant(value: object, name: str) -> int:
    """Read whole seconds since 1970 UTC, from such a number or from RFC 3339 with an offset."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            raise invalid(name, "Not a time; send 2026-01-31T12:00:00Z.") from None
        if at.tzinfo is not None:
            return int(at.timestamp())
    raise invalid(name, "A time with an offset, or seconds since 1970, is needed.")
