"""What is stored of a catalogue says exactly what the file said, and tells what was changed since."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.catalogue import (
    Catalogue,
    ChangeKind,
    Handling,
    Level,
    MeterEntry,
    PlanEntry,
    diff,
    dump,
    dump_meter,
    dump_plan,
    fingerprint,
    from_stored,
    load,
    load_meter,
    load_personal,
    load_plan,
)
from abaque.core.metering import (
    Aggregate,
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
    Outcome,
    Prefix,
)
from abaque.core.money import currency
from abaque.core.period import Alignment, Interval, Unit
from abaque.core.pricing import (
    Allowance,
    Bill,
    Cell,
    Charge,
    Commitment,
    Dynamic,
    Entitlement,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Phase,
    Plan,
    Prorate,
    Rollover,
    Term,
    Tier,
    Trial,
    Volume,
)
from abaque.core.reconciling import Grain, Totals, Whose

Value = TypeVar("Value")

codes = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
attributes = st.from_regex(r"[a-z]{1,4}(\.[a-z]{1,4})?", fullmatch=True)
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
names = st.fixed_dictionaries({"en": texts, "fr": texts})
amounts = st.decimals(0, 999_999_999_999, places=12, allow_nan=False) | st.decimals(0, 10**9, places=2)
literals = texts | st.booleans() | st.decimals(-(10**9), 10**9, places=6)

value_sets = st.lists(literals, min_size=1, max_size=3).map(tuple)
numbers = st.decimals(-(10**9), 10**9, places=6)
filters: st.SearchStrategy[Filter] = st.recursive(
    st.one_of(
        st.builds(Condition, attributes, value_sets),
        st.builds(IsNot, attributes, value_sets),
        st.builds(Comparison, attributes, numbers, st.none() | numbers, st.none() | numbers),
        st.builds(Comparison, attributes, up_to=numbers),
        st.builds(Prefix, attributes, texts),
        st.builds(Exists, attributes, st.booleans()),
    ),
    lambda parts: st.one_of(
        st.builds(AllOf, st.lists(parts, max_size=2).map(tuple)),
        st.builds(AnyOf, st.lists(parts, max_size=2).map(tuple)),
        st.builds(Not, parts),
    ),
    max_leaves=4,
)
changes = st.builds(Change, attributes, st.just(("in", "on")), st.just(("out",)))


@st.composite
def meters(draw: st.DrawFn) -> MeterEntry:
    aggregate = draw(st.sampled_from(Aggregate))
    may_group = aggregate in {Aggregate.COUNT, Aggregate.SUM}
    meter = Meter(
        code=draw(codes),
        event_types=tuple(draw(st.lists(texts, min_size=1, max_size=3, unique=True))),
        aggregate=aggregate,
        value=draw(attributes) if aggregate.needs_value else None,
        where=tuple(
            Condition(attribute, tuple(values))
            for attribute, values in draw(
                st.dictionaries(attributes, st.lists(literals, min_size=1, max_size=3), max_size=2)
            ).items()
        ),
        group_by=tuple(draw(st.lists(attributes, max_size=2, unique=True))),
        operation=draw(st.none() | attributes) if may_group else None,
        outcome=draw(
            st.none() | st.builds(Outcome, attributes, st.lists(texts, min_size=1, max_size=2).map(tuple))
        ),
        filters=tuple(draw(st.lists(filters, max_size=2))),
        change=draw(st.none() | changes) if aggregate is Aggregate.UNIQUE else None,
    )
    lateness = timedelta(seconds=draw(st.integers(0, 10**7)))
    level = draw(st.sampled_from(Level))
    return MeterEntry(meter, draw(names), draw(names), lateness, level, draw(st.none() | totals))


totals = st.builds(
    Totals,
    st.sampled_from(Grain),
    st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
    st.decimals(0, 100, places=6),
    st.sampled_from(Whose),
    st.sampled_from(["UTC", "Europe/Paris"]),
)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    bounds = sorted(draw(st.sets(st.decimals("0.01", 10**9, places=2), max_size=3)))
    return tuple(Tier(bound, draw(amounts), draw(amounts)) for bound in (*bounds, None))


@st.composite
def percent_tiers(draw: st.DrawFn) -> tuple[PercentTier, ...]:
    return tuple(PercentTier(tier.up_to, draw(percents), tier.flat) for tier in draw(tiers()))


def optional(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value | None]:
    return st.none() | values


positive = st.decimals("0.01", 10**6, places=2)
percents = st.decimals(0, 100, places=2)
bounds = st.tuples(optional(amounts), optional(amounts)).filter(
    lambda pair: None in pair or pair == tuple(sorted(pair, key=lambda each: each or Decimal(0)))
)
intervals = st.builds(Interval, st.sampled_from(Unit), st.integers(1, 366))
pers = st.sampled_from([Decimal(1), Decimal(100), Decimal("0.5"), Decimal(3)])
cell_prices = st.one_of(
    st.builds(PerUnit, amounts),
    st.builds(PerUnit, st.decimals(0, 10**6, places=2), st.sampled_from([Decimal(1000), Decimal("0.25")])),
    st.builds(Graduated, tiers(), st.booleans()),
    st.builds(Graduated, tiers(), st.booleans(), pers, st.just(value=True)),
    st.builds(Volume, tiers(), st.booleans()),
    st.builds(Volume, tiers(), st.booleans(), pers, st.just(value=True)),
    st.builds(Package, positive, amounts),
)


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    by = draw(st.lists(attributes, min_size=1, max_size=2, unique=True).map(tuple))
    keys = draw(st.lists(st.tuples(*[texts] * len(by)), min_size=1, max_size=3, unique=True))
    return Matrix(by, tuple(Cell(key, draw(cell_prices)) for key in keys), draw(optional(cell_prices)))


@st.composite
def percentages(draw: st.DrawFn) -> Percentage:
    free_events, free_amount = draw(optional(st.integers(0, 99))), draw(optional(amounts))
    return Percentage(draw(percents), draw(amounts), free_events, free_amount, *draw(bounds))


prices = st.one_of(
    st.builds(Flat, amounts),
    cell_prices,
    percentages(),
    st.builds(GraduatedPercentage, percent_tiers(), st.booleans()),
    st.builds(Dynamic, amounts),
    matrices(),
)
monthly = st.sampled_from([None, Interval(Unit.MONTH)])
seasons = st.dictionaries(st.integers(1, 12), amounts, max_size=3).map(
    lambda given: tuple(sorted(given.items()))
)
rollovers = st.builds(Rollover, st.integers(1, 12), optional(amounts))
allowances = st.one_of(
    st.builds(Allowance, amounts),
    st.builds(Allowance, amounts, monthly, seasons, optional(rollovers)),
    st.builds(Allowance, amounts, intervals, st.just(()), optional(rollovers)),
)
entitlements = st.one_of(
    st.builds(Entitlement, codes, allowed=st.booleans()),
    st.builds(
        Entitlement,
        codes,
        limit=amounts,
        meter=optional(codes),
        soft=st.booleans(),
        grace_days=st.integers(0, 99),
    ),
)


@st.composite
def charges(draw: st.DrawFn, code: str) -> Charge:
    price = draw(prices)
    counted = not isinstance(price, Flat)
    by_events = isinstance(price, Percentage | GraduatedPercentage | Dynamic | Matrix)
    metered = counted and (by_events or draw(st.booleans()))
    allowed = metered and not isinstance(price, Percentage | Matrix)
    minimum, maximum = draw(bounds)
    return Charge(
        code=code,
        price=price,
        meter=f"of-{code}" if metered else None,  # a unit is claimed once
        bill=Bill.ARREARS if metered else draw(st.sampled_from(Bill)),
        prorate=draw(st.sampled_from(Prorate)),
        allowance=draw(optional(allowances)) if allowed else None,
        names=draw(names),
        quantity=draw(codes) if counted and not metered else None,
        interval=draw(optional(intervals)),
        minimum=minimum,
        maximum=maximum,
        prorate_tiers=draw(st.booleans()),
    )


DATES: list[tuple[tuple[int, int], ...] | tuple[date, ...]] = [
    (),
    ((1, 31), (6, 30)),
    (date(2026, 3, 15), date(2026, 9, 30)),
]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    minimum, maximum = draw(bounds)
    return Plan(
        code=draw(codes),
        version=draw(st.integers(1, 10**6)),
        currency=currency(draw(st.sampled_from(["EUR", "JPY", "KWD"]))),
        interval=Interval(draw(st.sampled_from(Unit)), draw(st.integers(1, 366))),
        alignment=draw(st.sampled_from(Alignment)),
        charges=tuple(draw(charges(code)) for code in draw(st.lists(codes, max_size=3, unique=True))),
        names=draw(names),
        minimum=minimum,
        maximum=maximum,
        commitment=draw(optional(st.builds(Commitment, amounts, optional(intervals)))),
        trial=draw(optional(st.builds(Trial, st.integers(1, 99)))),
        term=draw(optional(st.builds(Term, intervals, st.booleans()))),
        phases=tuple(draw(st.lists(st.builds(Phase, st.integers(1, 99), percents), max_size=2))),
        entitlements=tuple(draw(st.lists(entitlements, max_size=2, unique_by=lambda each: each.feature))),
        benefits=draw(st.sampled_from([{}, {"en": ("A", "B"), "fr": ("C",)}])),
        dates=draw(st.sampled_from(DATES)),
    )


def through_json(stored: dict[str, Any]) -> Any:
    return json.loads(json.dumps(stored))


@given(meters())
def test_a_meter_comes_back_as_it_was(entry: MeterEntry) -> None:
    stored = through_json(dump_meter(entry))
    assert load_meter(stored) == entry
    assert from_stored(stored) == entry.meter
    assert fingerprint(dump_meter(load_meter(stored))) == fingerprint(stored)


@given(plans())
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    stored = through_json(dump_plan(plan))
    assert load_plan(stored).plan == plan
    assert from_stored(stored) == plan
    assert fingerprint(dump_plan(load_plan(stored).plan)) == fingerprint(stored)


@given(st.lists(meters(), max_size=3), st.lists(plans(), max_size=3))
def test_a_catalogue_changes_nothing_of_itself(some: list[MeterEntry], offers: list[Plan]) -> None:
    catalogue = Catalogue(
        {entry.meter.code: entry for entry in some}, {plan.code: PlanEntry(plan) for plan in offers}, {}
    )
    stored = through_json(dump(catalogue))
    published = [*stored["meters"].values(), *stored["plans"].values()]
    assert {change.kind for change in diff(published, catalogue)} <= {ChangeKind.UNCHANGED}
    assert {change.kind for change in diff([], catalogue)} <= {ChangeKind.ADDED}


@given(plans(), plans())
def test_two_plans_have_one_fingerprint_only_if_they_are_equal(one: Plan, other: Plan) -> None:
    assert (fingerprint(dump_plan(one)) == fingerprint(dump_plan(other))) == (one == other)


FILE = """
meters:
  docs:
    {name: {en: Documents, fr: Documents}, event: doc, aggregate: count, where: {a: [x], b: [1, "1", true]}}
plans:
  pro:
    version: 1
    currency: EUR
    charges:
      base: {price: {model: flat, amount: "49.00"}}
      docs: {meter: docs, price: {model: graduated, tiers: [{up_to: 10, unit: "0.10"}, {unit: "0.05"}]}}
personal: {client: drop}
"""


def published(*texts_of_files: str) -> list[dict[str, Any]]:
    stored = [dump(load(text, name="x")) for text in texts_of_files]
    return [form for one in stored for form in (*one["meters"].values(), *one["plans"].values())]


def changed(before: str, after: str) -> list[tuple[str, str, list[tuple[str, object, object]]]]:
    assert before in FILE
    return [
        (change.what, change.kind.value, [(one.path, one.before, one.after) for one in change.details])
        for change in diff(published(FILE), load(FILE.replace(before, after), name="x"))
        if change.kind is not ChangeKind.UNCHANGED
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"49.00"', "49"),
        ('"0.10"', "0.1000"),
        ("up_to: 10,", "up_to: 10.0,"),
        ('{a: [x], b: [1, "1", true]}', '{b: [1, "1", true], a: x}'),
        ("currency: EUR", "currency: EUR\n    interval: month"),
        ("\nplans:", "\n# a comment\n\nplans:"),
    ],
)
def test_another_way_of_writing_is_no_change(before: str, after: str) -> None:
    assert changed(before, after) == []


def test_a_changed_price_of_a_published_version_is_named() -> None:
    assert changed('"0.05"', '"0.04"') == [
        ("plan", "changed_published", [("charges.docs.price.tiers.2.unit", "0.05", "0.04")])
    ]


def test_a_new_version_says_what_differs_from_the_newest() -> None:
    text = FILE.replace("version: 1", "version: 3").replace('"49.00"', '"59.00"')
    older = FILE.replace("version: 1", "version: 2").replace('"49.00"', '"55.00"')
    [_, change] = diff(published(FILE, older), load(text, name="x"))
    assert (change.kind, change.version) == (ChangeKind.NEW_VERSION, 3)
    assert [(one.path, one.before, one.after) for one in change.details] == [
        ("version", 2, 3),
        ("charges.base.price.amount", "55", "59"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("event: doc,", "event: [doc, page],", "event_types"),
        ("a: [x]", "a: [y]", "where.1.values"),
        ('"1", true', '"1", "true"', "where.2.values"),
        ("b: [1,", 'b: ["2",', "where.2.values"),
        ("aggregate: count", "aggregate: count, lateness: 1h", "lateness"),
        ("aggregate: count", "aggregate: count, operation: id", "operation"),
    ],
)
def test_a_changed_meter_is_named(before: str, after: str, path: str) -> None:
    [(what, kind, details)] = changed(before, after)
    assert (what, kind) == ("meter", "changed_published")
    assert [one[0] for one in details] == [path]


def test_a_charge_added_removed_or_moved_is_a_change() -> None:
    added = changed("      base:", "      more: {price: {model: flat, amount: 1}}\n      base:")
    assert [(kind, details[0][:2]) for _, kind, details in added] == [
        ("changed_published", ("charges.more", None))
    ]
    lines = FILE.splitlines()
    base = next(number for number, line in enumerate(lines) if "base:" in line)
    lines[base], lines[base + 1] = lines[base + 1], lines[base]
    [_, change] = diff(published(FILE), load("\n".join(lines), name="x"))
    assert [(one.path, one.before, one.after) for one in change.details] == [
        ("charges", ["base", "docs"], ["docs", "base"])
    ]


def test_a_changed_name_is_a_change_that_says_only_words_differ() -> None:
    text = FILE.replace("en: Documents", "en: Papers")
    [change, _] = diff(published(FILE), load(text, name="x"))
    assert change.kind is ChangeKind.CHANGED_PUBLISHED
    assert change.touches_no_amount
    [_, price] = diff(published(FILE), load(FILE.replace('"0.05"', '"0.04"'), name="x"))
    assert not price.touches_no_amount


def test_what_is_stored_and_not_in_the_file_stays() -> None:
    assert diff(published(FILE), load("personal: {a: keep}", name="x")) == ()


def test_personal_attributes_come_back() -> None:
    stored = through_json(dump(load(FILE, name="x")))
    assert load_personal(stored["personal"]) == {"client": Handling.DROP}


def test_decimals_are_written_out() -> None:
    plan = load(FILE.replace('"0.05"', "0.000000000001"), name="x").plans["pro"].plan
    assert dump_plan(plan)["charges"][1]["price"]["tiers"][1]["unit"] == "0.000000000001"
    assert Decimal(dump_plan(plan)["charges"][1]["price"]["tiers"][0]["up_to"]) == 10


@pytest.mark.parametrize(
    ("example", "code", "known"),
    [
        ("documents", "pro", "64735a263a0983a56741395a7fa9b155ff845fee2e8cd0316e966ddddb6a7cc2"),
        ("api", "api", "586a8a1bacf1aece2807eb6384e3cc57cc2a39a9bd977bbceed8ac32c7635060"),
        ("api", "clients", "3793050dbdb570f463fa36996d25f839f531b1a07c00d2f040a1ca832c417e66"),
    ],
)
def test_what_was_published_before_keeps_its_fingerprint(example: str, code: str, known: str) -> None:
    file = Path(__file__).parents[2] / "examples" / f"{example}.yaml"
    stored = dump(load(file.read_bytes(), name=file.name))
    assert fingerprint({**stored["meters"], **stored["plans"]}[code]) == known


@pytest.mark.parametrize(
    "said",
    [
        "aggregate: latest, value: v, level_at_start: carry, prorate_days: yes",
        "aggregate: time_weighted, value: v, per: day, rounding: {places: 2, mode: up}",
        "aggregate: average, value: v, empty: none, rounding: down",
        "aggregate: max, value: v, value_is: change",
        "aggregate: sum, value: v, rounding: {to: '0.25', mode: up}",
        "aggregate: count, rounding: {to: 1000}",
    ],
)
def test_how_a_meter_counts_comes_back_as_it_was(said: str) -> None:
    entry = load(f"meters: {{m: {{event: e, {said}}}}}", name="x").meters["m"]
    assert load_meter(through_json(dump_meter(entry))) == entry


@pytest.mark.parametrize(
    "said",
    [
        "{model: graduated, flat_at_zero: yes, per: '1.0', whole: no, tiers: [{unit: 1}]}",
        "{model: volume, flat_at_zero: yes, per: 1, tiers: [{unit: 1}]}",
        "{model: graduated_percentage, flat_at_zero: true, tiers: [{percent: 1}]}",
        "{model: per_unit, per: 1, unit: 1}",
    ],
)
def test_what_a_price_says_by_default_is_not_stored(said: str) -> None:
    text = FILE.replace('{model: graduated, tiers: [{up_to: 10, unit: "0.10"}, {unit: "0.05"}]}', said)
    [_, docs] = dump_plan(load(text, name="x").plans["pro"].plan)["charges"]
    assert not {"flat_at_zero", "per", "whole"} & docs["price"].keys()


@pytest.mark.parametrize(
    ("said", "form"),
    [
        ("down", {"places": 0, "mode": "down"}),
        ("{places: 2}", {"places": 2, "mode": "nearest"}),
        ("{to: '0.010', mode: up}", {"places": 2, "mode": "up"}),
        ("{to: 10}", {"to": "10", "mode": "nearest"}),
        ("{to: '0.250', mode: down}", {"to": "0.25", "mode": "down"}),
    ],
)
def test_a_rounding_to_decimals_is_stored_as_before(said: str, form: dict[str, Any]) -> None:
    entry = load(f"meters: {{m: {{event: e, aggregate: count, rounding: {said}}}}}", name="x").meters["m"]
    assert dump_meter(entry)["rounding"] == form


def test_how_a_meter_counts_by_default_is_not_stored() -> None:
    # Keys that came later, so that meters from before keep their fingerprint.
    entry = load(
        "meters: {m: {event: e, aggregate: latest, value: v, value_is: level, per: hour, empty: zero}}",
        name="x",
    ).meters["m"]
    assert not {"value_is", "per", "empty"} & dump_meter(entry).keys()
