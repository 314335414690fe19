"""Add-ons in the canonical form."""

from collections.abc import Mapping
from typing import Any

from abaque.catalogue.plain import differing, dump_scope, load_scope
from abaque.catalogue.stored_charges import dump_charge, load_charge
from abaque.catalogue.values import AddOnEntry
from abaque.core.money import currency
from abaque.core.subscription import AddOn


def dump_addon(entry: AddOnEntry) -> dict[str, Any]:
    """Return the canonical form of an add-on; `plans` is None if any plan in its currency may have it."""
    return {
        "kind": "addon",
        "code": entry.addon.code,
        "names": dict(sorted(entry.names.items())),
        "currency": entry.currency.code,
        "plans": dump_scope(entry.plans),
        "charges": [dump_charge(charge) for charge in entry.addon.charges],
    }


def dump_addons(entries: Mapping[str, AddOnEntry]) -> dict[str, Any]:
    """Return the canonical form of a catalogue's add-ons; nothing where there are none."""
    return differing({"addons": {code: dump_addon(entry) for code, entry in sorted(entries.items())}})


def load_addon(stored: Mapping[str, Any]) -> AddOnEntry:
    """Return the add-on of a canonical form."""
    addon = AddOn(stored["code"], tuple(load_charge(charge) for charge in stored["charges"]))
    return AddOnEntry(addon, stored["names"], currency(stored["currency"]), load_scope(stored["plans"]))
