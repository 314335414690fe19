"""Tier bounds for part of a period, where a charge asks for them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from abaque.core.money import scaled, share

from .graduated import Graduated
from .graduated_percentage import GraduatedPercentage
from .matrix import CellPrice, Matrix
from .price import Price
from .volume import Volume

_FINE = 12


def with_tiers_for(price: Price, begin: int, end: int, whole: int) -> Price:
    """Return a tiered price with its bounds shrunk to the part `[begin, end)` of `[0, whole)` of a period.

    Bounds are shared out to twelve fractional digits, as differences of rounded cumulative bounds; a tier that
    shrinks to nothing is left out. A matrix shrinks the tiers of each of its cells. Flat fees and other prices
    stay as they are. Law: however a period is cut, the bounds of its parts sum to the whole bound. Fault
    `bad_share`.
    """
    match price:
        case Matrix(_, cells, default):
            shrunk = (replace(cell, price=_tiered(cell.price, begin, end, whole)) for cell in cells)
            others = None if default is None else _tiered(default, begin, end, whole)
            return replace(price, cells=tuple(shrunk), default=others)
        case GraduatedPercentage(shares):
            bounds = _shrunk([tier.up_to for tier in shares], begin, end, whole)
            return replace(price, tiers=tuple(replace(shares[n], up_to=bound) for n, bound in bounds))
        case Graduated() | Volume():
            return _tiered(price, begin, end, whole)
        case _:
            return price


def _tiered(price: CellPrice, begin: int, end: int, whole: int) -> CellPrice:
    """Return the price of a cell, or of a charge without any, with its bounds shrunk if it has tiers."""
    if not isinstance(price, Graduated | Volume):
        return price
    bounds = _shrunk([tier.up_to for tier in price.tiers], begin, end, whole)
    return replace(price, tiers=tuple(replace(price.tiers[n], up_to=bound) for n, bound in bounds))


def _shrunk(
    bounds: Sequence[Decimal | None], begin: int, end: int, whole: int
) -> list[tuple[int, Decimal | None]]:
    """Return the place and the new upper bound of each tier that is left."""
    kept: list[tuple[int, Decimal | None]] = []
    floor = Decimal(0)
    for place, bound in enumerate(bounds):
        if bound is None:
            kept.append((place, None))
            continue
        part = scaled(share(int(scaled(bound, _FINE)), begin, end, whole), -_FINE)
        if part > floor:
            kept.append((place, part))
            floor = part
    return kept
