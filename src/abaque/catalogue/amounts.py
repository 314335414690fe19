"""Currencies, and amounts of money in one."""

from difflib import get_close_matches

from yaml.nodes import Node

from abaque.catalogue.sheet import Sheet
from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, currency, known_codes, to_money


def read_currency(sheet: Sheet, node: Node) -> Currency | None:
    """Return the currency of an ISO 4217 code."""
    text = sheet.text(node)
    if text is None:
        return None
    try:
        return currency(text)
    except Fault:
        close = get_close_matches(text.upper(), known_codes(), 1)
        sheet.refuse(node, "unknown_currency", given=text, **({"nearest": close[0]} if close else {}))
        return None


def read_money(sheet: Sheet, node: Node, money: Currency | None) -> Money | None:
    """Return an amount above zero, in whole minor units of its currency (None: it could not be read)."""
    number = sheet.above_zero(node)
    if number is None or money is None:
        return None
    exact = to_money(number, money)
    if exact.minor != number.scaleb(money.digits):
        sheet.refuse(node, "finer_than_currency", given=str(number), currency=money.code)
        return None
    return exact
