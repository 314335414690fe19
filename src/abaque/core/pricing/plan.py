"""Plans and their charges: what a customer agrees to. A published version never changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from abaque.core.fault import Fault
from abaque.core.money import Currency
from abaque.core.period import Alignment, Interval

from .agreement import Commitment, Phase, Term, Trial
from .allowance import Allowance
from .dynamic import Dynamic
from .entitlement import Entitlement
from .flat import Flat
from .graduated_percentage import GraduatedPercentage
from .matrix import Matrix
from .percentage import Percentage
from .price import Price
from .spend import check_spend

#: The lines that bring a period to its minimum spend, and an interval to what was committed.
MINIMUM, TRUE_UP = "minimum", "true_up"
#: Prices on money that events carry, or on groups of them.
_OF_EVENTS = (Percentage, GraduatedPercentage, Dynamic, Matrix)


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
    """One priced element of a plan: a fixed fee, a price on a meter's usage, or on a subscribed quantity.

    `names` by language. `quantity` names what the subscription says how many it has of ("seats"), `units` the word
    for one of them by language; only what is metered must be billed in arrears. `interval` is the charge's own, on the
    plan's anchor (None: the plan's). `minimum` and `maximum` bound what it costs per period, in major units. Tier
    bounds stay whole in part of a period unless `prorate_tiers`. Faults: `flat_with_meter`, `price_needs_meter`,
    `usage_in_advance`, `allowance_without_meter`, `allowance_unwanted`, `two_quantities` (a meter and a
    subscribed quantity), `minimum_over_maximum`, and those of a price.
    """

    code: str
    price: Price
    meter: str | None = None
    bill: Bill = Bill.ARREARS
    prorate: Prorate = Prorate.DAY
    allowance: Allowance | None = None
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    quantity: str | None = None
    interval: Interval | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    prorate_tiers: bool = False
    units: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.meter is not None and self.quantity is not None:
            raise Fault("two_quantities", charge=self.code)
        if isinstance(self.price, Flat):
            if self.meter is not None or self.quantity is not None:
                raise Fault("flat_with_meter", charge=self.code)
        elif self.meter is None and (self.quantity is None or isinstance(self.price, _OF_EVENTS)):
            raise Fault("price_needs_meter", charge=self.code)
        if self.meter is not None and self.bill is Bill.ADVANCE:
            raise Fault("usage_in_advance", charge=self.code)
        if self.allowance is not None:
            if self.meter is None:
                raise Fault("allowance_without_meter", charge=self.code)
            if isinstance(self.price, Percentage | Matrix):
                raise Fault("allowance_unwanted", charge=self.code)
        check_spend(self.minimum, self.maximum)


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of an offer: its charges, its currency, its billing interval.

    `names` and `benefits` (what a page about it promises) by language. Billing is by `interval`, or on
    `dates`: days of each year as (month, day), or calendar dates. `minimum` and `maximum` bound what all
    charges cost per billing period, in major units. `trial`, `term`, `phases` and `commitment` are what a
    subscription to it agrees to. Faults `bad_version` (they count from 1), `duplicate_charge`,
    `reserved_charge` (`minimum` and `true_up` name lines of their own), `meter_claimed_twice` (each unit would be
    billed twice), `duplicate_entitlement`, `minimum_over_maximum`.
    """

    code: str
    version: int
    currency: Currency
    interval: Interval
    alignment: Alignment
    charges: tuple[Charge, ...]
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    commitment: Commitment | None = None
    trial: Trial | None = None
    term: Term | None = None
    phases: tuple[Phase, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    benefits: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    dates: tuple[tuple[int, int], ...] | tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if self.version < 1:
            raise Fault("bad_version", plan=self.code, version=self.version)
        codes: set[str] = set()
        claims: dict[str, str] = {}
        for charge in self.charges:
            code, meter = charge.code, charge.meter
            if code in {MINIMUM, TRUE_UP}:
                raise Fault("reserved_charge", plan=self.code, charge=code)
            if code in codes:
                raise Fault("duplicate_charge", plan=self.code, charge=code)
            codes.add(code)
            if meter is not None and (other := claims.setdefault(meter, code)) != code:
                raise Fault("meter_claimed_twice", plan=self.code, meter=meter, charge=code, other=other)
        features: set[str] = set()
        for entitlement in self.entitlements:
            if entitlement.feature in features:
                raise Fault("duplicate_entitlement", plan=self.code, feature=entitlement.feature)
            features.add(entitlement.feature)
        check_spend(self.minimum, self.maximum)

    def charge(self, code: str) -> Charge:
        """Return the charge of that code. Fault `unknown_charge`."""
        for charge in self.charges:
            if charge.code == code:
                return charge
        raise Fault("unknown_charge", plan=self.code, charge=code)
