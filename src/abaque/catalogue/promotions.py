"""The `promotions:` part of a catalogue file."""

import re
from collections.abc import Mapping
from datetime import date

from yaml.nodes import Node

from abaque.catalogue.amounts import read_currency, read_money
from abaque.catalogue.sheet import Field, Sheet
from abaque.catalogue.values import PromotionEntry
from abaque.core.fault import Fault
from abaque.core.invoicing import Discount, Promotion
from abaque.core.money import Money
from abaque.core.period import Span, local_midnight

_OPTIONAL = (
    "name",
    "percent",
    "amount",
    "currency",
    "times",
    "charges",
    "plans",
    "from",
    "until",
    "zone",
    "limit",
    "limit_per_customer",
    "new_customers",
)
_COUNT_MAX = 1_000_000_000
_FREE = "none"
_YEAR_MIN = 2000
#: What customers type: capitals are welcome.
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


def read_promotion(sheet: Sheet, entry: Field) -> PromotionEntry | None:
    """Return the promotion a field of `promotions:` defines, or None if anything in it is wrong."""
    before = len(sheet.errors)
    code = entry.key.value
    if not _CODE.fullmatch(code):
        sheet.refuse(entry.key, "bad_promotion_code", given=code)
    fields = sheet.mapping(entry.value, at=entry.key, optional=_OPTIONAL)
    names = sheet.names(fields.get("name"), {"en": code, "fr": code})
    percent = sheet.percent(fields["percent"].value) if "percent" in fields else None
    if ("percent" in fields) is ("amount" in fields):
        sheet.refuse(entry.key, "percent_or_amount")
    amount = _amount(sheet, fields)
    times = _count(sheet, fields, "times")
    charges = sheet.texts(fields["charges"].value) if "charges" in fields else None
    plans = sheet.texts(fields["plans"].value) if "plans" in fields else None
    window = _window(sheet, entry, fields)
    limit, own = _count(sheet, fields, "limit"), _own_limit(sheet, fields)
    new = bool(sheet.yes(fields["new_customers"].value)) if "new_customers" in fields else False
    if len(sheet.errors) > before:
        return None
    try:
        discount = Discount(code, percent, amount, times, charges)
    except Fault as fault:
        sheet.refuse(entry.key, "refused", code=fault.code, what=code)
        return None
    promotion = Promotion(code, discount, window, plans, new, limit, own)
    return PromotionEntry(promotion, names, entry.key.start_mark.line + 1)


def _amount(sheet: Sheet, fields: Mapping[str, Field]) -> Money | None:
    """Read `amount:` and `currency:`, which go together."""
    for key, other in (("amount", "currency"), ("currency", "amount")):
        if key in fields and other not in fields:
            sheet.refuse(fields[key].key, "missing_key", key=other)
    if not {"amount", "currency"} <= fields.keys():
        return None
    money = read_currency(sheet, fields["currency"].value)
    return read_money(sheet, fields["amount"].value, money)


def _count(sheet: Sheet, fields: Mapping[str, Field], key: str) -> int | None:
    return sheet.whole(fields[key].value, least=1, most=_COUNT_MAX) if key in fields else None


def _own_limit(sheet: Sheet, fields: Mapping[str, Field]) -> int | None:
    """Read `limit_per_customer:`, 1 if it is left out; the word `none` sets no limit."""
    if "limit_per_customer" not in fields:
        return 1
    if getattr(fields["limit_per_customer"].value, "value", None) == _FREE:
        return None
    return _count(sheet, fields, "limit_per_customer")


def _window(sheet: Sheet, entry: Field, fields: Mapping[str, Field]) -> Span | None:
    """Read `from:` and `until:` (not included), days in `zone:`, which is UTC if it is left out."""
    zone = sheet.zone(fields["zone"].value) if "zone" in fields else "UTC"
    if not {"from", "until", "zone"} & fields.keys():
        return None
    days = [_day(sheet, fields[key].value) for key in ("from", "until") if key in fields]
    for key in ("from", "until"):
        if key not in fields:
            sheet.refuse(entry.key, "missing_key", key=key)
    start, end = days if len(days) == len(("from", "until")) else (None, None)
    if start is None or end is None or zone is None:
        return None
    if end <= start:
        sheet.refuse(fields["until"].value, "window_reversed", start=str(start), end=str(end))
        return None
    return Span(local_midnight(start, zone), local_midnight(end, zone))


def _day(sheet: Sheet, node: Node) -> date | None:
    text = sheet.text(node)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text or day.year < _YEAR_MIN:
        sheet.refuse(node, "bad_day", given=text)
        return None
    return day
