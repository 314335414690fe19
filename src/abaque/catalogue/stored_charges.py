"""Charges, of plans and of add-ons, in the canonical form."""

from collections.abc import Mapping
from typing import Any

from abaque.catalogue.plain import (
    differing,
    dump_interval,
    load_interval,
    number_or_none,
    plain_or_none,
)
from abaque.catalogue.stored_prices import dump_allowance, dump_price, load_allowance, load_price
from abaque.core.pricing import Bill, Charge, Prorate


def dump_charge(charge: Charge) -> dict[str, Any]:
    """Return the canonical form of a charge; younger keys only if it says them."""
    further = {
        "quantity": charge.quantity,
        "interval": charge.interval and dump_interval(charge.interval),
        "minimum": plain_or_none(charge.minimum),
        "maximum": plain_or_none(charge.maximum),
        "prorate_tiers": charge.prorate_tiers,
        "units": dict(sorted(charge.units.items())),
    }
    return {
        "code": charge.code,
        "names": dict(sorted(charge.names.items())),
        "meter": charge.meter,
        "bill": charge.bill.value,
        "prorate": charge.prorate.value,
        "allowance": dump_allowance(charge.allowance),
        "price": dump_price(charge.price),
        **differing(further),
    }


def load_charge(stored: Mapping[str, Any]) -> Charge:
    """Return the charge of a canonical form."""
    return Charge(
        code=stored["code"],
        price=load_price(stored["price"]),
        meter=stored["meter"],
        bill=Bill(stored["bill"]),
        prorate=Prorate(stored["prorate"]),
        allowance=load_allowance(stored["allowance"]),
        names=stored["names"],
        quantity=stored.get("quantity"),
        interval=load_interval(stored.get("interval")),
        minimum=number_or_none(stored.get("minimum")),
        maximum=number_or_none(stored.get("maximum")),
        prorate_tiers=stored.get("prorate_tiers", False),
        units=stored.get("units", {}),
    )
