"""The kinds of prices and the terms of plans, as people write them and as they get them wrong."""

from datetime import date
from decimal import Decimal

import pytest

from abaque.catalogue import CatalogueErrors, load
from abaque.core.period import Interval, Unit
from abaque.core.pricing import (
    Allowance,
    Cell,
    Charge,
    Commitment,
    Dynamic,
    Entitlement,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Phase,
    Plan,
    Price,
    Rollover,
    Term,
    Tier,
    Trial,
    Volume,
)

HEAD = """
meters:
  docs: {event: doc, aggregate: count}
plans:
  p:
    version: 1
    currency: EUR
"""
FEE = "    charges: {c: {price: {model: flat, amount: 1}}}\n"
UNIT = "price: {model: per_unit, unit: 1}"


def plan(line: str) -> Plan:
    return load(f"{HEAD}    {line}\n{FEE}", name="x.yaml").plans["p"].plan


def charge(said: str) -> Charge:
    return load(f"{HEAD}    charges: {{c: {{{said}}}}}\n", name="x.yaml").plans["p"].plan.charge("c")


def codes(text: str) -> list[str]:
    with pytest.raises(CatalogueErrors) as errors:
        load(text, name="x.yaml")
    assert all(error.line >= HEAD.count("\n") for error in errors.value.errors)
    return [error.code for error in errors.value.errors]


@pytest.mark.parametrize(
    ("said", "price"),
    [
        ("{model: package, size: 100, amount: '5.00'}", Package(Decimal(100), Decimal("5.00"))),
        (
            "{model: percentage, percent: 1.4, fixed: '0.25', maximum: 5}",
            Percentage(Decimal("1.4"), Decimal("0.25"), maximum=Decimal(5)),
        ),
        (
            "{model: percentage, percent: 1, free_events: 10, free_amount: 500}",
            Percentage(Decimal(1), free_events=10, free_amount=Decimal(500)),
        ),
        (
            "{model: graduated_percentage, tiers: [{up_to: 1000, percent: 2, flat: 1}, {percent: 1}]}",
            GraduatedPercentage(
                (PercentTier(Decimal(1000), Decimal(2), Decimal(1)), PercentTier(None, Decimal(1)))
            ),
        ),
        ("{model: per_unit, unit: '0.05', per: 1000}", PerUnit(Decimal("0.05"), Decimal(1000))),
        (
            "{model: graduated, flat_at_zero: no, tiers: [{unit: 2, flat: 5}]}",
            Graduated((Tier(None, Decimal(2), Decimal(5)),), flat_at_zero=False),
        ),
        (
            "{model: volume, tiers: [{up_to: 10, flat: 49}, {flat: 99}]}",
            Volume((Tier(Decimal(10), Decimal(0), Decimal(49)), Tier(None, Decimal(0), Decimal(99)))),
        ),
        (
            "{model: graduated, per: 100, whole: yes, tiers: [{up_to: 1000, unit: 5}, {unit: 4}]}",
            Graduated(
                (Tier(Decimal(1000), Decimal(5)), Tier(None, Decimal(4))), per=Decimal(100), whole=True
            ),
        ),
        (
            "{model: volume, per: 1000, flat_at_zero: no, tiers: [{up_to: 50, unit: 5}, {unit: 4}]}",
            Volume((Tier(Decimal(50), Decimal(5)), Tier(None, Decimal(4))), False, Decimal(1000)),
        ),
        (
            "{model: graduated_percentage, flat_at_zero: no, tiers: [{percent: 1, flat: 5}]}",
            GraduatedPercentage((PercentTier(None, Decimal(1), Decimal(5)),), flat_at_zero=False),
        ),
        ("{model: dynamic}", Dynamic()),
        ("{model: dynamic, percent: 120}", Dynamic(Decimal(120))),
        (
            (
                "{model: matrix, by: [a, b], cells: [{values: [x, y], price: {model: per_unit, unit: 2}}], "
                "default: {model: per_unit, unit: 3}}"
            ),
            Matrix(("a", "b"), (Cell(("x", "y"), PerUnit(Decimal(2))),), PerUnit(Decimal(3))),
        ),
    ],
)
def test_each_kind_of_price_can_be_said(said: str, price: Price) -> None:
    assert charge(f"meter: docs, price: {said}").price == price


@pytest.mark.parametrize(
    ("said", "allowance"),
    [
        ("500", Allowance(Decimal(500))),
        ("{quantity: 500, interval: month}", Allowance(Decimal(500), Interval(Unit.MONTH))),
        (
            "{quantity: 5, by_month: {8: 9, 7: 8}}",
            Allowance(Decimal(5), None, ((7, Decimal(8)), (8, Decimal(9)))),
        ),
        ("{quantity: 5, rollover: 2}", Allowance(Decimal(5), rollover=Rollover(2))),
        (
            "{quantity: 5, rollover: {periods: 1, limit: 3}}",
            Allowance(Decimal(5), rollover=Rollover(1, Decimal(3))),
        ),
    ],
)
def test_each_kind_of_allowance_can_be_said(said: str, allowance: Allowance) -> None:
    assert charge(f"meter: docs, allowance: {said}, {UNIT}").allowance == allowance


def test_a_charge_can_be_counted_by_what_is_subscribed_and_bounded() -> None:
    found = charge(f"quantity: seats, bill: advance, interval: year, minimum: 5, maximum: 50, {UNIT}")
    assert (found.quantity, found.interval) == ("seats", Interval(Unit.YEAR))
    assert (found.minimum, found.maximum) == (Decimal(5), Decimal(50))
    assert charge(f"meter: docs, prorate_tiers: yes, {UNIT}").prorate_tiers


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("minimum: 49", "minimum", Decimal(49)),
        ("commitment: 1200", "commitment", Commitment(Decimal(1200))),
        (
            "commitment: {amount: 12000, interval: year}",
            "commitment",
            Commitment(Decimal(12000), Interval(Unit.YEAR)),
        ),
        ("trial: 14d", "trial", Trial(14)),
        ("term: year", "term", Term(Interval(Unit.YEAR))),
        (
            "term: {interval: {every: 2, unit: year}, renews: no}",
            "term",
            Term(Interval(Unit.YEAR, 2), renews=False),
        ),
        (
            "phases: [{periods: 3, percent_off: 100}, {periods: 3, percent_off: 50}]",
            "phases",
            (Phase(3, Decimal(100)), Phase(3, Decimal(50))),
        ),
        (
            "entitlements: {sso: yes, export: no, projects: 10}",
            "entitlements",
            (
                Entitlement("sso"),
                Entitlement("export", allowed=False),
                Entitlement("projects", limit=Decimal(10)),
            ),
        ),
        (
            "entitlements: {docs: {limit: 500, meter: docs, soft: yes, grace: 7d}}",
            "entitlements",
            (Entitlement("docs", limit=Decimal(500), meter="docs", soft=True, grace_days=7),),
        ),
        ("benefits: {en: [A, B], fr: [C]}", "benefits", {"en": ("A", "B"), "fr": ("C",)}),
        ('dates: ["01-31", "06-30"]', "dates", ((1, 31), (6, 30))),
        ('dates: ["2026-03-15", "2026-09-30"]', "dates", (date(2026, 3, 15), date(2026, 9, 30))),
    ],
)
def test_each_term_of_a_plan_can_be_said(line: str, field: str, value: object) -> None:
    assert getattr(plan(line), field) == value


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("meter: docs, price: {model: package, size: 0, amount: 1}", "not_above_zero"),
        ("meter: docs, price: {model: package, size: 1, amount: -1}", "negative_price"),
        ("meter: docs, price: {model: per_unit, unit: 1, per: 0}", "not_above_zero"),
        ("meter: docs, price: {model: per_unit, unit: 1, per: 3}", "unit_not_exact"),
        ("meter: docs, price: {model: per_unit, unit: 100000000000, per: '0.01'}", "too_many_digits"),
        (
            "meter: docs, price: {model: graduated, per: 60, tiers: [{up_to: 9, unit: 6}, {unit: 1}]}",
            "unit_not_exact",
        ),
        (
            "meter: docs, price: {model: graduated, per: 100, whole: yes, tiers: [{up_to: 10, unit: 5}, {unit: 4}]}",
            "bound_in_package",
        ),
        ("meter: docs, price: {model: volume, tiers: [{up_to: 10, unit: 1}, {}]}", "missing_key"),
        (
            "meter: docs, price: {model: graduated_percentage, tiers: [{up_to: 10}, {percent: 1}]}",
            "missing_key",
        ),
        ("meter: docs, price: {model: volume, whole: perhaps, tiers: [{unit: 4}]}", "not_yes_or_no"),
        ("meter: docs, price: {model: volume, flat_at_zero: 0, tiers: [{unit: 4}]}", "not_yes_or_no"),
        ("meter: docs, price: {model: percentage, percent: 140}", "percent_over_100"),
        ("meter: docs, price: {model: percentage, percent: -1}", "negative_price"),
        ("meter: docs, price: {model: percentage, percent: 1, free_events: 1.5}", "not_whole"),
        ("meter: docs, price: {model: percentage, percent: 1, minimum: 2, maximum: 1}", "bounds_reversed"),
        ("meter: docs, price: {model: graduated_percentage, tiers: [{percent: 101}]}", "percent_over_100"),
        ("meter: docs, price: {model: matrix, by: [a], cells: []}", "empty_list"),
        ("meter: docs, price: {model: matrix, by: [a], cells: 5}", "not_a_list"),
        (
            f"meter: docs, price: {{model: matrix, by: [a], cells: [{{values: [x, y], {UNIT}}}]}}",
            "cell_width",
        ),
        (
            (
                f"meter: docs, price: {{model: matrix, by: [a], "
                f"cells: [{{values: [x], {UNIT}}}, {{values: [x], {UNIT}}}]}}"
            ),
            "cell_claimed_twice",
        ),
        (
            (
                "meter: docs, price: {model: matrix, by: [a], "
                "cells: [{values: [x], price: {model: flat, amount: 1}}]}"
            ),
            "cell_model",
        ),
        ("quantity: seats, price: {model: flat, amount: 1}", "flat_with_quantity"),
        ("quantity: seats, price: {model: dynamic}", "events_need_meter"),
        (f"quantity: seats, meter: docs, {UNIT}", "quantity_with_meter"),
        ("meter: docs, allowance: 5, price: {model: percentage, percent: 1}", "allowance_unwanted"),
        (f"meter: docs, allowance: {{quantity: -5}}, {UNIT}", "negative_allowance"),
        (f"meter: docs, allowance: 1000000000000, {UNIT}", "too_many_digits"),
        (f"meter: docs, allowance: {{quantity: 5, by_month: {{13: 9}}}}, {UNIT}", "unknown_key"),
        (
            f"meter: docs, allowance: {{quantity: 5, interval: year, by_month: {{7: 9}}}}, {UNIT}",
            "seasons_need_months",
        ),
        (f"meter: docs, allowance: {{quantity: 5, rollover: 0}}, {UNIT}", "not_whole"),
        (f"meter: docs, minimum: 2, maximum: 1, {UNIT}", "bounds_reversed"),
        (f"meter: docs, prorate_tiers: maybe, {UNIT}", "not_yes_or_no"),
    ],
)
def test_a_price_that_cannot_be_used(said: str, code: str) -> None:
    assert codes(f"{HEAD}    charges: {{c: {{{said}}}}}\n")[:1] == [code]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("minimum: -1", "negative_price"),
        ("minimum: 2\n    maximum: 1", "bounds_reversed"),
        ("commitment: {interval: year}", "missing_key"),
        ("trial: 14", "bad_days"),
        ("trial: 0d", "bad_days"),
        ("term: {interval: year, renews: perhaps}", "not_yes_or_no"),
        ("term: decade", "unknown_interval"),
        ("phases: {periods: 1, percent_off: 5}", "not_a_list"),
        ("phases: [{periods: 0, percent_off: 5}]", "not_whole"),
        ("phases: [{periods: 1, percent_off: 105}]", "percent_over_100"),
        ("phases: [{periods: 1}]", "missing_key"),
        ("entitlements: {sso: maybe}", "not_yes_no_number"),
        ("entitlements: {projects: -1}", "negative_limit"),
        ("entitlements: {docs: {limit: 5, meter: dogs}}", "unknown_meter"),
        ("entitlements: {docs: {limit: 5, grace: 7d}}", "grace_without_soft"),
        ("entitlements: {docs: {soft: yes}}", "missing_key"),
        ("benefits: {en: [A]}", "missing_key"),
        ('dates: ["02-30"]', "bad_date"),
        ('dates: ["01-31", "2026-06-30"]', "bad_date"),
        ('dates: ["06-30", "01-31"]', "dates_out_of_order"),
        ('dates: ["06-30"]\n    interval: month', "dates_and_interval"),
    ],
)
def test_a_term_that_cannot_be_used(line: str, code: str) -> None:
    assert codes(f"{HEAD}    {line}\n{FEE}")[:1] == [code]
