"""The `price:` of a charge: its model decides which further keys it has."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum

from yaml.nodes import MappingNode, Node, SequenceNode

from abaque.catalogue.sheet import Field, Sheet
from abaque.catalogue.tiers import read_percent_tiers, read_tiers, read_unit
from abaque.core.fault import Fault
from abaque.core.pricing import (
    Cell,
    Dynamic,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PerUnit,
    Price,
    Volume,
)

Fields = Mapping[str, Field]

_EVENTS_MAX = 1_000_000_000


class Model(StrEnum):
    """The ways to price, as the file names them."""

    FLAT = "flat"
    PER_UNIT = "per_unit"
    GRADUATED = "graduated"
    VOLUME = "volume"
    PACKAGE = "package"
    PERCENTAGE = "percentage"
    GRADUATED_PERCENTAGE = "graduated_percentage"
    DYNAMIC = "dynamic"
    MATRIX = "matrix"


def read_price(sheet: Sheet, entry: Field) -> Price | None:
    """Return the price, or None if anything in it is wrong."""
    before = len(sheet.errors)
    given = sheet.open_mapping(entry.value)
    if not isinstance(entry.value, MappingNode):
        return None
    if "model" not in given:
        sheet.refuse(entry.key, "missing_key", key="model")
        return None
    model = sheet.choice(given["model"].value, Model, "unknown_model")
    if model is None:
        return None
    required, optional, read = _MODELS[model]
    fields = sheet.only(given, at=entry.key, required=("model", *required), optional=optional)
    if any(key not in fields for key in required):
        return None
    try:
        price = read(sheet, fields)
    except Fault as fault:
        if len(sheet.errors) == before:
            sheet.refuse(entry.key, "refused", code=fault.code, what=model.value)
        return None
    return price if len(sheet.errors) == before else None


def _flat(sheet: Sheet, fields: Fields) -> Price | None:
    amount = sheet.price(fields["amount"].value)
    return None if amount is None else Flat(amount)


def _per_unit(sheet: Sheet, fields: Fields) -> Price | None:
    per = _per(sheet, fields)
    unit = read_unit(sheet, fields["unit"].value, per)
    return None if unit is None else PerUnit(unit, per)


def _graduated(sheet: Sheet, fields: Fields) -> Price | None:
    per, whole = _per(sheet, fields), _yes(sheet, fields, "whole", default=False)
    tiers = read_tiers(sheet, fields["tiers"].value, per, whole=whole)
    flat_at_zero = _yes(sheet, fields, "flat_at_zero", default=True)
    return None if tiers is None else Graduated(tiers, flat_at_zero, per, whole)


def _volume(sheet: Sheet, fields: Fields) -> Price | None:
    per, whole = _per(sheet, fields), _yes(sheet, fields, "whole", default=False)
    tiers = read_tiers(sheet, fields["tiers"].value, per, whole=whole)
    flat_at_zero = _yes(sheet, fields, "flat_at_zero", default=True)
    return None if tiers is None else Volume(tiers, flat_at_zero, per, whole)


def _per(sheet: Sheet, fields: Fields) -> Decimal:
    """Read how many units a price is for."""
    per = sheet.above_zero(fields["per"].value) if "per" in fields else None
    return Decimal(1) if per is None else per


def _yes(sheet: Sheet, fields: Fields, key: str, *, default: bool) -> bool:
    said = sheet.yes(fields[key].value) if key in fields else None
    return default if said is None else said


def _package(sheet: Sheet, fields: Fields) -> Price | None:
    size, amount = sheet.above_zero(fields["size"].value), sheet.price(fields["amount"].value)
    return None if size is None or amount is None else Package(size, amount)


def _percentage(sheet: Sheet, fields: Fields) -> Price | None:
    percent = sheet.percent(fields["percent"].value)
    fixed = sheet.price(fields["fixed"].value) if "fixed" in fields else Decimal(0)
    free_amount = sheet.price(fields["free_amount"].value) if "free_amount" in fields else None
    least, most = sheet.bounds(fields)
    free_events = (
        sheet.whole(fields["free_events"].value, least=0, most=_EVENTS_MAX)
        if "free_events" in fields
        else None
    )
    if percent is None or fixed is None:
        return None
    return Percentage(percent, fixed, free_events, free_amount, least, most)


def _graduated_percentage(sheet: Sheet, fields: Fields) -> Price | None:
    tiers = read_percent_tiers(sheet, fields["tiers"].value)
    flat_at_zero = _yes(sheet, fields, "flat_at_zero", default=True)
    return None if tiers is None else GraduatedPercentage(tiers, flat_at_zero)


def _dynamic(sheet: Sheet, fields: Fields) -> Price | None:
    # A margin on what the events carry may well be over 100 %.
    percent = sheet.price(fields["percent"].value) if "percent" in fields else Decimal(100)
    return None if percent is None else Dynamic(percent)


def _matrix(sheet: Sheet, fields: Fields) -> Price | None:
    by = sheet.attributes(fields["by"].value)
    cells = _cells(sheet, fields["cells"].value, len(by))
    default = _cell_price(sheet, fields["default"]) if "default" in fields else None
    return Matrix(by, cells, default) if by and cells else None


def _cells(sheet: Sheet, node: Node, width: int) -> tuple[Cell, ...]:
    """Read the cells; no two claim one unit, and each has a value for each attribute."""
    if not isinstance(node, SequenceNode):
        sheet.refuse(node, "not_a_list")
        return ()
    cells: dict[tuple[str, ...], Cell] = {}
    for member in sheet.items(node):
        fields = sheet.mapping(member, at=member, required=("values", "price"))
        if not {"values", "price"} <= fields.keys():
            continue
        at = fields["values"].value
        values = tuple(text for item in sheet.items(at) if (text := sheet.text(item)) is not None)
        price = _cell_price(sheet, fields["price"])
        if len(values) != width:
            sheet.refuse(at, "cell_width", given=len(values), wanted=width)
        elif values in cells:
            sheet.refuse(at, "cell_claimed_twice", cell=", ".join(values))
        elif price is not None:
            cells[values] = Cell(values, price)
    return tuple(cells.values())


def _cell_price(sheet: Sheet, entry: Field) -> PerUnit | Graduated | Volume | Package | None:
    price = read_price(sheet, entry)
    if price is None or isinstance(price, PerUnit | Graduated | Volume | Package):
        return price
    sheet.refuse(entry.key, "cell_model")
    return None


_Read = Callable[[Sheet, Fields], Price | None]
#: By model: the keys it must have, those it may have, and how it is read.
_MODELS: dict[Model, tuple[tuple[str, ...], tuple[str, ...], _Read]] = {
    Model.FLAT: (("amount",), (), _flat),
    Model.PER_UNIT: (("unit",), ("per",), _per_unit),
    Model.GRADUATED: (("tiers",), ("per", "whole", "flat_at_zero"), _graduated),
    Model.VOLUME: (("tiers",), ("per", "whole", "flat_at_zero"), _volume),
    Model.PACKAGE: (("size", "amount"), (), _package),
    Model.PERCENTAGE: (
        ("percent",),
        ("fixed", "free_events", "free_amount", "minimum", "maximum"),
        _percentage,
    ),
    Model.GRADUATED_PERCENTAGE: (("tiers",), ("flat_at_zero",), _graduated_percentage),
    Model.DYNAMIC: ((), ("percent",), _dynamic),
    Model.MATRIX: (("by", "cells"), ("default",), _matrix),
}
