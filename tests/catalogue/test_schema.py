"""The published schema accepts what people write, and refuses nothing that the reader takes."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from abaque.catalogue import CatalogueErrors, load
from abaque.catalogue.schema import schema_text

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
CATALOGUES = [path for path in EXAMPLES if not path.name.endswith(".usage.yaml")]
SCHEMA = Draft202012Validator(json.loads(schema_text()))

METER = "meters: {docs: {event: doc, aggregate: count}}\n"
CHARGE = METER + "plans: {p: {version: 1, currency: EUR, charges: {c: CHARGE}}}"
FEE = "{price: {model: flat, amount: 1}}"
BAD = [
    "credits: {c: {currency: EUR}}",
    "credits: {c: {paid: 5}}",
    "credits: {C: {currency: EUR, paid: 5}}",
    "credits: {c: {currency: EUR, paid: -5}}",
    "credits: {c: {currency: EUR, given: 5, top_up: 5}}",
    "credits: {c: {currency: EUR, paid: 5, expires: soon}}",
    "credits: {c: {currency: EUR, paid: 5, priority: -1}}",
    "credits: {c: {currency: EUR, paid: 5, charges: []}}",
    "credits: {c: {currency: EUR, paid: 5, plans: [p]}}",
    f"addons: {{a: {{currency: EUR, charges: {{c: {FEE}}}, version: 1}}}}",
    f"addons: {{a: {{currency: EUR, charges: {{c: {FEE}}}, plans: []}}}}",
    f"addons: {{a: {{charges: {{c: {FEE}}}}}}}",
    f"addons: {{A: {{currency: EUR, charges: {{c: {FEE}}}}}}}",
    "addons: {a: {currency: EUR, charges: {}}}",
    "addons: {a: {currency: EUR, charges: {c: {price: {model: stairs}}}}}",
    "promotions: {C: {}}",
    "promotions: {C: {percent: 20, amount: 5, currency: EUR}}",
    "promotions: {C: {amount: 5}}",
    "promotions: {C: {percent: 20, from: '2026-11-27'}}",
    "promotions: {C: {percent: 20, times: 0}}",
    "promotions: {A B: {percent: 20}}",
    "meters: {m: {event: e, aggregate: latest, value: v, level_at_start: keep}}",
    "meters: {m: {event: e, aggregate: time_weighted, value: v, per: year}}",
    "meters: {m: {event: e, aggregate: average, value: v, rounding: {places: 13}}}",
    "meters: {m: {event: e, aggregate: latest, value: v, value_is: delta}}",
    "meters: {m: {event: e, aggregate: count, rounding: {places: 2, to: 10}}}",
    "meters: {m: {event: e, aggregate: count, rounding: {to: -10}}}",
    "meters: {m: {event: e, aggregate: count, where: {a: {over: 5}}}}",
    "meters: {m: {event: e, aggregate: count, where: {a: {}}}}",
    "meters: {m: {event: e, aggregate: count, where: {a: {above: much}}}}",
    "meters: {m: {event: e, aggregate: count, where: {any: {a: b}}}}",
    "meters: {m: {event: e, aggregate: count, where: {all: [{a: b}, c]}}}",
    "meters: {m: {event: e, aggregate: count, where: {not: {a: {exists: perhaps}}}}}",
    "meters: {m: {event: e, aggregate: unique, value: v, change: {add: a}}}",
    "meter: {}",
    "meters: {docs: {aggregate: count}}",
    "meters: {docs: {event: doc, aggregate: total}}",
    "meters: {Docs: {event: doc, aggregate: count}}",
    "meters: {docs: {event: [], aggregate: count}}",
    "meters: {docs: {event: doc, aggregate: count, lateness: soon}}",
    "meters: {docs: {event: doc, aggregate: count, level: sure}}",
    "meters: {docs: {event: doc, aggregate: count, totals: {}}}",
    "meters: {docs: {event: doc, aggregate: count, totals: {grain: week}}}",
    "meters: {docs: {event: doc, aggregate: count, totals: {grain: day, deadline: soon}}}",
    "meters: {docs: {event: doc, aggregate: count, totals: {grain: day, per: region}}}",
    "meters: {docs: {event: doc, aggregate: count, totals: {grain: day, by: noon}}}",
    "meters: {docs: {event: doc, aggregate: count, outcome: all}}",
    "meters: {docs: {event: doc, aggregate: count, name: {en: Documents}}}",
    "personal: {client.address: keep}",
    "personal: {client: hide}",
    METER + "plans: {p: {version: 0, currency: EUR, charges: {c: {price: {model: flat, amount: 1}}}}}",
    METER + "plans: {p: {version: 1, currency: euro, charges: {c: {price: {model: flat, amount: 1}}}}}",
    METER + "plans: {p: {version: 1, currency: EUR, charges: {}}}",
    CHARGE.replace("CHARGE", "{meter: docs}"),
    CHARGE.replace("CHARGE", "{price: {model: flat, amount: -1}}"),
    CHARGE.replace("CHARGE", "{price: {model: flat, amount: '-0.5'}}"),
    CHARGE.replace("CHARGE", "{price: {model: flat, unit: 1}}"),
    CHARGE.replace("CHARGE", "{price: {model: flat, amount: '1,5'}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: stairs, tiers: [{unit: 1}]}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: volume, tiers: []}}"),
    CHARGE.replace("CHARGE", "{meter: docs, allowance: -1, price: {model: per_unit, unit: 1}}"),
    CHARGE.replace("CHARGE", "{bill: later, price: {model: flat, amount: 1}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: package, amount: 1}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: percentage, percent: 140}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: percentage, percent: 1, free_events: 1.5}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: graduated_percentage, tiers: [{unit: 1}]}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: dynamic, percent: -1}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: volume, tiers: [{up_to: 10}, {unit: 1}]}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: per_unit, unit: 1, per: some}}"),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: per_unit, unit: 1, whole: yes}}"),
    CHARGE.replace(
        "CHARGE", "{meter: docs, price: {model: graduated, flat_at_zero: maybe, tiers: [{unit: 1}]}}"
    ),
    CHARGE.replace(
        "CHARGE", "{meter: docs, price: {model: graduated_percentage, per: 5, tiers: [{percent: 1}]}}"
    ),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: matrix, by: [a], cells: []}}"),
    CHARGE.replace(
        "CHARGE",
        "{meter: docs, price: {model: matrix, by: a, cells: [{values: x, price: {model: flat, amount: 1}}]}}",
    ),
    CHARGE.replace(
        "CHARGE", "{meter: docs, allowance: {interval: month}, price: {model: per_unit, unit: 1}}"
    ),
    CHARGE.replace(
        "CHARGE",
        '{meter: docs, allowance: {quantity: 1, by_month: {"13": 1}}, price: {model: per_unit, unit: 1}}',
    ),
    CHARGE.replace(
        "CHARGE", "{meter: docs, allowance: {quantity: 1, rollover: 0}, price: {model: per_unit, unit: 1}}"
    ),
    CHARGE.replace("CHARGE", "{meter: docs, prorate_tiers: maybe, price: {model: per_unit, unit: 1}}"),
    *(
        CHARGE.replace("version: 1", f"version: 1, {said}").replace("CHARGE", FEE)
        for said in (
            "minimum: -1",
            "commitment: {interval: year}",
            "trial: 14",
            "term: decade",
            "term: {interval: year, renews: perhaps}",
            "phases: {periods: 1, percent_off: 5}",
            "phases: [{periods: 0, percent_off: 5}]",
            "phases: [{periods: 1, percent_off: 105}]",
            "entitlements: {sso: maybe}",
            "entitlements: {docs: {soft: yes}}",
            "benefits: {en: [A]}",
            "dates: [soon]",
            'dates: ["01-31", "2026-06-30"]',
        )
    ),
]
#: One of each key and model.
GOOD = [
    "credits: {c: {currency: EUR, given: 5}}",
    "credits: {c: {name: Pack, currency: EUR, paid: '5.00', given: 0.50, expires: {every: 2, unit: year}, top_up: 5}}",
    "credits: {c: {name: {en: A, fr: B}, currency: EUR, paid: 5, priority: '3', charges: [a, b]}}",
    "credits: {c: {currency: JPY, paid: 500, expires: week, priority: 0, charges: a}}",
    f"addons: {{a: {{currency: EUR, charges: {{c: {FEE}}}}}}}",
    f"addons: {{a: {{name: {{en: A, fr: B}}, currency: EUR, plans: [p, q], charges: {{c: {FEE}, d: {FEE}}}}}}}",
    f"addons: {{a: {{currency: EUR, plans: p, charges: {{c: {FEE}}}}}}}",
    "promotions: {C: {percent: 20, from: '2026-11-27', until: '2026-11-30', zone: UTC, limit_per_customer: none}}",
    "promotions: {C: {amount: '5.00', currency: EUR, times: 3, charges: [a], plans: b, new_customers: yes, limit: 9}}",
    "meters: {m: {event: e, aggregate: count, where: {a: {is: [x, 1], is_not: y, above: -1, up_to: '5.0'}}}}",
    "meters: {m: {event: e, aggregate: count, where: {a: {prefix: eu-}, b.c: {exists: no, at_least: 1, below: 2}}}}",
    "meters: {m: {event: e, aggregate: count, where: {any: [{a: b}, {all: [{c: [1, 2]}, {not: {d: e}}]}]}}}",
    "meters: {m: {event: e, aggregate: count, where: {any: [x, y], all: z, not: true}}}",
    "meters: {m: {event: e, aggregate: unique, value: v, change: action}}",
    "meters: {m: {event: e, aggregate: unique, value: v, change: {attribute: a, add: [in, on], remove: out}}}",
    "meters: {m: {event: e, aggregate: count, totals: {grain: hour}}}",
    "meters: {m: {event: e, aggregate: count, totals: {grain: day, tolerance: '0.5', per: customer, zone: UTC}}}",
    "meters: {m: {event: e, aggregate: latest, value: v, level_at_start: carry, prorate_days: yes}}",
    "meters: {m: {event: e, aggregate: time_weighted, value: v, per: day, rounding: {places: 2, mode: up}}}",
    "meters: {m: {event: e, aggregate: average, value: v, empty: none, rounding: down}}",
    "meters: {m: {event: e, aggregate: max, value: v, value_is: change, level_at_start: carry}}",
    "meters: {m: {event: e, aggregate: min, value: v, value_is: level}}",
    "meters: {m: {event: e, aggregate: sum, value: v, rounding: {to: '0.25', mode: up}}}",
    "meters: {m: {event: e, aggregate: count, rounding: {to: 1000}}}",
    CHARGE.replace(
        "CHARGE", "{quantity: seats, bill: advance, interval: year, price: {model: per_unit, unit: 1}}"
    ),
    CHARGE.replace(
        "CHARGE",
        "{meter: docs, minimum: 1, maximum: '5.00', prorate_tiers: yes, allowance: {quantity: 5, interval: month, "
        "by_month: {7: 9}, rollover: {periods: 1, limit: 5}}, price: {model: package, size: 100, amount: 5}}",
    ),
    CHARGE.replace(
        "CHARGE",
        "{meter: docs, price: {model: percentage, percent: 1.4, fixed: '0.25', free_events: 5, free_amount: 100, "
        "minimum: 0.30, maximum: 5}}",
    ),
    CHARGE.replace(
        "CHARGE",
        "{meter: docs, price: {model: graduated_percentage, tiers: [{up_to: 10, percent: 2, flat: 1}, {percent: 1}]}}",
    ),
    CHARGE.replace(
        "CHARGE",
        "{meter: docs, allowance: {quantity: 5, rollover: 1}, price: {model: dynamic, percent: 120}}",
    ),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: per_unit, unit: '0.05', per: 1000}}"),
    CHARGE.replace(
        "CHARGE", "{meter: docs, price: {model: volume, tiers: [{up_to: 10, flat: 49}, {flat: '99.00'}]}}"
    ),
    CHARGE.replace("CHARGE", "{meter: docs, price: {model: graduated_percentage, tiers: [{flat: 49}]}}"),
    CHARGE.replace(
        "CHARGE",
        "{meter: docs, price: {model: graduated, per: 100, whole: yes, flat_at_zero: no, "
        "tiers: [{up_to: 1000, unit: 5, flat: 1}, {unit: 4}]}}",
    ),
    CHARGE.replace(
        "CHARGE", "{meter: docs, price: {model: volume, per: '1000', whole: no, tiers: [{unit: 5}]}}"
    ),
    CHARGE.replace(
        "CHARGE",
        "{meter: docs, price: {model: graduated_percentage, flat_at_zero: no, tiers: [{percent: 1}]}}",
    ),
    CHARGE.replace(
        "CHARGE",
        "{meter: docs, price: {model: matrix, by: [a, b], "
        "cells: [{values: [x, y], price: {model: per_unit, unit: 1}}], default: {model: package, "
        "size: 10, amount: 1}}}",
    ),
    *(
        CHARGE.replace("version: 1", f"version: 1, {said}").replace("CHARGE", FEE)
        for said in (
            "minimum: 1, maximum: 5, commitment: 100, trial: 14d, term: year",
            "commitment: {amount: '100.00', interval: {every: 2, unit: year}}, term: {interval: year, renews: no}",
            "phases: [{periods: 3, percent_off: 100}, {periods: 3, percent_off: 50}]",
            "entitlements: {sso: yes, export: no, n: 10, docs: {limit: 5, meter: docs, soft: yes, grace: 7d}}",
            "benefits: {en: [A, B], fr: [C]}",
            'dates: ["01-31", "06-30"]',
            'dates: ["2026-03-15", "2026-09-30"]',
        )
    ),
]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA.schema)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_the_examples_are_valid(path: Path) -> None:
    assert [error.message for error in SCHEMA.iter_errors(yaml.safe_load(path.read_text()))] == []


@pytest.mark.parametrize("text", BAD)
def test_what_the_schema_refuses_the_reader_refuses(text: str) -> None:
    assert not SCHEMA.is_valid(yaml.safe_load(text))
    with pytest.raises(CatalogueErrors):
        load(text, name="plans.yaml")


@pytest.mark.parametrize("text", GOOD)
def test_what_the_reader_takes_the_schema_takes(text: str) -> None:
    load(text, name="plans.yaml")
    assert [error.message for error in SCHEMA.iter_errors(yaml.safe_load(text))] == []
