"""Promotions in the canonical form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from abaque.catalogue.plain import differing, dump_scope, load_scope, number_or_none, plain_or_none
from abaque.catalogue.values import PromotionEntry
from abaque.core.invoicing import Discount, Promotion
from abaque.core.money import Money, currency
from abaque.core.period import Span


def dump_promotion(entry: PromotionEntry) -> dict[str, Any]:
    """Return the canonical form of a promotion: amounts in minor units, instants in UTC."""
    promotion, discount, window = entry.promotion, entry.promotion.discount, entry.promotion.window
    amount = discount.amount
    return {
        "kind": "promotion",
        "code": promotion.code,
        "names": dict(sorted(entry.names.items())),
        "percent": plain_or_none(discount.percent),
        "amount": amount and {"minor": amount.minor, "currency": amount.currency.code},
        "times": discount.times,
        "charges": dump_scope(discount.charges),
        "plans": dump_scope(promotion.plans),
        "window": window and {"start": window.start.isoformat(), "end": window.end.isoformat()},
        "new_customers": promotion.new_customers,
        "limit": promotion.limit,
        "limit_per_customer": promotion.limit_per_customer,
    }


def dump_promotions(entries: Mapping[str, PromotionEntry]) -> dict[str, Any]:
    """Return the canonical form of a catalogue's promotions; nothing where there are none."""
    return differing({"promotions": {code: dump_promotion(entry) for code, entry in sorted(entries.items())}})


def load_promotion(stored: Mapping[str, Any]) -> PromotionEntry:
    """Return the promotion of a canonical form."""
    code, amount, window = stored["code"], stored["amount"], stored["window"]
    discount = Discount(
        code,
        number_or_none(stored["percent"]),
        amount and Money(amount["minor"], currency(amount["currency"])),
        stored["times"],
        load_scope(stored["charges"]),
    )
    promotion = Promotion(
        code,
        discount,
        window and Span(datetime.fromisoformat(window["start"]), datetime.fromisoformat(window["end"])),
        load_scope(stored["plans"]),
        stored["new_customers"],
        stored["limit"],
        stored["limit_per_customer"],
    )
    return PromotionEntry(promotion, stored["names"])
