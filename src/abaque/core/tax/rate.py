"""Rates of VAT, and how a customer's supplies are taxed.

Law: only the category S has tax, and whoever charges none says why, but for zero rates (Z).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from abaque.core.fault import Fault

_CATEGORIES = frozenset({"S", "Z", "G", "K", "AE", "E", "O"})
_WITHOUT_REASON = frozenset({"S", "Z"})
_HUNDRED = Decimal(100)


class Treatment(StrEnum):
    """How a customer's supplies are taxed: at the standard rate, by the customer itself, or not at all."""

    STANDARD = "standard"
    REVERSE_CHARGE = "reverse_charge"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Rate:
    """A VAT category code of EN 16931 (UNTDID 5305) and its percentage.

    S standard (any rate above zero), Z zero rated, G export outside the Union, K supply within the Union, AE
    reverse charge, E exempt, O outside the scope. `mention` is the key of the sentence the law asks for in a
    dated table elsewhere; each category but S and Z needs one (BR-G-10, BR-IC-10, BR-AE-10, BR-E-10, BR-O-10).
    Faults `bad_tax_category`, `bad_tax_percent` (S above zero and at most 100, the others zero: BR-S-05,
    BR-Z-05, BR-G-05, BR-IC-05, BR-AE-05, BR-E-05, BR-O-05), `tax_without_mention`.
    """

    category: str
    percent: Decimal
    mention: str | None = None

    def __post_init__(self) -> None:
        if self.category not in _CATEGORIES:
            raise Fault("bad_tax_category", category=self.category)
        taxed = self.category == "S"
        lawful = self.percent.is_finite() and 0 <= self.percent <= _HUNDRED
        if not lawful or (self.percent > 0) is not taxed:
            raise Fault("bad_tax_percent", category=self.category, percent=self.percent)
        if self.category not in _WITHOUT_REASON and self.mention is None:
            raise Fault("tax_without_mention", category=self.category)


def decide(
    treatment: Treatment,
    standard_percent: Decimal,
    *,
    untaxed: Literal["O", "E"] = "O",
    mention: str | None = None,
) -> Rate:
    """Return the rate of a customer's supplies. `standard_percent` is the issuer's, at that date.

    No tax at all is outside the scope (O: the place of supply is elsewhere) unless `untaxed` says exempt (E,
    such as the small-business scheme). Reverse charge: Directive 2006/112 art. 44 and 196. Mention keys:
    `reverse_charge`, `outside_scope`, `exempt`, or the one given. Fault `bad_tax_percent`.
    """
    match treatment:
        case Treatment.STANDARD:
            return Rate("S", standard_percent)
        case Treatment.REVERSE_CHARGE:
            return Rate("AE", Decimal(0), mention or "reverse_charge")
        case Treatment.NONE:
            return Rate(untaxed, Decimal(0), mention or ("exempt" if untaxed == "E" else "outside_scope"))
