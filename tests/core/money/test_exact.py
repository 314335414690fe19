from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import EXACT, add, divide, multiply, nearest, scaled, subtract

numbers = st.decimals(-(10**14), 10**14, places=12)


@given(numbers, numbers)
def test_arithmetic_is_exact(a, b):
    assert Fraction(add(a, b)) == Fraction(a) + Fraction(b)
    assert Fraction(subtract(a, b)) == Fraction(a) - Fraction(b)
    assert Fraction(multiply(a, b)) == Fraction(a) * Fraction(b)


@given(numbers, numbers, st.integers(0, 12))
def test_division_is_within_half_a_digit_of_the_quotient(a, b, scale):
    assume(b != 0 and abs(a / b) < 10**20)
    error = abs(Fraction(divide(a, b, scale=scale)) - Fraction(a) / Fraction(b))
    assert error * 2 <= Fraction(1, 10**scale)


@pytest.mark.parametrize(
    ("a", "b", "scale", "quotient"),
    [
        ("1", "3", 4, "0.3333"),
        ("2", "3", 4, "0.6667"),
        ("1", "8", 2, "0.13"),
        ("-1", "8", 2, "-0.13"),
        ("5", "-2", 0, "-3"),
    ],
)
def test_division_rounds_half_away_from_zero(a, b, scale, quotient):
    assert divide(Decimal(a), Decimal(b), scale=scale) == Decimal(quotient)


@given(st.integers(), st.integers().filter(bool))
def test_nearest_is_odd_and_half_away_from_zero(numerator, denominator):
    exact = Fraction(numerator, denominator)
    found = nearest(numerator, denominator)
    assert found == -nearest(-numerator, denominator) == nearest(-numerator, -denominator)
    assert abs(found - exact) <= Fraction(1, 2)
    if abs(found - exact) == Fraction(1, 2):
        assert abs(found) > abs(exact)


@pytest.mark.parametrize(
    "lossy",
    [
        lambda: multiply(Decimal("9" * 31), Decimal("9" * 31)),
        lambda: add(Decimal("1E+60"), Decimal("0.1")),
        lambda: subtract(Decimal("1E+60"), Decimal("0.1")),
        lambda: add(Decimal("NaN")),
        lambda: add(Decimal("Infinity"), Decimal(1)),
        lambda: subtract(Decimal("Infinity"), Decimal(1)),
        lambda: multiply(Decimal("Infinity"), Decimal(1)),
        lambda: divide(Decimal("NaN"), Decimal(1), scale=2),
        lambda: scaled(10**60 + 1, -2),
        lambda: scaled(Decimal("Infinity"), 1),
    ],
)
def test_a_lost_digit_is_refused(lossy):
    with pytest.raises(Fault, match="not_exact"):
        lossy()


def test_nothing_is_divided_by_zero_or_to_a_negative_scale():
    for dividing in (lambda: divide(Decimal(1), Decimal(0), scale=2), lambda: nearest(1, 0)):
        with pytest.raises(Fault, match="division_by_zero"):
            dividing()
    with pytest.raises(Fault, match="bad_scale"):
        divide(Decimal(1), Decimal(3), scale=-1)


def test_the_context_has_sixty_digits_and_traps():
    assert EXACT.prec == 60
    assert add() == 0
