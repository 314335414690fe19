"""Plans and their charges: what a customer agrees to. A published version never changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from abaque.core.fault import Fault
from abaque.core.money import Currency
from abaque.core.period import Alignment, Interval

from .flat import Flat
from .price import Price, check_allowance


class Bill(StrEnum):
    """When a charge is billed: at the start of its period or after its end."""

    ADVANCE = "advance"
    ARREARS = "arrears"


class Prorate(StrEnum):
    """By what the part of a period is measured; none: the part costs as much as the whole."""

    DAY = "day"
    SECOND = "second"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Charge:
    """One priced element of a plan: a fixed fee, or a price on what a meter counts.

    `names` by language. `allowance` is in the meter's units, per period. Faults: `flat_with_meter`,
    `price_needs_meter`, `usage_in_advance`, `allowance_without_meter`, `bad_allowance`.
    """

    code: str
    price: Price
    meter: str | None = None
    bill: Bill = Bill.ARREARS
    prorate: Prorate = Prorate.DAY
    allowance: Decimal | None = None
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if isinstance(self.price, Flat):
            if self.meter is not None:
                raise Fault("flat_with_meter", charge=self.code)
        elif self.meter is None:
            raise Fault("price_needs_meter", charge=self.code)
        if self.meter is not None and self.bill is Bill.ADVANCE:
            raise Fault("usage_in_advance", charge=self.code)
        if self.allowance is not None:
            if self.meter is None:
                raise Fault("allowance_without_meter", charge=self.code)
            check_allowance(self.allowance)


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of an offer: its charges, its currency, its billing interval.

    `names` by language. Faults `bad_version` (they count from 1), `duplicate_charge`.
    """

    code: str
    version: int
    currency: Currency
    interval: Interval
    alignment: Alignment
    charges: tuple[Charge, ...]
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.version < 1:
            raise Fault("bad_version", plan=self.code, version=self.version)
        seen: set[str] = set()
        for charge in self.charges:
            if charge.code in seen:
                raise Fault("duplicate_charge", plan=self.code, charge=charge.code)
            seen.add(charge.code)

    def charge(self, code: str) -> Charge:
        """Return the charge of that code. Fault `unknown_charge`."""
        for charge in self.charges:
            if charge.code == code:
                return charge
        raise Fault("unknown_charge", plan=self.code, charge=code)
