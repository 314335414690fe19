"""Tiers: the steps of graduated and volume prices. Upper bounds are inclusive, the last has none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar

from abaque.core.fault import Fault

from .step import Step, check_digits, check_price, check_unit_price


@dataclass(frozen=True, slots=True)
class Tier:
    """Units up to and including `up_to` (None: all further ones) cost `unit` each and `flat` once.

    Where the price says `per`, so many units cost `unit`; bounds count units all the same.
    """

    up_to: Decimal | None
    unit: Decimal
    flat: Decimal = Decimal(0)


class Bounded(Protocol):
    """A step of a price list, in units or in money."""

    @property
    def up_to(self) -> Decimal | None:
        """Its inclusive upper bound, None for the last."""

    @property
    def unit(self) -> Decimal:
        """What a unit in it costs."""

    @property
    def flat(self) -> Decimal:
        """Its fee, due once."""


AnyTier = TypeVar("AnyTier", bound=Bounded)


def check_tiers(tiers: Sequence[Bounded]) -> None:
    """Refuse tiers that do not cover every quantity once.

    Faults `no_tiers`, `tiers_out_of_order` (bounds must rise from above zero), `tiers_without_end` (the last
    must be unbounded), `tiers_after_end` (only the last may be), and those of a price.
    """
    if not tiers:
        raise Fault("no_tiers")
    floor = Decimal(0)
    for number, tier in enumerate(tiers, start=1):
        check_price(tier.unit)
        check_price(tier.flat)
        last = number == len(tiers)
        if tier.up_to is None and not last:
            raise Fault("tiers_after_end", tier=number)
        if tier.up_to is not None:
            if last:
                raise Fault("tiers_without_end", tier=number)
            if not tier.up_to.is_finite() or tier.up_to <= floor:
                raise Fault("tiers_out_of_order", tier=number, up_to=tier.up_to, floor=floor)
            check_digits(tier.up_to)
            floor = tier.up_to


def check_per(tiers: Sequence[Bounded], per: Decimal, *, whole: bool) -> None:
    """Refuse tiers whose units have no exact price. Faults `bad_per`, `unit_not_exact`.

    Packages that only come whole need none.
    """
    for tier in tiers:
        check_unit_price(Decimal(0) if whole else tier.unit, per)


def flat_fee(tier: Bounded, floor: Decimal, quantity: Decimal, *, at_zero: bool) -> tuple[Step, ...]:
    """Return the step of a tier's flat fee, none where it has none or, at zero usage, none is due."""
    if not tier.flat or not (at_zero or quantity):
        return ()
    return (Step("tier_flat", Decimal(0), tier.flat, tier.flat, floor, tier.up_to),)


def with_floors(tiers: Sequence[AnyTier]) -> Iterator[tuple[Decimal, AnyTier]]:
    """Yield each tier after the bound it begins above, zero for the first."""
    floor = Decimal(0)
    for tier in tiers:
        yield floor, tier
        floor = tier.up_to if tier.up_to is not None else floor
