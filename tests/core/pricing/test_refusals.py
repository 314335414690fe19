"""A refusal carries its code, which words are looked up by, and what it met, which they name."""

from decimal import Decimal

import pytest

from abaque.core.fault import Fault
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import (
    Allowance,
    Bill,
    Cell,
    Charge,
    Dynamic,
    Entitlement,
    Flat,
    Graduated,
    Matrix,
    Package,
    Percentage,
    PerUnit,
    Phase,
    Plan,
    Rollover,
    Tier,
    Trial,
    Usage,
    rate,
)

ONE, TWO = Decimal(1), Decimal(2)
FLAT, UNIT = Flat(ONE), PerUnit(ONE)
LARGE = Cell(("large",), UNIT)
MATRIX = Matrix(("model",), (LARGE,))


def plan(*charges, version=1, entitlements=()):
    interval = Interval(Unit.MONTH)
    return Plan(
        "pro", version, currency("EUR"), interval, Alignment.CALENDAR, charges, entitlements=entitlements
    )


PRICES = [
    (lambda: PerUnit(ONE, Decimal(0)), "bad_per", {"per": Decimal(0)}),
    (lambda: PerUnit(ONE, Decimal(3)), "unit_not_exact", {"price": ONE, "per": Decimal(3)}),
    (
        lambda: PerUnit(Decimal("0.01"), Decimal(10) ** 11),  # one unit would have 13 digits after the point
        "unit_not_exact",
        {"price": Decimal("0.01"), "per": Decimal(10) ** 11},
    ),
    (lambda: Flat("1"), "bad_price", {"price": "1"}),
    (lambda: Flat(-ONE), "negative_price", {"price": -ONE}),
    (lambda: Flat(Decimal("1E+12")), "too_many_digits", {"figure": Decimal("1E+12")}),
    (lambda: Graduated(()), "no_tiers", {}),
    (lambda: Graduated((Tier(None, ONE), Tier(None, ONE))), "tiers_after_end", {"tier": 1}),
    (lambda: Graduated((Tier(ONE, ONE), Tier(TWO, ONE))), "tiers_without_end", {"tier": 2}),
    (
        lambda: Graduated((Tier(TWO, ONE), Tier(ONE, ONE), Tier(None, ONE))),
        "tiers_out_of_order",
        {"tier": 2, "up_to": ONE, "floor": TWO},
    ),
    (lambda: Package(-ONE, ONE), "bad_package_size", {"size": -ONE}),
    (lambda: Percentage(Decimal(101)), "percent_over_100", {"percent": Decimal(101)}),
    (lambda: Percentage(ONE, free_events=-1), "bad_free_events", {"free_events": -1}),
    (
        lambda: Percentage(ONE, minimum=TWO, maximum=ONE),
        "minimum_over_maximum",
        {"minimum": TWO, "maximum": ONE},
    ),
    (lambda: Matrix((), (LARGE,)), "matrix_without_attributes", {}),
    (lambda: Matrix(("model",), ()), "matrix_without_cells", {}),
    (lambda: Matrix(("a", "b"), (LARGE,)), "cell_values", {"values": ("large",), "by": ("a", "b")}),
    (lambda: Matrix(("model",), (LARGE, LARGE)), "duplicate_cell", {"values": ("large",)}),
]

USAGES = [
    (
        lambda: rate(Percentage(ONE, minimum=ONE), Usage(ONE, 2, (TWO, -ONE))),
        "negative_quantity",
        {"quantity": -ONE},
    ),
    (lambda: Usage(Decimal("Infinity")), "bad_quantity", {"quantity": Decimal("Infinity")}),
    (lambda: rate(Package(ONE, ONE), -ONE), "negative_quantity", {"quantity": -ONE}),
    (lambda: rate(Percentage(ONE, TWO), ONE), "events_needed", {"quantity": ONE}),
    (lambda: rate(Percentage(ONE, minimum=ONE), ONE), "events_needed", {"quantity": ONE}),
    (lambda: rate(Percentage(ONE), ONE, allowance=ONE), "allowance_unwanted", {}),
    (lambda: rate(UNIT, ONE, allowance=-ONE), "bad_allowance", {"allowance": -ONE}),
    (lambda: rate(MATRIX, ONE), "cells_differ", {"quantity": ONE}),
    (
        lambda: rate(MATRIX, Usage(ONE, cells={("tiny",): ONE})),
        "no_cell",
        {"values": ("tiny",), "by": ("model",)},
    ),
]

AGREEMENTS = [
    (lambda: Trial(0), "bad_trial", {"days": 0}),
    (lambda: Phase(0, ONE), "bad_phase", {"periods": 0}),
    (lambda: Rollover(0), "bad_rollover", {"periods": 0}),
    (lambda: Allowance(ONE, by_month=((0, ONE),)), "bad_month", {"months": (0,)}),
    (lambda: Allowance(ONE, Interval(Unit.DAY), ((1, ONE),)), "seasonal_needs_months", {}),
    (lambda: Entitlement("sso", meter="docs"), "bad_entitlement", {"feature": "sso"}),
    (lambda: Entitlement("sso", allowed=False, limit=ONE), "bad_entitlement", {"feature": "sso"}),
    (lambda: Entitlement("sso", grace_days=-1), "bad_grace", {"feature": "sso", "days": -1}),
]

PLANS = [
    (lambda: Charge("x", UNIT, "docs", quantity="seats"), "two_quantities", {"charge": "x"}),
    (lambda: Charge("x", FLAT, "docs"), "flat_with_meter", {"charge": "x"}),
    (lambda: Charge("x", Dynamic()), "price_needs_meter", {"charge": "x"}),
    (lambda: Charge("x", UNIT, "docs", Bill.ADVANCE), "usage_in_advance", {"charge": "x"}),
    (
        lambda: Charge("x", UNIT, quantity="seats", allowance=Allowance(ONE)),
        "allowance_without_meter",
        {"charge": "x"},
    ),
    (
        lambda: Charge("x", MATRIX, "docs", allowance=Allowance(ONE)),
        "allowance_unwanted",
        {"charge": "x"},
    ),
    (
        lambda: Charge("x", FLAT, minimum=TWO, maximum=ONE),
        "minimum_over_maximum",
        {"minimum": TWO, "maximum": ONE},
    ),
    (lambda: plan(version=0), "bad_version", {"plan": "pro", "version": 0}),
    (lambda: plan(Charge("x", FLAT), Charge("x", FLAT)), "duplicate_charge", {"plan": "pro", "charge": "x"}),
    (
        lambda: plan(Charge("x", UNIT, "docs"), Charge("y", UNIT, "docs")),
        "meter_claimed_twice",
        {"plan": "pro", "meter": "docs", "charge": "y", "other": "x"},
    ),
    (lambda: plan().charge("x"), "unknown_charge", {"plan": "pro", "charge": "x"}),
    (
        lambda: plan(entitlements=(Entitlement("sso"), Entitlement("sso"))),
        "duplicate_entitlement",
        {"plan": "pro", "feature": "sso"},
    ),
]


@pytest.mark.parametrize(("refused", "code", "params"), [*PRICES, *USAGES, *AGREEMENTS, *PLANS])
def test_a_refusal_says_its_code_and_what_it_met(refused, code, params):
    with pytest.raises(Fault) as caught:
        refused()
    assert (caught.value.code, caught.value.params) == (code, params)
