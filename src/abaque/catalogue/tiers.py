"""The `tiers:` of a price: bounds rise, none overlap, and only the last has no bound."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from yaml.nodes import MappingNode, Node, SequenceNode

from abaque.catalogue.sheet import Field, Sheet
from abaque.core.fault import Fault
from abaque.core.pricing import PercentTier, Tier, unit_price

AnyTier = TypeVar("AnyTier")


def read_tiers(sheet: Sheet, node: Node, per: Decimal, *, whole: bool) -> tuple[Tier, ...] | None:
    """Read tiers of a price of `per` units, or None if anything in them is wrong.

    In `whole` packages, tiers end between two of them: who writes the number of packages is told.
    """
    if whole:
        return _tiers(sheet, node, "unit", sheet.price, Tier, package=per)
    return _tiers(sheet, node, "unit", lambda unit: read_unit(sheet, unit, per), Tier)


def read_unit(sheet: Sheet, node: Node, per: Decimal) -> Decimal | None:
    """Read the price of `per` units, which has to be exact for one."""
    price = sheet.price(node)
    if price is None:
        return None
    try:
        unit_price(price, per)
    except Fault as fault:
        sheet.refuse(node, fault.code, given=str(price), per=str(per))
        return None
    return price


def read_percent_tiers(sheet: Sheet, node: Node) -> tuple[PercentTier, ...] | None:
    """Read tiers of a percentage, or None if anything in them is wrong."""
    return _tiers(sheet, node, "percent", sheet.percent, PercentTier)


def _tiers(
    sheet: Sheet,
    node: Node,
    key: str,
    figure: Callable[[Node], Decimal | None],
    make: Callable[[Decimal | None, Decimal, Decimal], AnyTier],
    *,
    package: Decimal | None = None,
) -> tuple[AnyTier, ...] | None:
    if not isinstance(node, SequenceNode):
        sheet.refuse(node, "not_a_list")
        return None
    before = len(sheet.errors)
    tiers: list[AnyTier] = []
    floor = Decimal(0)
    for member in sheet.items(node):
        # What is asked of a tier is a price; a fee alone is one.
        fields = sheet.mapping(member, at=member, optional=("up_to", key, "flat"))
        if isinstance(member, MappingNode) and not {key, "flat"} & fields.keys():
            sheet.refuse(member, "missing_key", key=key)
        price = figure(fields[key].value) if key in fields else Decimal(0)
        flat = sheet.price(fields["flat"].value) if "flat" in fields else Decimal(0)
        bound = _bound(sheet, member, fields, floor, last=member is node.value[-1])
        floor = floor if bound is None else max(floor, bound)
        if bound is not None and package is not None and Fraction(bound) % Fraction(package):
            sheet.refuse(fields["up_to"].value, "bound_in_package", given=str(bound), size=str(package))
        if price is not None and flat is not None:
            tiers.append(make(bound, price, flat))
    return tuple(tiers) if tiers and len(sheet.errors) == before else None


def _bound(
    sheet: Sheet, member: Node, fields: Mapping[str, Field], floor: Decimal, *, last: bool
) -> Decimal | None:
    bound = sheet.number(fields["up_to"].value) if "up_to" in fields else None
    if bound is not None and bound <= floor:
        sheet.refuse(fields["up_to"].value, "tiers_out_of_order", given=str(bound), before=str(floor))
    if last and "up_to" in fields:
        sheet.refuse(fields["up_to"].key, "tiers_without_end")
    if not last and isinstance(member, MappingNode) and "up_to" not in fields:
        sheet.refuse(member, "tiers_after_end")
    return bound
