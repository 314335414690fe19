"""What `where:` and `change:` say becomes the core's conditions, filters and changes, whatever the order of writing."""

from decimal import Decimal

import pytest

from abaque.catalogue import CatalogueErrors, dump_meter, fingerprint, load
from abaque.core.metering import (
    AllOf,
    AnyOf,
    Change,
    Comparison,
    Condition,
    Exists,
    Filter,
    IsNot,
    Meter,
    Not,
    Prefix,
)


def meter_of(said: str) -> Meter:
    return load(f"meters: {{m: {{event: e, {said}}}}}", name="x").meters["m"].meter


@pytest.mark.parametrize(
    ("said", "filters"),
    [
        ("a: {above: 100, up_to: '5000.0'}", [Comparison("a", above=Decimal(100), up_to=Decimal(5000))]),
        ("a: {at_least: -1, below: 2}", [Comparison("a", at_least=Decimal(-1), below=Decimal(2))]),
        ("a: {is_not: [x, 1, '1', true]}", [IsNot("a", ("x", Decimal(1), "1", True))]),
        ("a: {prefix: eu-, exists: yes}", [Prefix("a", "eu-"), Exists("a")]),
        ("a: {exists: no}", [Exists("a", exists=False)]),
        ("b: {exists: yes}, a: {exists: yes}", [Exists("a"), Exists("b")]),
        ("not: {a: x}", [Not(Condition("a", ("x",)))]),
        ("not: {b: y, a: x}", [Not(AllOf((Condition("a", ("x",)), Condition("b", ("y",)))))]),
        ("any: [{b: x}, {a: y}]", [AnyOf((Condition("b", ("x",)), Condition("a", ("y",))))]),
        ("all: [{a: x}, {not: {a: y}}]", [AllOf((Condition("a", ("x",)), Not(Condition("a", ("y",)))))]),
    ],
)
def test_what_says_more_than_a_set_of_values_is_a_filter(said: str, filters: list[Filter]) -> None:
    meter = meter_of(f"aggregate: count, where: {{{said}}}")
    assert (meter.where, list(meter.filters)) == ((), filters)


@pytest.mark.parametrize("said", ["{a: [x, y], any: z}", "{any: [z], a: {is: [x, y]}}"])
def test_a_set_of_values_stays_a_condition_even_of_an_attribute_called_any(said: str) -> None:
    meter = meter_of(f"aggregate: count, where: {said}")
    assert meter.where == (Condition("a", ("x", "y")), Condition("any", ("z",)))
    assert meter.filters == ()


def test_a_set_and_a_comparison_of_one_attribute_go_their_own_ways() -> None:
    meter = meter_of("aggregate: count, where: {a: {is: [1, 9], above: 5}}")
    assert meter.where == (Condition("a", (Decimal(1), Decimal(9))),)
    assert meter.filters == (Comparison("a", above=Decimal(5)),)


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("action", Change("action", ("add",), ("remove",))),
        (
            "{attribute: a.b, add: grant, remove: [revoke, leave]}",
            Change("a.b", ("grant",), ("revoke", "leave")),
        ),
        ("{attribute: a, remove: out}", Change("a", ("add",), ("out",))),
    ],
)
def test_members_come_and_go_by_the_words_of_an_attribute(said: str, change: Change) -> None:
    assert meter_of(f"aggregate: unique, value: user, change: {said}").change == change


def test_another_order_of_writing_is_the_same_meter() -> None:
    one, other = (
        load(f"meters: {{m: {{event: e, aggregate: count, where: {{{said}}}}}}}", name="x").meters["m"]
        for said in ("a: {above: 1.50, prefix: x}, b: {is: y}", "b: y, a: {prefix: x, above: '1.5'}")
    )
    assert fingerprint(dump_meter(one)) == fingerprint(dump_meter(other))


def test_an_error_deep_in_a_condition_has_its_place() -> None:
    text = """meters:
  m:
    event: e
    aggregate: count
    where:
      any:
        - tier: gold
        - bytes: {abov: 100}
"""
    with pytest.raises(CatalogueErrors) as refused:
        load(text, name="x")
    [error] = refused.value.errors
    assert (error.line, error.column, error.code) == (8, 19, "unknown_key")
    assert "`above`" in error.sentence("en")
    assert "`above`" in error.sentence("fr")
