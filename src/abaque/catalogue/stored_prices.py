"""The canonical form of prices and allowances."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from abaque.catalogue.plain import (
    differing,
    dump_interval,
    load_interval,
    number_or_none,
    plain,
    plain_or_none,
)
from abaque.core.pricing import (
    Allowance,
    Cell,
    Dynamic,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Price,
    Rollover,
    Tier,
    Volume,
)

Form = dict[str, Any]


def dump_price(price: Price) -> Form:
    """Return the canonical form of a price."""
    match price:
        case Flat():
            return {"model": "flat", "amount": plain(price.amount)}
        case PerUnit():
            return {"model": "per_unit", "unit": plain(price.unit), **_per(price.per)}
        case Graduated():
            return {"model": "graduated", "tiers": [_tier(tier) for tier in price.tiers], **_tiered(price)}
        case Volume():
            return {"model": "volume", "tiers": [_tier(tier) for tier in price.tiers], **_tiered(price)}
        case Package():
            return {"model": "package", "size": plain(price.size), "amount": plain(price.amount)}
        case Percentage():
            return _percentage(price)
        case GraduatedPercentage():
            tiers = [
                {"up_to": plain_or_none(tier.up_to), "percent": plain(tier.percent), "flat": plain(tier.flat)}
                for tier in price.tiers
            ]
            return {"model": "graduated_percentage", "tiers": tiers, **_flat_at_zero(price)}
        case Dynamic():
            return {"model": "dynamic", "percent": plain(price.percent)}
        case Matrix():
            cells = [{"values": list(cell.values), "price": dump_price(cell.price)} for cell in price.cells]
            default = None if price.default is None else dump_price(price.default)
            return {"model": "matrix", "by": list(price.by), "cells": cells, "default": default}


def load_price(stored: Mapping[str, Any]) -> Price:
    """Return the price of a canonical form."""
    match stored["model"]:
        case "flat":
            return Flat(Decimal(stored["amount"]))
        case "graduated_percentage":
            return GraduatedPercentage(
                tuple(
                    PercentTier(
                        number_or_none(tier["up_to"]), Decimal(tier["percent"]), Decimal(tier["flat"])
                    )
                    for tier in stored["tiers"]
                ),
                stored.get("flat_at_zero", True),
            )
        case "percentage":
            return Percentage(
                Decimal(stored["percent"]),
                Decimal(stored["fixed"]),
                stored["free_events"],
                number_or_none(stored["free_amount"]),
                number_or_none(stored["minimum"]),
                number_or_none(stored["maximum"]),
            )
        case "dynamic":
            return Dynamic(Decimal(stored["percent"]))
        case "matrix":
            cells = tuple(
                Cell(tuple(cell["values"]), _load_cell_price(cell["price"])) for cell in stored["cells"]
            )
            default = stored["default"]
            return Matrix(tuple(stored["by"]), cells, None if default is None else _load_cell_price(default))
        case _:
            return _load_cell_price(stored)


def _load_cell_price(stored: Mapping[str, Any]) -> PerUnit | Graduated | Volume | Package:
    match stored["model"]:
        case "per_unit":
            return PerUnit(Decimal(stored["unit"]), Decimal(stored.get("per", 1)))
        case "graduated":
            return Graduated(_load_tiers(stored["tiers"]), *_load_tiered(stored))
        case "volume":
            return Volume(_load_tiers(stored["tiers"]), *_load_tiered(stored))
        case "package":
            return Package(Decimal(stored["size"]), Decimal(stored["amount"]))
        case model:
            raise ValueError(f"unknown price model in storage: {model!r}")


def dump_allowance(allowance: Allowance | None) -> str | Form | None:
    """Return the canonical form of an allowance: the number alone where nothing else is said."""
    if allowance is None:
        return None
    rollover = allowance.rollover
    further = differing(
        {
            "interval": allowance.interval and dump_interval(allowance.interval),
            "by_month": {str(month): plain(quantity) for month, quantity in allowance.by_month},
            "rollover": rollover and {"periods": rollover.periods, "limit": plain_or_none(rollover.limit)},
        }
    )
    quantity = plain(allowance.quantity)
    return {"quantity": quantity, **further} if further else quantity


def load_allowance(stored: str | Mapping[str, Any] | None) -> Allowance | None:
    """Return the allowance of a canonical form."""
    if stored is None:
        return None
    if isinstance(stored, str):
        return Allowance(Decimal(stored))
    rollover = stored.get("rollover")
    months = sorted((int(month), Decimal(given)) for month, given in stored.get("by_month", {}).items())
    return Allowance(
        Decimal(stored["quantity"]),
        load_interval(stored.get("interval")),
        tuple(months),
        rollover and Rollover(rollover["periods"], number_or_none(rollover["limit"])),
    )


def _percentage(price: Percentage) -> Form:
    return {
        "model": "percentage",
        "percent": plain(price.percent),
        "fixed": plain(price.fixed),
        "free_events": price.free_events,
        "free_amount": plain_or_none(price.free_amount),
        "minimum": plain_or_none(price.minimum),
        "maximum": plain_or_none(price.maximum),
    }


def _tiered(price: Graduated | Volume) -> Form:
    """Say what goes for all tiers, where it differs: older prices keep their fingerprint."""
    return {**_flat_at_zero(price), **_per(price.per), **differing({"whole": price.whole})}


def _flat_at_zero(price: Graduated | Volume | GraduatedPercentage) -> Form:
    return {} if price.flat_at_zero else {"flat_at_zero": False}


def _per(per: Decimal) -> Form:
    return {} if per == 1 else {"per": plain(per)}


def _load_tiered(stored: Mapping[str, Any]) -> tuple[bool, Decimal, bool]:
    return stored.get("flat_at_zero", True), Decimal(stored.get("per", 1)), stored.get("whole", False)


def _tier(tier: Tier) -> Form:
    return {"up_to": plain_or_none(tier.up_to), "unit": plain(tier.unit), "flat": plain(tier.flat)}


def _load_tiers(stored: list[Mapping[str, Any]]) -> tuple[Tier, ...]:
    return tuple(
        Tier(number_or_none(tier["up_to"]), Decimal(tier["unit"]), Decimal(tier["flat"])) for tier in stored
    )
