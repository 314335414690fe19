"""The currencies of ISO 4217 and how many digits their minor units have.

Source: ISO 4217 list one of 1 January 2026 (maintenance agency SIX), without the codes that have no minor
unit (metals, funds of account, testing). A few withdrawn codes stay, for documents of their time.
CLDR and payment providers give other digits for some of them; this table is about law, not about display.
"""

from dataclasses import dataclass

from abaque.core.fault import Fault


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 code and the number of fractional digits of its minor unit."""

    code: str
    digits: int


_DIGITS: dict[int, str] = {
    0: """
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
    """,
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
    PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: """
    BHD IQD JOD KWD LYD OMR TND
    """,
    4: """
    CLF UYW
    """,
}

# Withdrawn: Netherlands Antilles guilder (2025), Bulgarian lev (2026), Croatian kuna (2023),
# Sierra Leonean old leone (2024), Zimbabwe dollar (2024), Cuban convertible peso (2021).
_WITHDRAWN = "ANG BGN HRK SLL ZWL CUC"

_CURRENCIES = {
    code: Currency(code, digits)
    for digits, codes in (*_DIGITS.items(), (2, _WITHDRAWN))
    for code in codes.split()
}


def currency(code: str) -> Currency:
    """Return the currency of an ISO 4217 code, in capitals. Fault `unknown_currency`."""
    try:
        return _CURRENCIES[code]
    except KeyError:
        raise Fault("unknown_currency", currency=code) from None


def known_codes() -> tuple[str, ...]:
    """Return every code that is known, withdrawn ones included, in alphabetical order."""
    return tuple(sorted(_CURRENCIES))
