"""A refusal carries its code, which words are looked up by, and what it met, which they name."""

from datetime import date
from decimal import Decimal

import pytest

from abaque.core.fault import Fault
from abaque.core.money import Money, currency
from abaque.core.tax import Buyer, DatedRate, Rate, RateTable, Supply, decide_by_place, total_up

ONE, NONE = Money(1, currency("EUR")), Decimal(0)
STANDARD = Rate("S", Decimal(20))
DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("refused", "code", "params"),
    [
        (lambda: Rate("X", NONE), "bad_tax_category", {"category": "X"}),
        (lambda: Rate("Z", Decimal(5)), "bad_tax_percent", {"category": "Z", "percent": Decimal(5)}),
        (lambda: Rate("G", NONE), "tax_without_mention", {"category": "G"}),
        (
            lambda: RateTable(
                (DatedRate("LU", Decimal(17), DAY, kind="x"), DatedRate("LU", Decimal(16), DAY, kind="x"))
            ),
            "rates_overlap",
            {"country": "LU", "rate": "x"},
        ),
        (
            lambda: RateTable(()).percent("LU", DAY, "reduced"),
            "no_rate",
            {"country": "LU", "rate": "reduced", "day": DAY},
        ),
        (
            lambda: decide_by_place("US", Buyer("FR"), Supply.SERVICE, RateTable(()), DAY),
            "issuer_outside_union",
            {"country": "US"},
        ),
        (
            lambda: total_up([(STANDARD, Money(1, currency("USD")))], currency("EUR")),
            "currencies_meet",
            {"ours": "EUR", "theirs": "USD"},
        ),
        (
            lambda: total_up([(Rate("E", NONE, "a"), ONE), (Rate("E", NONE, "b"), ONE)], currency("EUR")),
            "mentions_differ",
            {"category": "E", "ours": "a", "theirs": "b"},
        ),
        (
            lambda: total_up([(STANDARD, ONE), (Rate("O", NONE, "outside_scope"), ONE)], currency("EUR")),
            "outside_scope_mixed",
            {},
        ),
    ],
)
def test_a_refusal_says_its_code_and_what_it_met(refused, code, params):
    with pytest.raises(Fault) as caught:
        refused()
    assert (caught.value.code, caught.value.params) == (code, params)
