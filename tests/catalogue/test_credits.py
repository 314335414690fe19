"""What `credits:` says becomes the core's credit packs, and comes back from what is stored."""

import json

import pytest

from abaque.catalogue import CatalogueErrors, dump, dump_credit, fingerprint, load, load_credit
from abaque.core.invoicing import CreditPack
from abaque.core.money import Money, currency
from abaque.core.period import Interval, Unit


def eur(minor: int) -> Money:
    return Money(minor, currency("EUR"))


SAID = [
    ("{currency: EUR, paid: '100.00'}", CreditPack("c", eur(10000), eur(0))),
    ("{currency: EUR, given: 5}", CreditPack("c", eur(0), eur(500))),
    (
        "{currency: EUR, paid: 100, given: '10.50', expires: year, priority: 1, charges: [tokens, calls], top_up: 20}",
        CreditPack("c", eur(10000), eur(1050), Interval(Unit.YEAR), 1, ("tokens", "calls"), eur(2000)),
    ),
    (
        "{currency: JPY, paid: 500, expires: {every: 90, unit: day}, charges: tokens, top_up: 500}",
        CreditPack(
            "c",
            Money(500, currency("JPY")),
            Money(0, currency("JPY")),
            Interval(Unit.DAY, 90),
            charges=("tokens",),
            top_up=Money(500, currency("JPY")),
        ),
    ),
]


def of(said: str) -> str:
    return f"credits: {{c: {said}}}"


@pytest.mark.parametrize(("said", "pack"), SAID)
def test_a_credit_pack_is_read_and_comes_back_as_it_was(said: str, pack: CreditPack) -> None:
    entry = load(of(said), name="x").credits["c"]
    assert entry.pack == pack
    stored = json.loads(json.dumps(dump_credit(entry)))
    assert load_credit(stored) == entry
    assert fingerprint(dump_credit(load_credit(stored))) == fingerprint(stored)


@pytest.mark.parametrize(
    ("said", "code", "place"),
    [
        ("{}", "missing_key", "c: "),
        ("{paid: 5}", "missing_key", "c: "),
        ("{currency: EUR}", "empty_credit", "c: "),
        ("{currency: EURO, paid: 5}", "unknown_currency", "EURO"),
        ("{currency: EUR, paid: 0}", "not_above_zero", "0}"),
        ("{currency: EUR, paid: -5}", "negative_price", "-5"),
        ("{currency: EUR, paid: 0.001}", "finer_than_currency", "0.001"),
        ("{currency: JPY, paid: 5, given: 0.5}", "finer_than_currency", "0.5"),
        ("{currency: EUR, paid: 5, top_up: 0.001}", "finer_than_currency", "0.001"),
        ("{currency: EUR, paid: 5, top_up: 5.01}", "top_up_over", "5.01"),
        ("{currency: EUR, paid: 5, top_up: 0}", "not_above_zero", "0}"),
        ("{currency: EUR, given: 5, top_up: 5}", "top_up_unpaid", "top_up"),
        ("{currency: EUR, paid: 5, expires: soon}", "unknown_interval", "soon"),
        ("{currency: EUR, paid: 5, priority: 1.5}", "not_whole", "1.5"),
        ("{currency: EUR, paid: 5, charges: []}", "empty_list", "[]"),
        ("{currency: EUR, paid: 5, bonus: 1}", "unknown_key", "bonus"),
    ],
)
def test_a_credit_pack_that_cannot_be_used(said: str, code: str, place: str) -> None:
    with pytest.raises(CatalogueErrors) as refused:
        load(of(said), name="x")
    [error] = refused.value.errors
    assert (error.line, error.code) == (1, code)
    assert of(said)[error.column - 1 :].startswith(place)
    assert error.sentence("en") != error.sentence("fr")


OFFERS = """
plans: {p: {version: 1, currency: EUR, charges: {tokens: {price: {model: flat, amount: 1}}}}}
addons: {a: {currency: EUR, charges: {storage: {price: {model: flat, amount: 1}}}}}
credits: {c: {currency: EUR, paid: 5, charges: [tokens, storage, CHARGE]}}
"""


def test_a_charge_that_neither_a_plan_nor_an_add_on_has_is_refused_with_the_nearest() -> None:
    text = OFFERS.replace("CHARGE", "token")
    with pytest.raises(CatalogueErrors) as refused:
        load(text, name="x")
    [error] = refused.value.errors
    assert (error.line, error.column, error.code) == (4, 66, "unknown_charge")
    assert "Did you mean `tokens`?" in error.sentence("en")
    assert load(text, name="x", known_charges=["token"]).credits["c"].pack.charges


def test_a_plan_that_could_not_be_read_does_not_make_its_charges_unknown() -> None:
    text = OFFERS.replace("CHARGE", "storage_").replace(
        "tokens: {price: {model: flat, amount: 1}}", "tokens: {}"
    )
    with pytest.raises(CatalogueErrors) as refused:
        load(text, name="x")
    assert [error.code for error in refused.value.errors] == ["missing_key"]


def test_whoever_reads_a_credit_pack_is_told_that_it_is_not_published() -> None:
    catalogue = load(of("{currency: EUR, paid: 5}"), name="x")
    [warning] = catalogue.warnings
    assert (warning.line, warning.code) == (1, "credit_unpublished")
    assert "`c`" in warning.sentence("fr")
    assert list(dump(catalogue)["credits"]) == ["c"]
