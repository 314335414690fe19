"""What `addons:` says becomes the core's add-ons, and an add-on goes with every plan that it may be added to."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from abaque.catalogue import Catalogue, CatalogueErrors, dump, dump_addon, fingerprint, load, load_addon
from abaque.core.fault import Fault
from abaque.core.money import currency
from abaque.core.pricing import Charge, Flat, PerUnit
from abaque.core.subscription import AddOn

METERS = "meters: {docs: {event: doc, aggregate: count}, pages: {event: page, aggregate: count}}\n"
FEE = "{price: {model: flat, amount: 1}}"
DOCS = "{meter: docs, price: {model: per_unit, unit: 1}}"
PAGES = DOCS.replace("docs", "pages")
BOTH = {"en": "a", "fr": "a"}


def of(addons: str, plans: str = "") -> str:
    """Write a file with two meters, these add-ons, and these plans."""
    offers = "".join(f"  {line}\n" for line in plans.splitlines())
    return METERS + (f"plans:\n{offers}" if plans else "") + f"addons:\n  {addons}\n"


def plan(code: str, charges: str, money: str = "EUR") -> str:
    return f"{code}: {{version: 1, currency: {money}, charges: {{{charges}}}}}\n"


def errors(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(CatalogueErrors) as refused:
        load(text, name="x")
    for error in refused.value.errors:
        assert error.sentence("en") != error.sentence("fr")
    return [(error.line, error.column, error.code) for error in refused.value.errors]


def test_an_add_on_is_read_and_comes_back_as_it_was() -> None:
    said = f"a: {{name: {{en: More, fr: Plus}}, currency: EUR, plans: [p], charges: {{fee: {FEE}, docs: {DOCS}}}}}"
    entry = load(of(said), name="x").addons["a"]
    assert entry.addon == AddOn(
        "a",
        (
            Charge("fee", Flat(Decimal(1)), names={"en": "fee", "fr": "fee"}),
            Charge("docs", PerUnit(Decimal(1)), "docs", names={"en": "docs", "fr": "docs"}),
        ),
    )
    assert (entry.names, entry.currency, entry.plans, entry.line) == (
        {"en": "More", "fr": "Plus"},
        currency("EUR"),
        ("p",),
        3,
    )
    stored = json.loads(json.dumps(dump_addon(entry)))
    assert load_addon(stored) == entry
    assert fingerprint(dump_addon(load_addon(stored))) == fingerprint(stored)


def test_what_is_left_out_is_its_code_and_any_plan() -> None:
    entry = load(of(f"a: {{currency: EUR, charges: {{fee: {FEE}}}}}"), name="x").addons["a"]
    assert (entry.names, entry.plans) == (BOTH, None)
    assert load_addon(dump_addon(entry)) == entry


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{}", "missing_key"),
        ("{currency: EUR, charges: {}}", "no_charges"),
        (f"{{currency: euro, charges: {{c: {FEE}}}}}", "unknown_currency"),
        (f"{{currency: EUR, charges: {{c: {FEE}}}, plan: p}}", "unknown_key"),
        (f"{{currency: EUR, charges: {{c: {FEE}}}, plans: [p, p]}}", "repeated_value"),
        (f"{{currency: EUR, charges: {{c: {DOCS}, d: {DOCS}}}}}", "meter_claimed_twice"),
        ("{currency: EUR, charges: {c: {meter: doc, price: {model: per_unit, unit: 1}}}}", "unknown_meter"),
    ],
)
def test_an_add_on_that_cannot_be_used(said: str, code: str) -> None:
    assert {found for _, _, found in errors(of(f"a: {said}"))} == {code}


def test_a_plan_that_nobody_knows_is_refused_with_the_nearest() -> None:
    text = of(f"a: {{plans: [pro, prp], currency: EUR, charges: {{c: {FEE}}}}}", plan("pro", f"base: {FEE}"))
    assert errors(text) == [(5, 20, "unknown_plan")]
    with pytest.raises(CatalogueErrors, match="Did you mean `pro`"):
        load(text, name="x")
    assert load(text, name="x", known_plans=["prp"]).addons
    assert load(of(f"a: {{plans: [prp], currency: EUR, charges: {{c: {FEE}}}}}"), name="x").addons


def test_a_promotion_for_a_plan_or_a_charge_that_nobody_knows_is_refused() -> None:
    offers = METERS + "plans:\n  " + plan("pro", f"base: {FEE}") + "promotions:\n  C: {percent: 5, "
    assert errors(offers + "plans: [prp], charges: base}") == [(5, 27, "unknown_plan")]
    assert errors(offers + "plans: pro, charges: bse}") == [(5, 40, "unknown_charge")]
    assert load(offers + "plans: prp, charges: [bse]}", name="x", known_plans=["prp"], known_charges=["bse"])
    assert load("promotions: {C: {percent: 5, plans: prp, charges: bse}}", name="x").promotions


def test_an_add_on_and_a_plan_of_its_list_have_one_currency() -> None:
    addon = f"a: {{plans: [p, q], currency: EUR, charges: {{c: {FEE}}}}}"
    offers = plan("p", f"base: {FEE}") + plan("q", f"base: {FEE}", "USD")
    assert errors(of(addon, offers)) == [(6, 18, "addon_currency")]


#: An add-on, plans, and what is refused where.
CLASHES = [
    (
        f"a: {{currency: EUR, charges: {{c: {DOCS}}}}}",
        plan("p", f"d: {DOCS}"),
        [(5, 43, "addon_meter_claimed")],
    ),
    (
        f"a: {{plans: p, currency: EUR, charges: {{c: {DOCS}}}}}",
        plan("p", f"d: {DOCS}"),
        [(5, 53, "addon_meter_claimed")],
    ),
    (
        f"a: {{currency: EUR, charges: {{c: {FEE}}}}}",
        plan("p", f"c: {PAGES}"),
        [(5, 32, "addon_charge_taken")],
    ),
    (
        f"a: {{currency: EUR, charges: {{c: {DOCS}}}}}",
        plan("p", f"c: {DOCS}"),
        [(5, 32, "addon_charge_taken"), (5, 43, "addon_meter_claimed")],
    ),
    # Each plan it may be added to is looked at.
    (
        f"a: {{currency: EUR, charges: {{c: {DOCS}}}}}",
        plan("p", f"d: {PAGES}") + plan("q", f"d: {DOCS}"),
        [(6, 43, "addon_meter_claimed")],
    ),
    # Other plans, other currencies and other meters do not matter.
    (
        f"a: {{plans: q, currency: EUR, charges: {{c: {DOCS}}}}}",
        plan("p", f"c: {DOCS}") + plan("q", f"d: {FEE}"),
        [],
    ),
    (f"a: {{currency: USD, charges: {{c: {DOCS}}}}}", plan("p", f"c: {DOCS}"), []),
    (f"a: {{currency: EUR, charges: {{c: {DOCS}}}}}", plan("p", f"d: {PAGES}"), []),
    # Two plans may use one meter.
    (
        f"a: {{currency: EUR, charges: {{c: {FEE}}}}}",
        plan("p", f"d: {DOCS}") + plan("q", f"d: {DOCS}"),
        [],
    ),
]


def fit(catalogue: Catalogue) -> None:
    """Put every plan on a subscription with each pair of add-ons it may have. Faults of a plan that cannot be."""
    for entry in catalogue.plans.values():
        beside = [addon.addon for addon in catalogue.addons.values() if addon.fits(entry.plan)]
        for one in beside:
            for other in beside:
                charges = (*one.charges, *(other.charges if other is not one else ()))
                replace(entry.plan, charges=(*entry.plan.charges, *charges))


@pytest.mark.parametrize(("addon", "plans", "refused"), CLASHES)
def test_an_add_on_goes_with_every_plan_it_may_be_added_to(
    addon: str, plans: str, refused: list[tuple[int, int, str]]
) -> None:
    if refused:
        assert errors(of(addon, plans)) == refused
        # The plan and the add-on are sound; what is refused is that they be on one subscription.
        apart = load(of(addon), name="x")
        alone = load(METERS + "plans:\n" + "".join(f"  {line}\n" for line in plans.splitlines()), name="x")
        with pytest.raises(Fault):
            fit(Catalogue({}, alone.plans, {}, addons=apart.addons))
    else:
        fit(load(of(addon, plans), name="x"))


TWO = "a: {{{one}currency: EUR, charges: {{c: {docs}}}}}\n  b: {{{other}currency: {money}, charges: {{d: {docs}}}}}"


@pytest.mark.parametrize(
    ("one", "other", "money", "meet"),
    [
        ("", "", "EUR", True),
        ("", "", "USD", False),
        ("plans: p, ", "", "EUR", True),
        ("", "plans: p, ", "EUR", True),
        ("plans: [p, q], ", "plans: q, ", "EUR", True),
        ("plans: p, ", "plans: q, ", "EUR", False),
    ],
)
def test_two_add_ons_that_may_be_on_one_plan_share_no_meter(
    one: str, other: str, money: str, *, meet: bool
) -> None:
    text = of(TWO.format(one=one, other=other, money=money, docs=DOCS))
    if meet:
        [(line, _, code)] = errors(text)
        assert (line, code) == (4, "addon_meter_claimed")
    else:
        assert len(load(text, name="x").addons) == 2


def test_what_an_error_of_two_says_names_both() -> None:
    with pytest.raises(CatalogueErrors) as refused:
        load(
            of(f"more: {{currency: EUR, charges: {{extra: {DOCS}}}}}", plan("pro", f"usual: {DOCS}")),
            name="x",
        )
    [error] = refused.value.errors
    for language in ("en", "fr"):
        assert all(
            f"`{word}`" in error.sentence(language) for word in ("more", "extra", "pro", "usual", "docs")
        )


def test_whoever_reads_an_add_on_is_told_that_it_is_not_published() -> None:
    catalogue = load(of(f"a: {{currency: EUR, charges: {{c: {FEE}}}}}"), name="x")
    [warning] = catalogue.warnings
    assert (warning.line, warning.code) == (3, "addon_unpublished")
    assert "`a`" in warning.sentence("fr")
    assert list(dump(catalogue)["addons"]) == ["a"]
