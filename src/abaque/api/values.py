"""The values that cross the API, each checked once where it comes in and written one way where it goes out."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from abaque.core.fault import Fault
from abaque.core.money import Money, currency
from abaque.core.period import check_zone, parse_instant
from abaque.documents.words import languages
from abaque.storage.read.usage import plain

# ISO 3166-1 alpha-2, the 249 officially assigned codes, and XK, under which the EU's customs know Kosovo.
_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
    IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK
    YE YT ZA ZM ZW
    """
COUNTRIES = frozenset(_CODES.split())

# The forms the EU's VIES knows, by the prefix of the number (EL is Greece, XI Northern Ireland).
_VAT_FORMS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[0-9A-Z]\d{7}[0-9A-Z]",
    "FI": r"\d{8}",
    "FR": r"[0-9A-HJ-NP-Z]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[0-9A-Z+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(?:\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[0-9A-Z+*]{10}\d\d",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})",
}
_VAT_OTHER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,12})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[0-9A-Z]{2}(?:[0-9A-Z]{3})?", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}", re.ASCII)


def _wrong(code: str, message: str) -> PydanticCustomError:
    # The message is a template of pydantic's, in which braces mean something.
    return PydanticCustomError(code, "{message}", {"message": message})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _wrong("wrong_type", "This is a string.")
    return value


def _instant(value: object) -> datetime:
    text = _text(value)
    try:
        return parse_instant(text)
    except Fault:
        raise _wrong(
            "bad_time", 'A time is RFC 3339 with its offset from UTC, e.g. "2026-02-01T00:00:00Z".'
        ) from None


def _moment(value: object) -> datetime | date:
    text = _text(value)
    if not _DATE.fullmatch(text):
        return _instant(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong("bad_time", f"{text} is not a day of the calendar.") from None


def _quantity(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise _wrong("bad_quantity", 'A quantity is a decimal string, e.g. "1250.5".')
    text = value if isinstance(value, str) else f"{value:f}" if isinstance(value, Decimal) else str(value)
    if not _NUMBER.fullmatch(text):
        raise _wrong(
            "bad_quantity", "A quantity has at most 18 digits before and 12 after the point, no exponent."
        )
    return Decimal(text)


def _currency(value: object) -> str:
    text = _text(value)
    try:
        return currency(text).code
    except Fault:
        raise _wrong("unknown_currency", 'Not a currency of ISO 4217 in capitals, e.g. "EUR".') from None


def _zone(value: object) -> str:
    try:
        return check_zone(_text(value))
    except Fault:
        raise _wrong("unknown_zone", 'Not a time zone of IANA, e.g. "Europe/Paris".') from None


def _country(value: object) -> str:
    text = _text(value)
    if text and text not in COUNTRIES:
        raise _wrong("bad_country", 'A country is two capitals of ISO 3166-1, e.g. "FR", "DE", "GB".')
    return text


def _language(value: object) -> str:
    text = _text(value)
    if text not in languages():
        raise _wrong("unknown_language", f"A language is one of {', '.join(languages())}.")
    return text


def _email(value: object) -> str:
    text = _text(value)
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise _wrong("bad_email", 'Not an e-mail address, e.g. "accounts@example.com".') from None
    return text


def _vat_number(value: object) -> str:
    number = re.sub(r"[\s.-]", "", _text(value)).upper()
    if not number:
        return number
    prefix, rest = number[:2], number[2:]
    if prefix == "GR":
        raise _wrong("bad_vat_number", "Greek VAT numbers begin with EL, not GR.")
    form = _VAT_FORMS.get(prefix)
    right = re.fullmatch(form, rest, re.ASCII) if form else _VAT_OTHER.fullmatch(number)
    if not right:
        raise _wrong(
            "bad_vat_number",
            f'{number} does not have the form of a VAT number of {prefix}: with its prefix, e.g. "DE123456789".'
            if form
            else 'A VAT number begins with the two letters of its country, e.g. "DE123456789".',
        )
    return number


def _iban(value: object) -> str:
    number = re.sub(r"\s", "", _text(value)).upper()
    if number and not (
        _IBAN.fullmatch(number) and int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1
    ):
        raise _wrong("bad_iban", "Not an IBAN: its check digits do not agree with the rest.")
    return number


def _bic(value: object) -> str:
    code = re.sub(r"\s", "", _text(value)).upper()
    if code and not _BIC.fullmatch(code):
        raise _wrong("bad_bic", "A BIC has 8 or 11 letters and digits.")
    return code


def z(value: object) -> object:
    """Write an instant as RFC 3339 in UTC with Z, without digits that say nothing."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _plain(value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value


def _money(value: object) -> object:
    return {"amount": value.minor, "currency": value.currency.code} if isinstance(value, Money) else value


def _day(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _as(check: Callable[[object], Any], schema: str, **more: Any) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(check), WithJsonSchema({"type": schema, **more})


class Strict(BaseModel):
    """What comes in: unknown fields are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Out(BaseModel):
    """What goes out, read from the frozen rows of `storage.read`."""

    model_config = ConfigDict(from_attributes=True)


class MoneyOut(Out):
    """`amount`: integer minor units of ISO 4217 (cents of EUR, yen of JPY)."""

    amount: int
    currency: str


_DECIMAL = r"^-?\d{1,18}(\.\d{1,12})?$"

InstantIn = Annotated[datetime, *_as(_instant, "string", format="date-time")]
MomentIn = Annotated[
    datetime | date,
    *_as(
        _moment,
        "string",
        anyOf=[{"format": "date-time"}, {"format": "date"}],
        description="an instant, or a day, which begins at local midnight",
    ),
]
QuantityIn = Annotated[Decimal, *_as(_quantity, "string", pattern=_DECIMAL)]
CurrencyIn = Annotated[
    str, *_as(_currency, "string", pattern="^[A-Z]{3}$", description="ISO 4217", examples=["EUR"])
]
CountryIn = Annotated[
    str, *_as(_country, "string", pattern="^([A-Z]{2})?$", description="ISO 3166-1 alpha-2", examples=["FR"])
]
ZoneIn = Annotated[
    str, *_as(_zone, "string", format="time-zone", description="IANA", examples=["Europe/Paris"])
]
LanguageIn = Annotated[str, *_as(_language, "string", enum=list(languages()))]
EmailIn = Annotated[str, *_as(_email, "string", format="email")]
VatNumberIn = Annotated[str, *_as(_vat_number, "string", examples=["DE123456789"])]
IbanIn = Annotated[str, *_as(_iban, "string")]
BicIn = Annotated[str, *_as(_bic, "string")]
Name = Annotated[str, Field(max_length=200)]
Identifier = Annotated[str, Field(min_length=1, max_length=255)]

InstantOut = Annotated[str, *_as(z, "string", format="date-time")]
DayOut = Annotated[str, *_as(_day, "string", format="date")]
# A sum may be longer than any number that came in.
QuantityOut = Annotated[str, *_as(_plain, "string", pattern=r"^-?\d+(\.\d+)?$")]
MoneyField = Annotated[MoneyOut, BeforeValidator(_money)]
