"""Credit packs in the canonical form."""

from collections.abc import Mapping
from typing import Any

from abaque.catalogue.plain import differing, dump_interval, dump_scope, load_interval, load_scope
from abaque.catalogue.values import CreditEntry
from abaque.core.invoicing import CreditPack
from abaque.core.money import Money, currency


def dump_credit(entry: CreditEntry) -> dict[str, Any]:
    """Return the canonical form of a credit pack: amounts in minor units of its currency."""
    pack = entry.pack
    return {
        "kind": "credit_pack",
        "code": pack.code,
        "names": dict(sorted(entry.names.items())),
        "currency": pack.paid.currency.code,
        "paid": pack.paid.minor,
        "given": pack.given.minor,
        "expires": pack.expires and dump_interval(pack.expires),
        "priority": pack.priority,
        "charges": dump_scope(pack.charges),
        "top_up": pack.top_up and pack.top_up.minor,
    }


def dump_credits(entries: Mapping[str, CreditEntry]) -> dict[str, Any]:
    """Return the canonical form of a catalogue's credit packs; nothing where there are none."""
    return differing({"credits": {code: dump_credit(entry) for code, entry in sorted(entries.items())}})


def load_credit(stored: Mapping[str, Any]) -> CreditEntry:
    """Return the credit pack of a canonical form."""
    money, top_up = currency(stored["currency"]), stored["top_up"]
    pack = CreditPack(
        stored["code"],
        Money(stored["paid"], money),
        Money(stored["given"], money),
        load_interval(stored["expires"]),
        stored["priority"],
        load_scope(stored["charges"]),
        None if top_up is None else Money(top_up, money),
    )
    return CreditEntry(pack, stored["names"])
