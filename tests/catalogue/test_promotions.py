"""What `promotions:` says becomes the core's promotions, and comes back from what is stored."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from abaque.catalogue import CatalogueErrors, dump, dump_promotion, fingerprint, load, load_promotion
from abaque.core.invoicing import Discount, Promotion
from abaque.core.money import Money, currency
from abaque.core.period import Span

PARIS_FRIDAY = Span(datetime(2026, 11, 26, 23, tzinfo=UTC), datetime(2026, 11, 29, 23, tzinfo=UTC))
SAID = [
    ("{percent: 20}", Promotion("C", Discount("C", Decimal(20)))),
    (
        "{amount: '5.00', currency: EUR, times: 3, charges: base, plans: [pro, solo], new_customers: yes}",
        Promotion(
            "C",
            Discount("C", amount=Money(500, currency("EUR")), times=3, charges=("base",)),
            plans=("pro", "solo"),
            new_customers=True,
        ),
    ),
    (
        "{percent: 2.5, limit: 9, limit_per_customer: none, zone: Europe/Paris, from: 2026-11-27, until: 2026-11-30}",
        Promotion("C", Discount("C", Decimal("2.5")), PARIS_FRIDAY, limit=9, limit_per_customer=None),
    ),
]


def of(said: str) -> str:
    return f"promotions: {{C: {said}}}"


@pytest.mark.parametrize(("said", "promotion"), SAID)
def test_a_promotion_is_read_and_comes_back_as_it_was(said: str, promotion: Promotion) -> None:
    entry = load(of(said), name="x").promotions["C"]
    assert entry.promotion == promotion
    stored = json.loads(json.dumps(dump_promotion(entry)))
    assert load_promotion(stored) == entry
    assert fingerprint(dump_promotion(load_promotion(stored))) == fingerprint(stored)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{}", "percent_or_amount"),
        ("{percent: 20, amount: 5, currency: EUR}", "percent_or_amount"),
        ("{percent: 0}", "refused"),
        ("{percent: 120}", "percent_over_100"),
        ("{amount: 5}", "missing_key"),
        ("{amount: 0.001, currency: EUR}", "finer_than_currency"),
        ("{amount: 0, currency: EUR}", "not_above_zero"),
        ("{percent: 20, currency: EUR}", "missing_key"),
        ("{percent: 20, times: 0}", "not_whole"),
        ("{percent: 20, limit_per_customer: any}", "bad_number"),
        ("{percent: 20, from: '2026-11-27'}", "missing_key"),
        ("{percent: 20, from: '2026-11-27', until: '2026-11-27'}", "window_reversed"),
        ("{percent: 20, from: '2026-11-27', until: tomorrow}", "bad_day"),
        ("{percent: 20, from: '2026-11-27', until: '2026-11-30', zone: Paris}", "unknown_zone"),
        ("{percent: 20, until_then: 1}", "unknown_key"),
    ],
)
def test_a_promotion_that_cannot_be_used(said: str, code: str) -> None:
    with pytest.raises(CatalogueErrors) as refused:
        load(of(said), name="x")
    [error] = refused.value.errors
    assert error.code == code
    assert error.sentence("en") != error.sentence("fr")


def test_a_code_is_what_customers_type() -> None:
    with pytest.raises(CatalogueErrors) as refused:
        load("promotions: {BLACK FRIDAY: {percent: 20}}", name="x")
    assert [error.code for error in refused.value.errors] == ["bad_promotion_code"]


def test_whoever_reads_a_promotion_is_told_that_it_is_not_published() -> None:
    catalogue = load(of("{percent: 20}"), name="x")
    [warning] = catalogue.warnings
    assert (warning.line, warning.code) == (1, "promotion_unpublished")
    assert "`C`" in warning.sentence("fr")
    assert list(dump(catalogue)["promotions"]) == ["C"]


def test_a_catalogue_without_promotions_is_stored_as_before() -> None:
    assert set(dump(load("personal: {a: keep}", name="x"))) == {"meters", "plans", "personal"}
