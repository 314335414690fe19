"""The `plans:` part of a catalogue file."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from yaml.nodes import MappingNode, Node, SequenceNode

from abaque.catalogue.sheet import Field, Sheet
from abaque.catalogue.values import PlanEntry
from abaque.core.fault import Fault
from abaque.core.money import Currency, currency, known_codes
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import Bill, Charge, Flat, Graduated, PerUnit, Plan, Price, Prorate, Tier, Volume

_VERSION_MAX = 1_000_000
_INTERVAL_MAX = 366

Enumerated = TypeVar("Enumerated", bound=StrEnum)


class Model(StrEnum):
    """The ways to price, as the file names them."""

    FLAT = "flat"
    PER_UNIT = "per_unit"
    GRADUATED = "graduated"
    VOLUME = "volume"


_MODEL_KEYS = {
    Model.FLAT: "amount",
    Model.PER_UNIT: "unit",
    Model.GRADUATED: "tiers",
    Model.VOLUME: "tiers",
}


def read_plan(sheet: Sheet, entry: Field, meters: Collection[str]) -> PlanEntry | None:
    """Return the plan a field of `plans:` defines, or None if anything in it is wrong.

    `meters` are the codes a charge may name.
    """
    before = len(sheet.errors)
    code = entry.key.value
    sheet.code(entry.key)
    fields = sheet.mapping(
        entry.value,
        at=entry.key,
        required=("version", "currency", "charges"),
        optional=("name", "interval", "align"),
    )
    names = sheet.names(fields.get("name"), {"en": code, "fr": code})
    version = (
        sheet.whole(fields["version"].value, least=1, most=_VERSION_MAX) if "version" in fields else None
    )
    money = _currency(sheet, fields["currency"].value) if "currency" in fields else None
    interval = _interval(sheet, fields["interval"]) if "interval" in fields else Interval(Unit.MONTH)
    alignment = _choice(sheet, fields, "align", Alignment.ANNIVERSARY, "unknown_alignment")
    charges = _charges(sheet, fields["charges"], meters) if "charges" in fields else ()
    if len(sheet.errors) > before or version is None or money is None or interval is None:
        return None
    try:
        plan = Plan(code, version, money, interval, alignment, charges, names)
    except Fault as fault:
        sheet.refuse(entry.key, "refused", code=fault.code, what=code)
        return None
    return PlanEntry(plan, entry.key.start_mark.line + 1)


def _choice(
    sheet: Sheet, fields: Mapping[str, Field], key: str, default: Enumerated, code: str
) -> Enumerated:
    if key not in fields:
        return default
    return sheet.choice(fields[key].value, type(default), code) or default


def _currency(sheet: Sheet, node: Node) -> Currency | None:
    text = sheet.text(node)
    if text is None:
        return None
    try:
        return currency(text)
    except Fault:
        close = get_close_matches(text.upper(), known_codes(), 1)
        sheet.refuse(node, "unknown_currency", given=text, **({"nearest": close[0]} if close else {}))
        return None


def _interval(sheet: Sheet, entry: Field) -> Interval | None:
    """Read `month`, or `{every: 3, unit: month}`."""
    if not isinstance(entry.value, MappingNode):
        unit = sheet.choice(entry.value, Unit, "unknown_interval")
        return None if unit is None else Interval(unit)
    fields = sheet.mapping(entry.value, at=entry.key, required=("every", "unit"))
    count = sheet.whole(fields["every"].value, least=1, most=_INTERVAL_MAX) if "every" in fields else None
    unit = sheet.choice(fields["unit"].value, Unit, "unknown_interval") if "unit" in fields else None
    return None if count is None or unit is None else Interval(unit, count)


def _charges(sheet: Sheet, entry: Field, meters: Collection[str]) -> tuple[Charge, ...]:
    """Read the charges in the order of the file, which is the order of an invoice's lines."""
    fields = sheet.open_mapping(entry.value)
    if isinstance(entry.value, MappingNode) and not fields:
        sheet.refuse(entry.value, "no_charges")
    claims: dict[str, str] = {}
    charges = (_charge(sheet, charge, meters, claims) for charge in fields.values())
    return tuple(charge for charge in charges if charge is not None)


def _charge(sheet: Sheet, entry: Field, meters: Collection[str], claims: dict[str, str]) -> Charge | None:
    before = len(sheet.errors)
    code = entry.key.value
    sheet.code(entry.key)
    fields = sheet.mapping(
        entry.value,
        at=entry.key,
        required=("price",),
        optional=("name", "meter", "allowance", "bill", "prorate"),
    )
    names = sheet.names(fields.get("name"), {"en": code, "fr": code})
    price = _price(sheet, fields["price"]) if "price" in fields else None
    meter = _meter(sheet, fields["meter"], meters, claims, code) if "meter" in fields else None
    bill = _choice(sheet, fields, "bill", Bill.ARREARS, "unknown_bill")
    prorate = _choice(sheet, fields, "prorate", Prorate.DAY, "unknown_prorate")
    allowance = (
        sheet.amount(fields["allowance"].value, "negative_allowance") if "allowance" in fields else None
    )
    _check_meter_use(sheet, entry, fields, price, bill)
    if len(sheet.errors) > before or price is None:
        return None
    try:
        return Charge(code, price, meter, bill, prorate, allowance, names)
    except Fault as fault:
        sheet.refuse(entry.key, "refused", code=fault.code, what=code)
        return None


def _meter(
    sheet: Sheet, entry: Field, meters: Collection[str], claims: dict[str, str], charge: str
) -> str | None:
    """Read the meter of a charge. A unit is claimed once, so no two charges of a plan share a meter."""
    meter = sheet.text(entry.value)
    if meter is None:
        return None
    if meter not in meters:
        close = get_close_matches(meter, meters, 1)
        sheet.refuse(entry.value, "unknown_meter", given=meter, **({"nearest": close[0]} if close else {}))
    elif meter in claims:
        sheet.refuse(entry.value, "meter_claimed_twice", meter=meter, charge=charge, other=claims[meter])
    claims.setdefault(meter, charge)
    return meter


def _check_meter_use(
    sheet: Sheet, entry: Field, fields: Mapping[str, Field], price: Price | None, bill: Bill
) -> None:
    """Refuse, where it stands, what the core refuses of a charge as a whole."""
    metered = "meter" in fields
    if isinstance(price, Flat) and metered:
        sheet.refuse(fields["meter"].key, "flat_with_meter")
    if price is not None and not isinstance(price, Flat) and not metered:
        sheet.refuse(entry.key, "price_needs_meter", charge=entry.key.value)
    if metered and bill is Bill.ADVANCE:
        sheet.refuse(fields["bill"].value, "usage_in_advance")
    if "allowance" in fields and not metered:
        sheet.refuse(fields["allowance"].key, "allowance_without_meter")


def _price(sheet: Sheet, entry: Field) -> Price | None:
    """Read a price; its model decides which one further key it has."""
    given = sheet.open_mapping(entry.value)
    if not isinstance(entry.value, MappingNode):
        return None
    if "model" not in given:
        sheet.refuse(entry.key, "missing_key", key="model")
        return None
    model = sheet.choice(given["model"].value, Model, "unknown_model")
    if model is None:
        return None
    key = _MODEL_KEYS[model]
    found = sheet.only(given, at=entry.key, required=("model", key))
    if key not in found:
        return None
    value = found[key].value
    if model in {Model.FLAT, Model.PER_UNIT}:
        amount = sheet.price(value)
        return None if amount is None else Flat(amount) if model is Model.FLAT else PerUnit(amount)
    tiers = _tiers(sheet, value)
    return None if tiers is None else Graduated(tiers) if model is Model.GRADUATED else Volume(tiers)


def _tiers(sheet: Sheet, node: Node) -> tuple[Tier, ...] | None:
    """Read tiers: bounds rise, none overlap, and only the last has no bound."""
    if not isinstance(node, SequenceNode):
        sheet.refuse(node, "not_a_list")
        return None
    before = len(sheet.errors)
    tiers: list[Tier] = []
    floor = Decimal(0)
    for member in sheet.items(node):
        fields = sheet.mapping(member, at=member, required=("unit",), optional=("up_to", "flat"))
        unit = sheet.price(fields["unit"].value) if "unit" in fields else None
        flat = sheet.price(fields["flat"].value) if "flat" in fields else Decimal(0)
        bound = sheet.number(fields["up_to"].value) if "up_to" in fields else None
        if bound is not None and bound <= floor:
            sheet.refuse(fields["up_to"].value, "tiers_out_of_order", given=str(bound), before=str(floor))
        last = member is node.value[-1]
        if last and "up_to" in fields:
            sheet.refuse(fields["up_to"].key, "tiers_without_end")
        if not last and isinstance(member, MappingNode) and "up_to" not in fields:
            sheet.refuse(member, "tiers_after_end")
        floor = floor if bound is None else max(floor, bound)
        if unit is not None and flat is not None:
            tiers.append(Tier(bound, unit, flat))
    return tuple(tiers) if tiers and len(sheet.errors) == before else None
