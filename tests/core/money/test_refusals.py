"""A refusal carries its code, which words are looked up by, and the figures it met, which they name."""

from decimal import Decimal

import pytest

from abaque.core.fault import Fault
from abaque.core.money import (
    Money,
    add,
    allocate,
    cumulative_share,
    currency,
    divide,
    multiply,
    nearest,
    scaled,
    subtract,
    to_money,
)
from abaque.core.money.rounding import Rounding, rounded

EUR, JPY = currency("EUR"), currency("JPY")
NAN, VAST = Decimal("NaN"), Decimal("9" * 31)


@pytest.mark.parametrize(
    ("refused", "code", "params"),
    [
        (lambda: currency("EURO"), "unknown_currency", {"currency": "EURO"}),
        (lambda: Money(1.5, EUR), "not_minor_units", {"minor": 1.5}),
        (lambda: Money(1, EUR) + Money(1, JPY), "currencies_meet", {"ours": "EUR", "theirs": "JPY"}),
        (lambda: add(VAST, Decimal("1E-40")), "not_exact", {"operation": "add"}),
        (lambda: add(Decimal("Infinity")), "not_exact", {"operation": "add"}),
        (lambda: subtract(VAST, Decimal("1E-40")), "not_exact", {"operation": "subtract"}),
        (lambda: subtract(Decimal("Infinity"), VAST), "not_exact", {"operation": "subtract"}),
        (lambda: multiply(VAST, VAST), "not_exact", {"operation": "multiply"}),
        (lambda: multiply(Decimal("Infinity"), VAST), "not_exact", {"operation": "multiply"}),
        (lambda: scaled(10**60 + 1, 1), "not_exact", {"operation": "scale"}),
        (lambda: scaled(Decimal("Infinity"), 1), "not_exact", {"operation": "scale"}),
        (lambda: divide(NAN, VAST, scale=2), "not_exact", {"operation": "divide"}),
        (lambda: divide(VAST, VAST, scale=-1), "bad_scale", {"scale": -1}),
        (lambda: divide(VAST, Decimal(0), scale=2), "division_by_zero", {}),
        (lambda: nearest(1, 0), "division_by_zero", {}),
        (lambda: Rounding.places(13), "bad_scale", {"scale": 13}),
        (lambda: rounded(NAN, Rounding()), "not_exact", {"operation": "rounded"}),
        (lambda: to_money(NAN, EUR), "not_exact", {"operation": "to_money"}),
        (lambda: allocate(Money(1, EUR), [0, 0]), "bad_weights", {"weights": (0, 0)}),
        (lambda: allocate(Money(1, EUR), [3, -1]), "bad_weights", {"weights": (-1,)}),
        (
            lambda: allocate(Money(1, EUR), [3, Decimal("Infinity")]),
            "bad_weights",
            {"weights": (Decimal("Infinity"),)},
        ),
        (
            lambda: cumulative_share(Money(1, EUR), 2, 1, 3),
            "bad_share",
            {"begin": 2, "end": 1, "whole": 3},
        ),
    ],
)
def test_a_refusal_says_its_code_and_what_it_met(refused, code, params):
    with pytest.raises(Fault) as caught:
        refused()
    assert (caught.value.code, caught.value.params) == (code, params)
