"""Where a supply is taxed, and so how: the issuer's country, the buyer's, by the buyer himself, or nowhere.

Law: there is one answer for every pair of countries and every buyer, and tax is charged (S) only in the
issuer's country or, under the one-stop shop, in the country of a consumer in the Union.

| buyer                                   | services   | electronic services  | goods                |
|-----------------------------------------|------------|----------------------|----------------------|
| in the issuer's country                 | S          | S                    | S                    |
| Union, business with a VAT number       | AE (44,196)| AE (44, 196)         | K (138)              |
| Union, anyone else                      | S (45)     | S, theirs if OSS (58)| S, theirs if OSS (33)|
| elsewhere, business                     | O (44)     | O (44)               | G (146)              |
| elsewhere, consumer                     | S (45)     | O (58)               | G (146)              |

Articles of Directive 2006/112; 59c is the threshold of 10,000 euros under which art. 58 and 33 leave the tax
with the issuer: `oss` says it is passed or waived. An issuer under the small-business scheme charges none
where it would charge its own country's (E, art. 284; France: CIBS L. 223-1, ex-CGI 293 B), nor are its goods
exempt as K (art. 139); where others owe the tax it changes nothing. Monaco counts as France (art. 7).

Refused, for their rules are not known here: France's departments overseas. Not known and not noticed: goods of
Northern Ireland, other territories outside the VAT area (art. 6), advice and the like to
consumers outside the Union (59), supplies with a place of their own (land, events: 47 to 57).
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from abaque.core.fault import Fault

from .rate import Rate
from .rate_table import RateTable

_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
UNION = frozenset(_MEMBERS.split())
_COUNTRY = re.compile("[A-Z]{2}")
# Prefixes of VAT numbers, and a habit, that are no ISO codes: Greece, Northern Ireland, the United Kingdom.
_PREFIXES = frozenset({"EL", "XI", "UK"})
# France's departments overseas: rates of their own, or none, and their own rules of place (CGI 294 to 296).
_OVERSEAS = frozenset({"GF", "GP", "MQ", "RE", "YT"})


class Supply(StrEnum):
    """What is sold: a service, a service supplied electronically (software, access), or goods that are sent."""

    SERVICE = "service"
    ELECTRONIC = "electronic"
    GOODS = "goods"


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys: country (ISO 3166-1 alpha-2), whether a business, and its VAT number if it proved one."""

    country: str
    business: bool = False
    vat_number: str = ""


def decide_by_place(
    issuer: str,
    buyer: Buyer,
    supply: Supply,
    rates: RateTable,
    on: date,
    *,
    oss: bool = False,
    small: bool = False,
) -> Rate:
    """Return the rate of a supply by an issuer of a country, on the day its tax falls due.

    `oss`: the issuer accounts for consumers in the Union through the one-stop shop. `small`: it is under the
    small-business scheme. Mention keys as in `decide`, and `franchise`, `intra_community`, `export`.
    Faults `bad_country` (no tax is charged abroad, so nobody is abroad by mistake), `territory_not_known`, `no_rate`,
    `issuer_outside_union`.
    """
    home, there = _area(issuer), _area(buyer.country)
    if home not in UNION:
        raise Fault("issuer_outside_union", country=issuer)
    taxed_in = home
    if there not in UNION:
        if supply is Supply.GOODS:
            return Rate("G", Decimal(0), "export")
        if buyer.business or supply is Supply.ELECTRONIC:
            return Rate("O", Decimal(0), "outside_scope")
    elif there != home and buyer.business and buyer.vat_number:
        if supply is not Supply.GOODS:
            return Rate("AE", Decimal(0), "reverse_charge")
        if not small:
            return Rate("K", Decimal(0), "intra_community")
    elif there != home and oss and supply is not Supply.SERVICE:
        taxed_in = there
    if small and taxed_in == home:
        return Rate("E", Decimal(0), "franchise")
    percent = rates.percent(taxed_in, on)
    return Rate("S", percent) if percent else Rate("Z", percent)


def _area(country: str) -> str:
    """Return the country of the Union a place counts as, or the place. Faults `bad_country`, `territory_not_known`."""
    if country in _PREFIXES or _COUNTRY.fullmatch(country) is None:
        raise Fault("bad_country", value=country)
    if country in _OVERSEAS:
        raise Fault("territory_not_known", country=country)
    return "FR" if country == "MC" else country
