"""What runs cannot bill is refused by name, with its line, before anything is published."""

import pytest

from abaque.billing.billable import unbillable
from abaque.catalogue import load

METERS = """
meters:
  calls: {event: call, aggregate: sum, value: minutes}
plans:
  pro:
    version: 1
    currency: EUR
"""
UNIT = "price: {model: per_unit, unit: 1}"
FEE = "charges: {x: {price: {model: flat, amount: 1}}}"


def asked(plan: str) -> list[tuple[int, object, object]]:
    text = METERS + "\n".join("    " + line for line in plan.splitlines())
    found = unbillable(load(text, name="x.yaml"))
    for error in found:
        assert str(error.params["key"]) in error.sentence("en")
        assert str(error.params["key"]) in error.sentence("fr")
    return [(error.line, error.params["what"], error.params["key"]) for error in found]


@pytest.mark.parametrize(
    "charge",
    [
        "price: {model: flat, amount: 5}",
        f"meter: calls, allowance: 5, {UNIT}",
        "meter: calls, price: {model: volume, tiers: [{up_to: 10, unit: 2}, {unit: 1}]}",
        "meter: calls, price: {model: graduated, tiers: [{up_to: 10, unit: 2}, {unit: 1}]}",
        "meter: calls, allowance: 5, price: {model: package, size: 10, amount: 1}",
        "meter: calls, price: {model: percentage, percent: 2}",
        "meter: calls, price: {model: dynamic}",
        "meter: calls, price: {model: graduated_percentage, tiers: [{percent: 2}]}",
    ],
)
def test_what_depends_on_a_quantity_alone_is_billed(charge: str) -> None:
    assert asked(f"charges: {{c: {{{charge}}}}}") == []


@pytest.mark.parametrize(
    ("charge", "key"),
    [
        (f"quantity: seats, {UNIT}", "quantity"),
        ("interval: year, price: {model: flat, amount: 1}", "interval"),
        (f"meter: calls, minimum: 5, {UNIT}", "minimum"),
        (f"meter: calls, maximum: 5, {UNIT}", "maximum"),
        (f"meter: calls, prorate_tiers: yes, {UNIT}", "prorate_tiers"),
        ("meter: calls, price: {model: percentage, percent: 2, fixed: 1}", "model: percentage, per event"),
        ("meter: calls, price: {model: percentage, percent: 2, maximum: 1}", "model: percentage, per event"),
        (
            "meter: calls, price: {model: percentage, percent: 2, free_events: 1}",
            "model: percentage, per event",
        ),
        (
            f"meter: calls, price: {{model: matrix, by: [a], cells: [{{values: [b], {UNIT}}}]}}",
            "model: matrix",
        ),
        (f"meter: calls, allowance: {{quantity: 5, interval: year}}, {UNIT}", "allowance: interval"),
        (f"meter: calls, allowance: {{quantity: 5, by_month: {{7: 9}}}}, {UNIT}", "allowance: by_month"),
        (f"meter: calls, allowance: {{quantity: 5, rollover: 1}}, {UNIT}", "allowance: rollover"),
    ],
)
def test_a_charge_that_asks_for_more_is_named(charge: str, key: str) -> None:
    assert asked(f"charges: {{c: {{{charge}}}}}") == [(5, "c", key)]


@pytest.mark.parametrize(
    "key",
    [
        "minimum: 5",
        "maximum: 5",
        "commitment: 100",
        "trial: 14d",
        "term: year",
        "phases: [{periods: 3, percent_off: 50}]",
        'dates: ["01-31", "06-30"]',
    ],
)
def test_a_plan_that_asks_for_more_is_named(key: str) -> None:
    assert asked(f"{key}\n{FEE}") == [(5, "pro", key.partition(":")[0])]


def test_what_a_plan_allows_and_promises_is_stored() -> None:
    said = "entitlements: {sso: yes, projects: 10}\nbenefits: {en: [Support], fr: [Assistance]}"
    assert asked(f"{said}\n{FEE}") == []


@pytest.mark.parametrize("aggregate", ["sum", "max", "unique", "min", "latest", "average", "time_weighted"])
def test_a_meter_the_database_counts_is_published(aggregate: str) -> None:
    text = METERS.replace("aggregate: sum", f"aggregate: {aggregate}") + f"    {FEE}"
    assert unbillable(load(text, name="x.yaml")) == ()


def test_a_way_of_counting_that_runs_do_not_know_is_named() -> None:
    text = METERS.replace("aggregate: sum", "aggregate: unique, empty: none") + f"    {FEE}"
    (error,) = unbillable(load(text, name="x.yaml"))
    assert (error.line, error.params["key"]) == (3, "empty")


@pytest.mark.parametrize(
    "how",
    [
        *(
            "unique, level_at_start: carry",
            "time_weighted, per: day",
            "unique, prorate_days: yes",
            "sum, rounding: up",
        ),
        "max, value_is: change",
    ],
)
def test_ways_of_counting_are_published(how: str) -> None:
    text = METERS.replace("aggregate: sum", f"aggregate: {how}") + f"    {FEE}"
    assert unbillable(load(text, name="x.yaml")) == ()
