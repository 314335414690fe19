"""Reading JSON strictly: what JSON parsers usually swallow is refused with its place."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from abaque.api.refusals import Problem, pointer_to

_DIGITS_MAX = 40
_DEPTH_MAX = 32


class StrictParser(Parser):
    """JSON bodies without doubled keys, NaN, floats, NUL, lone surrogates or depth beyond reason."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body of a request. Problem 400, 413 or 415 that says what to do."""
        if not (request.content_type == "application/json" or (request.content_type or "").endswith("+json")):
            raise Problem(415, "unknown_content_type", "Send JSON, with `Content-Type: application/json`.")
        try:
            text = request.body.decode()
        except UnicodeDecodeError as error:
            raise Problem(400, "not_utf8", f"The body is not UTF-8 at byte {error.start}.") from None
        try:
            body = json.loads(
                text,
                parse_float=_decimal,
                parse_int=_integer,
                parse_constant=_refuse_constant,
                object_pairs_hook=_object,
            )
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise Problem(400, "malformed_json", f"The body is not JSON: {error.msg} at {place}.") from None
        except RecursionError:
            raise Problem(400, "too_deep", "The body is nested too deeply.") from None
        _inspect(body, ())
        return body


def _decimal(text: str) -> Decimal:
    if len(text) > _DIGITS_MAX:
        raise Problem(400, "number_too_long", f"A number may have {_DIGITS_MAX} digits at most, written out.")
    return Decimal(text)


def _integer(text: str) -> int:
    if len(text) > _DIGITS_MAX:
        raise Problem(400, "number_too_long", f"A number may have {_DIGITS_MAX} digits at most, written out.")
    return int(text)


def _refuse_constant(text: str) -> NoReturn:
    raise Problem(400, "malformed_json", f"{text} is not JSON.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Problem(
            400, "duplicate_key", f"{json.dumps(twice)} is named twice. Which one counts would be a guess."
        )
    return made


def _inspect(value: Any, path: tuple[object, ...]) -> None:
    """Refuse what PostgreSQL cannot store, before anything is stored."""
    if len(path) > _DEPTH_MAX:
        raise Problem(400, "too_deep", "The body is nested too deeply.")
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            detail = "A string holds a NUL or half of a surrogate pair, which cannot be stored."
            raise Problem(422, "bad_character", detail, pointer=pointer_to(path))
    elif isinstance(value, dict):
        for name, inner in value.items():
            _inspect(name, path)
            _inspect(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _inspect(inner, (*path, place))
