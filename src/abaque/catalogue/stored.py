"""The canonical form of meters and plan versions: what is stored, compared and hashed.

It is made of JSON's texts, whole numbers, lists and objects only. Decimals are texts without trailing zeros,
so "0.10" and "0.1" are one price; everything is written out, so a later default changes no stored version.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from abaque.catalogue.values import Catalogue, Handling, Level, MeterEntry, PlanEntry
from abaque.core.metering import Aggregate, Condition, Meter, Outcome
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import Bill, Charge, Flat, Graduated, PerUnit, Plan, Price, Prorate, Tier, Volume

#: A meter, a plan version or a whole catalogue in its canonical form.
Stored = dict[str, Any]


def dump(catalogue: Catalogue) -> Stored:
    """Return the canonical form of everything in the catalogue: `meters` and `plans` by code, `personal`."""
    return {
        "meters": {code: dump_meter(entry) for code, entry in sorted(catalogue.meters.items())},
        "plans": {code: dump_plan(entry.plan) for code, entry in sorted(catalogue.plans.items())},
        "personal": {attribute: handling.value for attribute, handling in sorted(catalogue.personal.items())},
    }


def dump_meter(entry: MeterEntry) -> Stored:
    """Return the canonical form of a meter with its names, words and lateness (in seconds)."""
    meter = entry.meter
    return {
        "kind": "meter",
        "code": meter.code,
        "names": dict(sorted(entry.names.items())),
        "units": dict(sorted(entry.units.items())),
        "event_types": list(meter.event_types),
        "aggregate": meter.aggregate.value,
        "value": meter.value,
        "where": [
            {"attribute": condition.attribute, "values": [_literal(value) for value in condition.values]}
            for condition in meter.where
        ],
        "group_by": list(meter.group_by),
        "operation": meter.operation,
        "outcome": meter.outcome
        and {"attribute": meter.outcome.attribute, "success": list(meter.outcome.success)},
        "lateness": entry.lateness // timedelta(seconds=1),
        "level": entry.level.value,
    }


def dump_plan(plan: Plan) -> Stored:
    """Return the canonical form of one version of a plan."""
    return {
        "kind": "plan",
        "code": plan.code,
        "version": plan.version,
        "names": dict(sorted(plan.names.items())),
        "currency": plan.currency.code,
        "interval": {"unit": plan.interval.unit.value, "count": plan.interval.count},
        "alignment": plan.alignment.value,
        "charges": [
            {
                "code": charge.code,
                "names": dict(sorted(charge.names.items())),
                "meter": charge.meter,
                "bill": charge.bill.value,
                "prorate": charge.prorate.value,
                "allowance": None if charge.allowance is None else _plain(charge.allowance),
                "price": _price(charge.price),
            }
            for charge in plan.charges
        ],
    }


def fingerprint(stored: Mapping[str, Any]) -> str:
    """Return the sha256 of a canonical form, in hexadecimal: equal exactly if the forms are."""
    text = json.dumps(stored, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def from_stored(stored: Mapping[str, Any]) -> Meter | Plan:
    """Return the core value that a canonical form of a meter or a plan was made from."""
    return load_plan(stored).plan if stored["kind"] == "plan" else load_meter(stored).meter


def load_meter(stored: Mapping[str, Any]) -> MeterEntry:
    """Return the meter of a canonical form, with what the catalogue says of it."""
    outcome = stored["outcome"]
    meter = Meter(
        code=stored["code"],
        event_types=tuple(stored["event_types"]),
        aggregate=Aggregate(stored["aggregate"]),
        value=stored["value"],
        where=tuple(
            Condition(condition["attribute"], tuple(_from_literal(value) for value in condition["values"]))
            for condition in stored["where"]
        ),
        group_by=tuple(stored["group_by"]),
        operation=stored["operation"],
        outcome=outcome and Outcome(outcome["attribute"], tuple(outcome["success"])),
    )
    lateness = timedelta(seconds=stored["lateness"])
    return MeterEntry(meter, stored["names"], stored["units"], lateness, Level(stored["level"]))


def load_plan(stored: Mapping[str, Any]) -> PlanEntry:
    """Return the plan version of a canonical form."""
    interval = Interval(Unit(stored["interval"]["unit"]), stored["interval"]["count"])
    charges = tuple(
        Charge(
            code=charge["code"],
            price=_from_price(charge["price"]),
            meter=charge["meter"],
            bill=Bill(charge["bill"]),
            prorate=Prorate(charge["prorate"]),
            allowance=None if charge["allowance"] is None else Decimal(charge["allowance"]),
            names=charge["names"],
        )
        for charge in stored["charges"]
    )
    plan = Plan(
        code=stored["code"],
        version=stored["version"],
        currency=currency(stored["currency"]),
        interval=interval,
        alignment=Alignment(stored["alignment"]),
        charges=charges,
        names=stored["names"],
    )
    return PlanEntry(plan)


def load_personal(stored: Mapping[str, str]) -> dict[str, Handling]:
    """Return how personal attributes are handled, from the `personal` part of a canonical form."""
    return {attribute: Handling(handling) for attribute, handling in stored.items()}


def _price(price: Price) -> Stored:
    match price:
        case Flat():
            return {"model": "flat", "amount": _plain(price.amount)}
        case PerUnit():
            return {"model": "per_unit", "unit": _plain(price.unit)}
        case Graduated() | Volume():
            tiers = [
                {
                    "up_to": None if tier.up_to is None else _plain(tier.up_to),
                    "unit": _plain(tier.unit),
                    "flat": _plain(tier.flat),
                }
                for tier in price.tiers
            ]
            return {"model": "graduated" if isinstance(price, Graduated) else "volume", "tiers": tiers}


def _from_price(stored: Mapping[str, Any]) -> Price:
    match stored["model"]:
        case "flat":
            return Flat(Decimal(stored["amount"]))
        case "per_unit":
            return PerUnit(Decimal(stored["unit"]))
        case "graduated":
            return Graduated(_from_tiers(stored["tiers"]))
        case "volume":
            return Volume(_from_tiers(stored["tiers"]))
        case model:
            raise ValueError(f"unknown price model in storage: {model!r}")


def _from_tiers(stored: list[Mapping[str, Any]]) -> tuple[Tier, ...]:
    return tuple(
        Tier(
            None if tier["up_to"] is None else Decimal(tier["up_to"]),
            Decimal(tier["unit"]),
            Decimal(tier["flat"]),
        )
        for tier in stored
    )


def _plain(number: Decimal) -> str:
    """Write a number in digits, without exponent, trailing zeros or a negative zero."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _literal(value: str | Decimal | bool) -> str | bool | Stored:  # noqa: FBT001 - a value of JSON, no flag
    return {"number": _plain(value)} if isinstance(value, Decimal) else value


def _from_literal(stored: str | bool | Stored) -> str | Decimal | bool:  # noqa: FBT001 - see above
    return Decimal(stored["number"]) if isinstance(stored, dict) else stored
