"""Figures, days and states as people read them: for templates (builtin filters) and for views.

All of it speaks the language that is active. Money is minor units and an ISO 4217 code; spans are
half-open instants shown as first and last local day of a zone.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime
from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from abaque.core.money import Money, currency
from abaque.core.period import local_day
from abaque.core.period.local import zone_named
from abaque.documents.words.figures import (
    amount_text,
    date_text,
    money_text,
    number_text,
    percent_text,
    span_text,
)

register = template.Library()

_MOMENT = timedelta(microseconds=1)
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}


def lang() -> str:
    """Return the language that is active: `fr` or `en`."""
    return "fr" if (get_language() or "fr").startswith("fr") else "en"


@register.filter
def money(minor: int | Money | None, code: str = "") -> str:
    """Write minor units with their currency, e.g. `{{ invoice.net|money:invoice.currency }}`."""
    if minor is None:
        return ""
    amount = minor if isinstance(minor, Money) else Money(int(minor), currency(code))
    return money_text(amount, lang())


def exact_money(amount: Decimal, code: str) -> str:
    """Write an exact amount of major units with all its decimals."""
    return amount_text(amount, currency(code), lang())


@register.filter
def quantity(number: Decimal | int | str | None) -> str:
    """Write a quantity in full, without trailing zeros."""
    if number in (None, ""):
        return ""
    return number_text(Decimal(number), lang())


def counted(number: Decimal | str | None, unit: str) -> str:
    """Write how many of what: units are singular nouns, so "3 × document"."""
    return f"{quantity(number)} × {unit}" if unit else quantity(number)


@register.filter
def percent(rate: Decimal | str | None) -> str:
    """Write a rate given in per cent."""
    return "" if rate is None or rate == "" else percent_text(Decimal(rate), lang())


@register.filter
def day(value: date | datetime | None, zone: str = "UTC") -> str:
    """Write a day, or the local day of an instant, with its month in words."""
    if value is None or value == "":
        return ""
    return date_text(local_day(value, zone) if isinstance(value, datetime) else value, lang())


@register.filter
def moment(instant: datetime | None, zone: str = "UTC") -> str:
    """Write an instant to the minute, in a zone."""
    return _written(instant, zone, "medium", "short")


@register.filter
def second(instant: datetime | None, zone: str = "UTC") -> str:
    """Write an instant to the second, in a zone."""
    return _written(instant, zone, "medium", "medium")


def span(start: datetime, end: datetime, zone: str) -> str:
    """Write a half-open span as its first and last local day."""
    first, last = local_day(start, zone), local_day(max(start, end - _MOMENT), zone)
    return span_text(first, last, lang())


def month(day_in_it: date) -> str:
    """Name the month, with its year, a local day lies in; it begins a sentence."""
    text = str(format_date(day_in_it, "MMMM y", locale=_LOCALES[lang()]))
    return text[:1].upper() + text[1:]


@register.simple_tag
def state_badge(kind: str, state: str) -> SafeString:
    """Write a state as a badge: `{% state_badge "invoice" "held" %}` is `words/invoice.html`."""
    badge = get_template(f"words/{kind}.html")
    return SafeString(badge.render({"state": state, kind: state}).strip())


def _written(instant: datetime | None, zone: str, day_style: Any, time_style: Any) -> str:
    if instant is None or instant == "":
        return ""
    locale = _LOCALES[lang()]
    local = instant.astimezone(zone_named(zone))
    pattern = f"{format_date(local, day_style, locale=locale)}, {{}}"
    time = format_datetime(local, "HH:mm:ss" if time_style == "medium" else "HH:mm", locale=locale)
    return pattern.format(time)
