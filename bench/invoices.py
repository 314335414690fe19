"""Invoices rated and summed in core: no database, one core, beside the bare sums of the same invoice."""

import gc
import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from bench.table import Row

from abaque.core.invoicing import Discount, Line, apply_discounts
from abaque.core.money import currency
from abaque.core.pricing import Flat, Graduated, Package, Percentage, PerUnit, Price, Tier, Usage, rate
from abaque.core.tax import Rate, total_up

_EUR, _VAT = currency("EUR"), Rate("S", Decimal(20))
_DISCOUNT = Discount("ten", percent=Decimal(10))
_PROMISED = 10_000
_SECONDS = 1.0
_SIZES = (5, 10, 25, 50, 100)
_CENT = Decimal("0.01")

_FIVE: tuple[tuple[Price, Usage], ...] = (
    (Flat(Decimal(49)), Usage(Decimal(1))),
    (
        Graduated(
            (
                Tier(Decimal(100), Decimal("0.10")),
                Tier(Decimal(1000), Decimal("0.08")),
                Tier(None, Decimal("0.05")),
            )
        ),
        Usage(Decimal(2500)),
    ),
    (PerUnit(Decimal("0.02")), Usage(Decimal(1234))),
    (Package(Decimal(100), Decimal(5)), Usage(Decimal(623))),
    (Percentage(Decimal("1.4")), Usage(Decimal("1999.00"), 20)),
)
#: The multiplications of the same five lines: quantity and price of each step.
_BARE = tuple(
    (Decimal(quantity), Decimal(price))
    for quantity, price in (
        ("1", "49"), ("100", "0.10"), ("900", "0.08"), ("1500", "0.05"),
        ("1234", "0.02"), ("7", "5"), ("1999.00", "0.014"),
    )
)  # fmt: skip


def invoices() -> list[Row]:
    """Return how many invoices a second one core rates and sums, and how that falls with their lines."""
    # What the benchmarks before this one left alive is theirs: the collector need not walk through it again.
    gc.collect()
    gc.freeze()
    bare = _per_second(_floor)
    rows = [Row("floor: the bare sums of a 5-line invoice", f"{bare:,.0f} invoices/s", 1.0)]
    for size in _SIZES:
        speed = _per_second(partial(_invoice, size // len(_FIVE)))
        what = f"invoices rated and summed in core, {size} lines"
        if size == len(_FIVE):
            budget = f"≥ {_PROMISED:,}/s"
            rows.append(Row(what, f"{speed:,.0f} invoices/s", speed / bare, budget, speed >= _PROMISED))
        else:
            rows.append(Row(what, f"{speed:,.0f} invoices/s"))
    return rows


def _invoice(times: int) -> None:
    lines = []
    for price, usage in _FIVE * times:
        rating = rate(price, usage)
        net = rating.money(_EUR)
        lines.append(Line("charge", rating.quantity, None, net, _VAT, None, rating.steps))
    reduced = apply_discounts(lines, (_DISCOUNT,))
    total_up([(line.line.rate, line.net) for line in reduced], _EUR)


def _floor() -> None:
    net = sum((quantity * price for quantity, price in _BARE), Decimal(0)).quantize(_CENT, ROUND_HALF_UP)
    net -= (net * Decimal("0.10")).quantize(_CENT, ROUND_HALF_UP)
    tax = (net * Decimal("0.20")).quantize(_CENT, ROUND_HALF_UP)
    _ = net + tax


def _per_second(work: Callable[[], None]) -> float:
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < _SECONDS:
        for _ in range(50):
            work()
        count += 50
    return count / (time.perf_counter() - began)
