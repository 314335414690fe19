"""A catalogue file as people write it, and as they get it wrong."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
import yaml
from jsonschema import Draft202012Validator

from abaque.catalogue import Catalogue, CatalogueErrors, Handling, Level, load
from abaque.catalogue.schema import schema_text
from abaque.catalogue.words import _EN, _FR
from abaque.core.metering import Aggregate, Condition, Meter, Outcome
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import (
    Allowance,
    Bill,
    Charge,
    Flat,
    Graduated,
    PerUnit,
    Plan,
    Prorate,
    Tier,
    Volume,
    rate,
)
from abaque.core.reconciling import Grain, Totals, Whose

EXAMPLES = Path(__file__).parents[2] / "examples"

METER = "meters: {docs: {event: doc, aggregate: count}}\n"
PLAN = METER + "plans:\n  p:\n    version: 1\n    currency: EUR\n    charges:\n"

FULL = """
meters:
  documents:
    name: {en: Documents, fr: Documents}
    unit: {en: document, fr: document}
    event: [document.processed, document.imported]
    aggregate: sum
    value: size.pages
    where: {region: [eu, "1", no], level: 1.50, paid: true}
    group_by: [model, region]
    operation: document_id
    outcome: {attribute: result, success: [done, ok]}
    lateness: 90min
    level: verified
plans:
  pro:
    version: 3
    name: Pro
    currency: JPY
    interval: {every: 3, unit: month}
    align: calendar
    charges:
      base: {name: {en: Base, fr: Socle}, price: {model: flat, amount: "49.00"}, bill: advance, prorate: none}
      docs:
        meter: documents
        allowance: 500
        price: {model: graduated, tiers: [{up_to: 10000, unit: "0.10", flat: 5}, {unit: 0.05}]}
personal:
  client: pseudonymise
"""


def refused(text: str | bytes, **given: tuple[str, ...]) -> CatalogueErrors:
    with pytest.raises(CatalogueErrors) as caught:
        load(text, name="plans.yaml", **given)
    return caught.value


def places(text: str | bytes) -> list[tuple[int, int, str]]:
    return [(error.line, error.column, error.code) for error in refused(text).errors]


def codes(text: str) -> list[str]:
    return [error.code for error in refused(text).errors]


def charge(text: str) -> str:
    return PLAN + f"      c: {text}\n"


def test_everything_a_file_can_say() -> None:
    found = load(FULL, name="plans.yaml")
    entry = found.meters["documents"]
    assert entry.meter == Meter(
        code="documents",
        event_types=("document.processed", "document.imported"),
        aggregate=Aggregate.SUM,
        value="size.pages",
        where=(
            Condition("level", (Decimal("1.5"),)),
            Condition("paid", (True,)),
            Condition("region", ("eu", "1", "no")),
        ),
        group_by=("model", "region"),
        operation="document_id",
        outcome=Outcome("result", ("done", "ok")),
    )
    assert (entry.names["fr"], entry.units["en"]) == ("Documents", "document")
    assert (entry.lateness, entry.level, entry.line) == (timedelta(minutes=90), Level.VERIFIED, 3)
    plan = found.plans["pro"]
    assert plan.line == 16
    assert plan.plan == Plan(
        code="pro",
        version=3,
        currency=currency("JPY"),
        interval=Interval(Unit.MONTH, 3),
        alignment=Alignment.CALENDAR,
        charges=(
            Charge(
                "base",
                Flat(Decimal(49)),
                bill=Bill.ADVANCE,
                prorate=Prorate.NONE,
                names={"en": "Base", "fr": "Socle"},
            ),
            Charge(
                "docs",
                Graduated(
                    (Tier(Decimal(10000), Decimal("0.1"), Decimal(5)), Tier(None, Decimal("0.05"))),
                ),
                meter="documents",
                allowance=Allowance(Decimal(500)),
                names={"en": "docs", "fr": "docs"},
            ),
        ),
        names={"en": "Pro", "fr": "Pro"},
    )
    assert found.personal == {"client": Handling.PSEUDONYMISE}


def test_the_published_schema_knows_everything_a_file_can_say() -> None:
    schema = Draft202012Validator(json.loads(schema_text()))
    assert [error.message for error in schema.iter_errors(yaml.safe_load(FULL))] == []


@pytest.mark.parametrize(
    ("said", "level", "totals"),
    [
        ("", Level.CONSISTENT, None),
        ("totals: {grain: day}", Level.VERIFIED, Totals(Grain.DAY)),
        ("totals: {grain: hour}, level: consistent", Level.CONSISTENT, Totals(Grain.HOUR)),
        (
            'totals: {grain: month, deadline: 3d, tolerance: "0.5", per: customer, zone: Europe/Paris}',
            Level.VERIFIED,
            Totals(Grain.MONTH, timedelta(days=3), Decimal("0.5"), Whose.CUSTOMER, "Europe/Paris"),
        ),
    ],
)
def test_a_meter_with_promised_totals_asks_for_verified_hours(
    said: str, level: Level, totals: Totals | None
) -> None:
    [entry] = load(f"meters: {{m: {{event: e, aggregate: count, {said}}}}}", name="x").meters.values()
    assert (entry.level, entry.totals) == (level, totals)


def test_a_wrong_total_is_named_at_its_place_in_both_languages() -> None:
    text = "meters:\n  m:\n    event: e\n    aggregate: count\n    totals: {grain: hour, zone: UTC}\n"
    with pytest.raises(CatalogueErrors) as refused:
        load(text, name="x")
    [error] = refused.value.errors
    assert (error.line, error.column) == (5, 27)
    assert "grain: day" in error.sentence("en")
    assert "en UTC" in error.sentence("fr")


def test_what_a_short_file_leaves_to_defaults() -> None:
    found = load(charge("{price: {model: per_unit, unit: 1}, meter: docs}"), name="x")
    entry = found.meters["docs"]
    assert entry.meter == Meter("docs", ("doc",), Aggregate.COUNT)
    assert entry.meter.outcome == Outcome("outcome", ("success",))
    assert entry.names == {"en": "docs", "fr": "docs"}
    assert entry.units == {"en": "unit", "fr": "unité"}
    assert (entry.lateness, entry.level) == (timedelta(hours=24), Level.CONSISTENT)
    plan = found.plans["p"].plan
    assert (plan.interval, plan.alignment) == (Interval(Unit.MONTH), Alignment.ANNIVERSARY)
    assert plan.charges[0] == Charge("c", PerUnit(Decimal(1)), "docs", names={"en": "c", "fr": "c"})


def test_outcomes_can_be_ignored() -> None:
    found = load("meters: {m: {event: e, aggregate: count, outcome: none}}", name="x")
    assert found.meters["m"].meter.outcome is None


def test_numbers_are_exact_whether_quoted_or_not() -> None:
    unit = "0.000000000001"
    for written in (unit, f'"{unit}"', f"'{unit}'"):
        price = load(charge(f"{{meter: docs, price: {{model: per_unit, unit: {written}}}}}"), name="x")
        assert price.plans["p"].plan.charges[0].price == PerUnit(Decimal(unit))


def test_a_charge_may_name_a_meter_defined_elsewhere() -> None:
    text = PLAN.replace(METER, "") + "      c: {meter: docs, price: {model: per_unit, unit: 1}}\n"
    assert load(text, name="x", known_meters=["docs"]).plans["p"].plan.charges[0].meter == "docs"
    assert codes(text) == ["unknown_meter"]


def test_tiers_of_a_volume_price() -> None:
    text = charge("{meter: docs, price: {model: volume, tiers: [{up_to: 1.5, unit: 2}, {unit: 1}]}}")
    price = load(text, name="x").plans["p"].plan.charges[0].price
    assert price == Volume((Tier(Decimal("1.5"), Decimal(2)), Tier(None, Decimal(1))))


def test_all_errors_come_together_from_top_to_bottom_with_their_places() -> None:
    text = """\
meters:
  docs: {event: a, aggregate: count}
  docs: {event: b, aggregate: count}
  pages: {event: a, agregate: sum}
plans:
  p:
    version: 1
    currency: EUR
    charges:
      a: {meter: docs, price: {model: volume, tiers: [{up_to: 10, unit: 1}, {up_to: 5, unit: 1}, {unit: 1}]}}
      b: {meter: docs, price: {model: per_unit, unit: "-1"}}
      c: {meter: page, price: {model: per_unit, unit: 1}}
"""
    errors = refused(text)
    assert [(error.line, error.column, error.code) for error in errors.errors] == [
        (3, 3, "duplicate_key"),
        (4, 3, "missing_key"),
        (4, 21, "unknown_key"),
        (10, 85, "tiers_out_of_order"),
        (11, 18, "meter_claimed_twice"),
        (11, 55, "negative_price"),
        (12, 18, "unknown_meter"),
    ]
    said = errors.lines("en")
    assert said[0].startswith("plans.yaml:3:3: `docs` already stands in line 2.")
    assert "Did you mean `aggregate`?" in said[2]
    assert "`a` and `b`" in said[4]
    assert "Did you mean `pages`?" in said[6]
    assert str(errors) == "\n".join(said)
    assert "`a` et `b`" in errors.lines("fr")[4]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{price: {model: per_unit, unit: 0,10}, meter: docs}", "unknown_key"),
        ("{price: {model: per_unit, unit: '0,10'}, meter: docs}", "bad_number"),
        ("{price: {model: per_unit, unit: 1e-3}, meter: docs}", "bad_number"),
        ("{price: {model: per_unit, unit: .nan}, meter: docs}", "bad_number"),
        ("{price: {model: per_unit, unit: 010}, meter: docs}", "bad_number"),
        ("{price: {model: per_unit, unit: 1_000}, meter: docs}", "bad_number"),
        ("{price: {model: per_unit, unit: 1 EUR}, meter: docs}", "bad_number"),
        ("{price: {model: per_unit, unit: ٣}, meter: docs}", "bad_number"),
        ("{price: {model: per_unit, unit: [1]}, meter: docs}", "not_a_text"),
        ("{price: {model: per_unit, unit: }, meter: docs}", "empty_value"),
        ("{price: {model: per_unit, unit: 0.0000000000001}, meter: docs}", "too_many_digits"),
        ("{price: {model: per_unit, unit: 1000000000000}, meter: docs}", "too_many_digits"),
        ("{price: {model: per_unit}, meter: docs}", "missing_key"),
        ("{price: {unit: 1}, meter: docs}", "missing_key"),
        ("{price: {model: stairs, unit: 1}, meter: docs}", "unknown_model"),
        ("{price: {model: flat, amount: 1, unit: 1}}", "unknown_key"),
        ("{price: 5}", "not_a_mapping"),
        ("{meter: docs}", "missing_key"),
        ("{price: {model: flat, amount: 1}, meter: docs}", "flat_with_meter"),
        ("{price: {model: per_unit, unit: 1}}", "price_needs_meter"),
        ("{price: {model: per_unit, unit: 1}, meter: docs, bill: advance}", "usage_in_advance"),
        ("{price: {model: per_unit, unit: 1}, meter: docs, bill: later}", "unknown_bill"),
        ("{price: {model: per_unit, unit: 1}, meter: docs, prorate: hour}", "unknown_prorate"),
        ("{price: {model: per_unit, unit: 1}, meter: docs, allowance: -1}", "negative_allowance"),
        ("{price: {model: flat, amount: 1}, allowance: 1}", "allowance_without_meter"),
        ("{price: {model: volume, tiers: []}, meter: docs}", "empty_list"),
        ("{price: {model: volume, tiers: {unit: 1}}, meter: docs}", "not_a_list"),
        ("{price: {model: volume, tiers: [{up_to: 5, unit: 1}]}, meter: docs}", "tiers_without_end"),
        ("{price: {model: volume, tiers: [{unit: 1}, {unit: 1}]}, meter: docs}", "tiers_after_end"),
        (
            "{price: {model: volume, tiers: [{up_to: 0, unit: 1}, {unit: 1}]}, meter: docs}",
            "tiers_out_of_order",
        ),
        ("{price: {model: volume, tiers: [{up_to: 5}, {unit: 1}]}, meter: docs}", "missing_key"),
    ],
)
def test_a_charge_that_cannot_be_used(text: str, code: str) -> None:
    assert codes(charge(text))[:1] == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{aggregate: count}", "missing_key"),
        ("{event: e}", "missing_key"),
        ("{event: [], aggregate: count}", "empty_list"),
        ("{event: [e, e], aggregate: count}", "repeated_value"),
        ("{event: abaque.amend, aggregate: count}", "reserved_event"),
        ("{event: " + "é" * 150 + ", aggregate: count}", "bad_text"),
        ("{event: e, aggregate: total}", "unknown_aggregate"),
        ("{event: e, aggregate: unique}", "value_needed"),
        ("{event: e, aggregate: count, value: x}", "value_unused"),
        ("{event: e, aggregate: max, value: x, operation: y}", "operation_unused"),
        ("{event: e, aggregate: sum, value: a..b}", "bad_attribute"),
        ("{event: e, aggregate: count, group_by: [a, a]}", "repeated_value"),
        ("{event: e, aggregate: count, where: {a: []}}", "empty_list"),
        ("{event: e, aggregate: count, where: {a: {b: c}}}", "unknown_key"),
        ("{event: e, aggregate: count, where: {a: {}}}", "empty_value"),
        ("{event: e, aggregate: count, where: {a: {above: much}}}", "bad_number"),
        ("{event: e, aggregate: count, where: {a: {exists: perhaps}}}", "not_yes_or_no"),
        ("{event: e, aggregate: count, where: {a: {is_not: [x, x]}}}", "repeated_value"),
        ("{event: e, aggregate: count, where: {a: {prefix: [x]}}}", "not_a_text"),
        ("{event: e, aggregate: count, where: {any: {a: b}}}", "not_a_list"),
        ("{event: e, aggregate: count, where: {any: [{a: b}, c]}}", "not_a_mapping"),
        ("{event: e, aggregate: count, where: {not: {}}}", "empty_value"),
        ("{event: e, aggregate: count, where: " + "{not: " * 10 + "{a: b}" + "}" * 11, "conditions_too_deep"),
        ("{event: e, aggregate: count, change: a}", "change_unused"),
        ("{event: e, aggregate: sum, value: x, value_is: change}", "level_unused"),
        ("{event: e, aggregate: count, rounding: {to: 10, places: 1}}", "places_and_to"),
        ("{event: e, aggregate: count, rounding: {to: 0}}", "not_above_zero"),
        ("{event: e, aggregate: unique, value: v, change: {add: a}}", "missing_key"),
        ("{event: e, aggregate: unique, value: v, change: {attribute: a, add: remove}}", "adds_and_removes"),
        ("{event: e, aggregate: count, where: a}", "not_a_mapping"),
        ("{event: e, aggregate: count, outcome: failure}", "bad_outcome"),
        ("{event: e, aggregate: count, outcome: {succes: [a]}}", "unknown_key"),
        ("{event: e, aggregate: count, lateness: 2 weeks}", "bad_duration"),
        ("{event: e, aggregate: count, lateness: 400d}", "bad_duration"),
        ("{event: e, aggregate: count, level: sure}", "unknown_level"),
        ("{event: e, aggregate: count, totals: day}", "not_a_mapping"),
        ("{event: e, aggregate: count, totals: {}}", "missing_key"),
        ("{event: e, aggregate: count, totals: {grain: week}}", "unknown_word"),
        ("{event: e, aggregate: count, totals: {grain: day, deadline: soon}}", "bad_duration"),
        ("{event: e, aggregate: count, totals: {grain: day, tolerance: 101}}", "percent_over_100"),
        ("{event: e, aggregate: count, totals: {grain: day, tolerance: -1}}", "negative_price"),
        ("{event: e, aggregate: count, totals: {grain: day, tolerance: 0.0000001}}", "tolerance_too_fine"),
        ("{event: e, aggregate: count, totals: {grain: day, per: region}}", "unknown_word"),
        ("{event: e, aggregate: count, totals: {grain: day, zone: Paris}}", "unknown_zone"),
        ("{event: e, aggregate: count, totals: {grain: hour, zone: UTC}}", "zone_unused"),
        ("{event: e, aggregate: count, totals: {grain: day, by: noon}}", "unknown_key"),
        ("{event: e, aggregate: count, name: {en: A}}", "missing_key"),
        ("{event: e, aggregate: count, name: {en: A, fr: B, de: C}}", "unknown_key"),
        ('{event: e, aggregate: count, name: "a\\0b"}', "bad_text"),
        ("{event: e, aggregate: count, name: }", "empty_value"),
        ("", "empty_value"),
        ("[a]", "not_a_mapping"),
    ],
)
def test_a_meter_that_cannot_be_used(text: str, code: str) -> None:
    assert codes(f"meters:\n  m: {text}\n")[:1] == [code]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("version: 1", "version: 0", "not_whole"),
        ("version: 1", "version: 1.5", "not_whole"),
        ("version: 1", "version: one", "bad_number"),
        ("version: 1", "", "missing_key"),
        ("EUR", "Euro", "unknown_currency"),
        ("EUR", "eur", "unknown_currency"),
        ("EUR", "EUR\n    interval: fortnight", "unknown_interval"),
        ("EUR", "EUR\n    interval: {every: 0, unit: day}", "not_whole"),
        ("EUR", "EUR\n    interval: {every: 2}", "missing_key"),
        ("EUR", "EUR\n    align: left", "unknown_alignment"),
        ("  p:", "  Ünlü:", "bad_code"),
        ("  p:", "  ? [p]\n  :", "bad_key"),
        ("      c:", "      c d:", "bad_code"),
    ],
)
def test_a_plan_that_cannot_be_used(before: str, after: str, code: str) -> None:
    text = charge("{price: {model: flat, amount: 1}}")
    assert before in text
    assert code in codes(text.replace(before, after))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (1, 1, "empty")),
        ("# nothing\n---\n", (1, 1, "empty")),
        ("meters:\n\tdocs: 1\n", (2, 1, "tab")),
        ("meters:\n  a: {b\nplans: 1\n", (3, 6, "not_yaml")),
        ('meters: "never closed\n', (2, 1, "not_yaml")),
        ("meters: {}\n---\nplans: {}\n", (2, 1, "not_yaml")),
        ("meters: *nobody\n", (1, 9, "not_yaml")),
        (b"meters:\n  a\xff: 1\n", (2, 4, "not_utf8")),
        ("meters:\n  a\x00: 1\n", (2, 4, "bad_character")),
        ("- a\n", (1, 1, "not_a_mapping")),
        ("personal: {client: hide}\n", (1, 20, "unknown_handling")),
        ("personal: {client.address: drop}\n", (1, 12, "nested_personal")),
        ("meters: 5\n", (1, 9, "not_a_mapping")),
        ("plans: {p: {version: 1, currency: EUR, charges: {}}}\n", (1, 49, "no_charges")),
        ("[" * 20_000, (1, 1, "too_deep")),
        ("#" * 1_100_000, (1, 1, "too_large")),
        (
            "a: &a [" + "b, " * 99 + "]\n" + "c: &c [" + "*a, " * 99 + "]\nd: [" + "*c, " * 99 + "]",
            (1, 1, "too_many_nodes"),
        ),
        ("meters: &loop\n  a: *loop\n", (1, 1, "too_many_nodes")),
    ],
)
def test_a_file_that_cannot_be_read(text: str | bytes, expected: tuple[int, int, str]) -> None:
    assert places(text)[0] == expected


def test_anchors_are_welcome_where_they_stay_readable() -> None:
    found = load("meters:\n  a: &same {event: e, aggregate: count}\n  b: *same\n", name="x")
    assert found.meters["a"].meter.event_types == found.meters["b"].meter.event_types


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated() -> None:
    raw = b"\xef\xbb\xbf" + METER.replace("\n", "\r\n").encode()
    assert load(raw, name="x") == load(METER, name="x")


def test_a_plan_that_takes_more_than_five_sentences_is_warned_of() -> None:
    fees = "".join(f"      c{place}: {{price: {{model: flat, amount: 1}}}}\n" for place in range(6))
    assert load(PLAN + fees.replace("      c5", "#     c5"), name="plans.yaml").warnings == ()
    (warning,) = load(PLAN + fees, name="plans.yaml").warnings
    assert (warning.line, warning.column, warning.code) == (3, 3, "many_sentences")
    assert "6" in warning.sentence("en")
    assert "`p`" in warning.sentence("fr")


def test_what_a_plan_asks_beside_its_charges_counts_as_sentences() -> None:
    terms = "trial: 14d, term: year, minimum: 1, maximum: 9, entitlements: {a: 1, b: no, c: yes}"
    text = "plans: {{p: {{version: 1, currency: EUR, {}, charges: {{c: {{price: {{model: flat, amount: 1}}}}}}}}}}"
    assert load(text.format(terms), name="x").warnings == ()
    (warning,) = load(text.format(f"{terms}, commitment: 5"), name="x").warnings
    assert (warning.code, warning.params["needed"]) == ("many_sentences", 6)


def test_every_error_has_its_sentence_in_both_languages() -> None:
    assert set(_EN) == set(_FR)
    for code, english in _EN.items():
        mentioned = [{name for _, name, _, _ in Formatter().parse(text)} for text in (english, _FR[code])]
        assert mentioned[0] == mentioned[1], code


@pytest.mark.parametrize(
    "path",
    sorted(set(EXAMPLES.glob("*.yaml")) - set(EXAMPLES.glob("*.usage.yaml"))),
    ids=lambda path: path.name,
)
def test_the_examples_can_be_used_as_they_are(path: Path) -> None:
    found = load(path.read_bytes(), name=path.name)
    assert isinstance(found, Catalogue)
    assert found.plans


def test_the_api_example_charges_what_its_comments_say() -> None:
    plan = load((EXAMPLES / "api.yaml").read_bytes(), name="api.yaml").plans["api"].plan
    requests, traffic = plan.charge("requests"), plan.charge("traffic")
    assert requests.allowance is not None
    used = rate(requests.price, Decimal(1205), allowance=requests.allowance.quantity)
    assert used.exact == Decimal("0.02") * 100 + Decimal("0.01") * 900 + Decimal("0.005") * 200
    assert rate(traffic.price, Decimal(1_000_000)).exact == Decimal("0.10")
