"""Reading attributes of an event's data: by path, as words, as numbers."""

import re
from collections.abc import Mapping
from decimal import Decimal

from abaque.core.fault import Fault

_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,12})?")
_LONGEST = 40


def check_path(path: str) -> None:
    """Refuse a path with an empty part. Fault `bad_attribute`."""
    if not all(path.split(".")):
        raise Fault("bad_attribute", attribute=path)


def attribute(data: Mapping[str, object], path: str) -> object:
    """Return what lies at the path, whose dots reach into nested objects; None if absent or JSON null."""
    found: object = data
    for key in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    assert not isinstance(found, float), "event data is read with exact numbers"
    return found


def as_word(value: object) -> str | None:
    """Return a string, number or boolean as text; None for what is absent, an object or an array.

    Numbers are written out without exponent and keep the digits they came with, `true` and `false` as in
    JSON: the text PostgreSQL gives for the same jsonb value.
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return _written_out(value)
        case _:
            return None


def as_number(value: object) -> Decimal | None:
    """Return a JSON number or a decimal string as a number, None if it is neither.

    At most 18 digits before and 12 after the point, as written out; in strings no exponent, plus or blank.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal) and (not value.is_finite() or abs(value.adjusted()) > _LONGEST):
        return None
    word = as_word(value)
    if word is None or _NUMBER.fullmatch(word) is None:
        return None
    number = Decimal(word)
    return number.copy_abs() if number == 0 else number


def _written_out(value: Decimal) -> str:
    unsigned = value.copy_abs() if value == 0 else value
    return format(unsigned, "f")
