"""The `credits:` part of a catalogue file: packs of prepaid credit."""

from collections.abc import Mapping

from abaque.catalogue.amounts import read_currency, read_money
from abaque.catalogue.intervals import read_interval
from abaque.catalogue.sheet import Field, Sheet
from abaque.catalogue.values import CreditEntry
from abaque.core.invoicing import CreditPack
from abaque.core.money import Currency, Money

_OPTIONAL = ("name", "paid", "given", "expires", "priority", "charges", "top_up")
_PRIORITY_MAX = 1_000_000


def read_credit(sheet: Sheet, entry: Field) -> CreditEntry | None:
    """Return the credit pack a field of `credits:` defines, or None if anything in it is wrong."""
    before = len(sheet.errors)
    code = entry.key.value
    sheet.code(entry.key)
    fields = sheet.mapping(entry.value, at=entry.key, required=("currency",), optional=_OPTIONAL)
    names = sheet.names(fields.get("name"), {"en": code, "fr": code})
    money = read_currency(sheet, fields["currency"].value) if "currency" in fields else None
    paid, given = _amount(sheet, fields, "paid", money), _amount(sheet, fields, "given", money)
    top_up = _amount(sheet, fields, "top_up", money)
    expires = read_interval(sheet, fields["expires"]) if "expires" in fields else None
    priority = _priority(sheet, fields["priority"]) if "priority" in fields else 0
    charges = sheet.texts(fields["charges"].value) if "charges" in fields else None
    if fields and not {"paid", "given"} & fields.keys():
        sheet.refuse(entry.key, "empty_credit")
    if top_up is not None and "paid" not in fields:
        sheet.refuse(fields["top_up"].key, "top_up_unpaid")
    if len(sheet.errors) > before or money is None or priority is None:
        return None
    nothing = Money.zero(money)
    worth = (paid or nothing) + (given or nothing)
    if top_up is not None and top_up > worth:
        sheet.refuse(fields["top_up"].value, "top_up_over", given=str(top_up), worth=str(worth))
        return None
    pack = CreditPack(code, paid or nothing, given or nothing, expires, priority, charges, top_up)
    return CreditEntry(pack, names, entry.key.start_mark.line + 1)


def _amount(sheet: Sheet, fields: Mapping[str, Field], key: str, money: Currency | None) -> Money | None:
    return read_money(sheet, fields[key].value, money) if key in fields else None


def _priority(sheet: Sheet, entry: Field) -> int | None:
    return sheet.whole(entry.value, least=0, most=_PRIORITY_MAX)
