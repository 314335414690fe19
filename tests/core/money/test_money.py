from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import Money, currency, known_codes, to_money, total

EUR, JPY, KWD = currency("EUR"), currency("JPY"), currency("KWD")
minors = st.integers(-(10**18), 10**18)
currencies = st.sampled_from([currency(code) for code in known_codes()])


@pytest.mark.parametrize(
    ("exact", "code", "minor"),
    [
        ("0.005", "EUR", 1),
        ("-0.005", "EUR", -1),
        ("0.004999999999999999999999999999999999999999", "EUR", 0),
        ("2.345", "EUR", 235),
        ("2.335", "EUR", 234),
        ("-2.345", "EUR", -235),
        ("0.5", "JPY", 1),
        ("1.2345", "KWD", 1235),
        ("12", "EUR", 1200),
        ("1E+3", "EUR", 100000),
    ],
)
def test_halves_are_rounded_away_from_zero(exact, code, minor):
    assert to_money(Decimal(exact), currency(code)) == Money(minor, currency(code))


@given(st.decimals(-(10**20), 10**20, places=12), currencies)
def test_rounding_is_odd_and_off_by_at_most_half_a_unit(exact, cur):
    money = to_money(exact, cur)
    assert to_money(exact.copy_negate(), cur) == -money
    assert abs(money.decimal() - exact) * 2 <= Decimal(1).scaleb(-cur.digits)


@given(minors, currencies)
def test_money_survives_its_decimal(minor, cur):
    money = Money(minor, cur)
    assert to_money(money.decimal(), cur) == money
    assert -money.decimal().as_tuple().exponent == cur.digits


@given(minors, minors, minors)
def test_money_adds_like_integers(a, b, c):
    x, y, z = Money(a, EUR), Money(b, EUR), Money(c, EUR)
    assert (x + y) + z == x + (y + z) == total([z, x, y], EUR)
    assert x - y == x + -y == -(y - x)
    assert (x < y, x <= y, x > y, x >= y) == (a < b, a <= b, a > b, a >= b)


def test_currencies_never_meet():
    euro, yen = Money(1, EUR), Money(1, JPY)
    for meeting in (
        lambda: euro + yen,
        lambda: euro - yen,
        lambda: euro < yen,
        lambda: euro >= yen,
        lambda: total([euro, yen], EUR),
        lambda: total([yen], EUR),
    ):
        with pytest.raises(Fault, match="currencies_meet"):
            meeting()
    assert euro != yen
    assert total([], EUR) == Money.zero(EUR)


@pytest.mark.parametrize("minor", [1.0, "1", Decimal(1), True, None])
def test_only_whole_minor_units_are_money(minor):
    with pytest.raises(Fault, match="not_minor_units"):
        Money(minor, EUR)


@pytest.mark.parametrize("exact", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_money(exact):
    with pytest.raises(Fault, match="not_exact"):
        to_money(Decimal(exact), EUR)


def test_money_writes_itself_with_all_its_digits():
    assert [str(Money(1230, cur)) for cur in (EUR, JPY, KWD)] == ["12.30 EUR", "1230 JPY", "1.230 KWD"]
    assert str(abs(Money(-5, EUR))) == "0.05 EUR"
