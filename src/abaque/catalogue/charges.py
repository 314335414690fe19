"""The `charges:` of a plan."""

from collections.abc import Collection, Mapping

from yaml.nodes import MappingNode

from abaque.catalogue.allowances import read_allowance
from abaque.catalogue.intervals import read_interval
from abaque.catalogue.prices import read_price
from abaque.catalogue.sheet import Field, Sheet, nearest
from abaque.core.fault import Fault
from abaque.core.pricing import (
    Bill,
    Charge,
    Dynamic,
    Flat,
    GraduatedPercentage,
    Matrix,
    Percentage,
    Price,
    Prorate,
)

#: Prices on what events carry, which no subscribed quantity does.
_OF_EVENTS = (Percentage, GraduatedPercentage, Dynamic, Matrix)
_OPTIONAL = (
    "name",
    "meter",
    "quantity",
    "unit",
    "allowance",
    "bill",
    "prorate",
    "interval",
    "minimum",
    "maximum",
    "prorate_tiers",
)


def read_charges(sheet: Sheet, entry: Field, meters: Collection[str]) -> tuple[Charge, ...]:
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
    fields = sheet.mapping(entry.value, at=entry.key, required=("price",), optional=_OPTIONAL)
    names = sheet.names(fields.get("name"), {"en": code, "fr": code})
    price = read_price(sheet, fields["price"]) if "price" in fields else None
    meter = _meter(sheet, fields["meter"], meters, claims, code) if "meter" in fields else None
    quantity = sheet.text(fields["quantity"].value) if "quantity" in fields else None
    units = sheet.names(fields.get("unit"), {})
    bill = sheet.choice_or(fields, "bill", Bill.ARREARS, "unknown_bill")
    prorate = sheet.choice_or(fields, "prorate", Prorate.DAY, "unknown_prorate")
    allowance = read_allowance(sheet, fields["allowance"]) if "allowance" in fields else None
    interval = read_interval(sheet, fields["interval"]) if "interval" in fields else None
    minimum, maximum = sheet.bounds(fields)
    prorate_tiers = sheet.yes(fields["prorate_tiers"].value) if "prorate_tiers" in fields else False
    _check_use(sheet, entry, fields, price, bill)
    if len(sheet.errors) > before or price is None:
        return None
    try:
        return Charge(
            code,
            price,
            meter,
            bill,
            prorate,
            allowance,
            names,
            quantity=quantity,
            interval=interval,
            minimum=minimum,
            maximum=maximum,
            prorate_tiers=bool(prorate_tiers),
            units=units,
        )
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
        sheet.refuse(entry.value, "unknown_meter", given=meter, **nearest(meter, meters))
    elif meter in claims:
        sheet.refuse(entry.value, "meter_claimed_twice", meter=meter, charge=charge, other=claims[meter])
    claims.setdefault(meter, charge)
    return meter


def _check_use(
    sheet: Sheet, entry: Field, fields: Mapping[str, Field], price: Price | None, bill: Bill
) -> None:
    """Refuse, where it stands, what the core refuses of a charge as a whole."""
    metered, counted = "meter" in fields, "meter" in fields or "quantity" in fields
    if "unit" in fields and "quantity" not in fields:
        sheet.refuse(fields["unit"].key, "unit_without_quantity")
    if metered and "quantity" in fields:
        sheet.refuse(fields["quantity"].key, "quantity_with_meter")
    if isinstance(price, Flat) and metered:
        sheet.refuse(fields["meter"].key, "flat_with_meter")
    if isinstance(price, Flat) and "quantity" in fields:
        sheet.refuse(fields["quantity"].key, "flat_with_quantity")
    if price is not None and not isinstance(price, Flat) and not counted:
        sheet.refuse(entry.key, "price_needs_meter", charge=entry.key.value)
    if "quantity" in fields and not metered and isinstance(price, _OF_EVENTS):
        sheet.refuse(fields["quantity"].key, "events_need_meter")
    if "allowance" in fields and isinstance(price, Percentage | Matrix):
        sheet.refuse(fields["allowance"].key, "allowance_unwanted")
    if metered and bill is Bill.ADVANCE:
        sheet.refuse(fields["bill"].value, "usage_in_advance")
    if "allowance" in fields and not metered:
        sheet.refuse(fields["allowance"].key, "allowance_without_meter")
