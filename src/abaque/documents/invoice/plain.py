"""A document as JSON values and back, for the snapshot that is stored when it is issued."""

import types
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

from abaque.documents.invoice.document import InvoiceDocument


def as_plain(document: InvoiceDocument) -> dict[str, Any]:
    """Return the document as JSON values; decimals and dates as text."""
    plain: dict[str, Any] = _down(document)
    return plain


def from_plain(plain: dict[str, Any]) -> InvoiceDocument:
    """Return the very document that as_plain was given."""
    document: InvoiceDocument = _up(InvoiceDocument, plain)
    return document


def _down(value: object) -> Any:
    if is_dataclass(value):
        return {field.name: _down(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_down(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value


def _up(kind: Any, value: Any) -> Any:
    if get_origin(kind) is types.UnionType:
        if value is None:
            return None
        (kind,) = (part for part in get_args(kind) if part is not types.NoneType)
    if get_origin(kind) is tuple:
        return tuple(_up(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _up(hints[name], item) for name, item in value.items()})  # type: ignore[operator] # a class
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    return kind(value)
