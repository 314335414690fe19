"""Figures and dates as people of a language write them.

Decimals of money follow ISO 4217 through the core's Currency, not CLDR, which differs for a score of
currencies and would print amounts other than those that are billed.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext

from babel import Locale
from babel.dates import format_date
from babel.numbers import NumberPattern, parse_pattern

from abaque.core.money import EXACT, Currency, Money
from abaque.documents.words.language import words

_NO_BREAK = "\u00a0"


def amount_text(amount: Decimal, currency: Currency, lang: str) -> str:
    """Write an exact amount of major units: at least the currency's decimals, and all it has beyond."""
    return _money(amount, currency, lang)


def money_text(amount: Money, lang: str) -> str:
    """Write an amount of minor units with exactly its currency's decimals."""
    return _money(amount.decimal(), amount.currency, lang)


def number_text(number: Decimal | int, lang: str) -> str:
    """Write a quantity in full, without trailing zeros."""
    locale = words(lang).locale
    return _applied(locale.decimal_formats[None], Decimal(number), 0, locale)


def percent_text(percent: Decimal, lang: str) -> str:
    """Write a rate given in per cent: 20 becomes "20 %" in French, "20%" in English."""
    locale = words(lang).locale
    return _applied(locale.percent_formats[None], percent.scaleb(-2), 0, locale)


def date_text(day: date, lang: str) -> str:
    """Write a day with its month in words."""
    return _day(day, "long", lang)


def month_text(month: int, lang: str) -> str:
    """Name a calendar month, 1 to 12."""
    return str(words(lang).locale.months["stand-alone"]["wide"][month])


def span_text(first: date, last: date, lang: str) -> str:
    """Write a span of days, the first and the last both included, without saying month or year twice."""
    if first == last:
        return date_text(first, lang)
    say = words(lang)
    begin = "d MMMM y"
    if first.year == last.year:
        begin = "d" if first.month == last.month else "d MMMM"
    return say.say("figures.span", first=_day(first, begin, lang), last=_day(last, "d MMMM y", lang))


def instant_text(instant: datetime, lang: str) -> str:
    """Write an instant as it was given: its local day and time, and its offset from UTC if it has one."""
    plain = instant.replace(tzinfo=None)
    # What is zero at the end of most instants is left out.
    exactness = "auto" if plain.microsecond else "seconds" if plain.second else "minutes"
    clock = plain.time().isoformat(exactness)
    if instant.utcoffset() == timedelta(0):
        clock = f"{clock} UTC"
    elif instant.tzinfo is not None:
        clock = f"{clock}{instant.isoformat()[len(plain.isoformat()) :]}"
    return words(lang).say("figures.instant", day=date_text(plain.date(), lang), clock=clock)


def country_text(code: str, lang: str) -> str:
    """Name a country by its ISO 3166-1 alpha-2 code; a code CLDR does not know stays a code."""
    return str(words(lang).locale.territories.get(code.upper(), code))


def iban_text(iban: str) -> str:
    """Group an IBAN by four, as banks print it."""
    return _grouped(iban, 4)


def company_number_text(number: str, country: str) -> str:
    """Group a French SIREN by three; other countries' numbers stay as given."""
    compact = "".join(number.split())
    if country.upper() == "FR" and compact.isdigit() and len(compact) == len("732829320"):
        return _grouped(compact, 3)
    return number


def joined(parts: Iterable[str], lang: str) -> str:
    """Join the clauses of one sentence."""
    return words(lang).say("figures.and").join(parts)


def _money(amount: Decimal, currency: Currency, lang: str) -> str:
    locale = words(lang).locale
    code = currency.code
    text = _applied(locale.currency_formats["standard"], amount, currency.digits, locale, code)
    # CLDR sets a space between a currency's letters and its figures (KWD 1.000); babel leaves it out.
    return text.replace(code, f"{code}{_NO_BREAK}") if text.lstrip("-").startswith(code) else text


def _day(day: date, pattern: str, lang: str) -> str:
    chosen = words(lang)
    text = str(format_date(day, pattern, locale=chosen.locale))
    for rule, replacement in chosen.dates:
        text = rule.sub(replacement, text)
    return text.replace(" ", _NO_BREAK)


def _applied(pattern: NumberPattern, number: Decimal, digits_min: int, locale: Locale, code: str = "") -> str:
    """Write every digit the number has, and at least so many decimals."""
    plain = _plain(number)
    own = parse_pattern(pattern.pattern)
    places = -int(plain.as_tuple().exponent)
    own.frac_prec = (digits_min, max(digits_min, places))
    with localcontext(EXACT):
        return str(own.apply(plain, locale, currency=code or None, currency_digits=False))


def _plain(number: Decimal) -> Decimal:
    # normalize() would round to the context's precision and write 1E+3; this keeps every digit.
    text = format(number, "f")
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _grouped(text: str, size: int) -> str:
    compact = "".join(text.split())
    return _NO_BREAK.join(compact[i : i + size] for i in range(0, len(compact), size))
