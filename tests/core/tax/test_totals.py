from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, currency, to_money, total
from abaque.core.tax import Rate, tax_on, total_up

EUR = currency("EUR")
rates = st.sampled_from(
    [
        Rate("S", Decimal(20)),
        Rate("S", Decimal("5.5")),
        Rate("S", Decimal("2.1")),
        Rate("AE", Decimal(0), "reverse_charge"),
        Rate("E", Decimal(0), "exempt"),
    ]
)
nets = st.lists(
    st.tuples(rates, st.integers(-(10**9), 10**9).map(lambda minor: Money(minor, EUR))), max_size=8
)


@given(nets)
def test_lines_sum_to_totals(lines):
    found = total_up(lines, EUR)
    assert found.net == total([net for _, net in lines], EUR)
    assert found.tax == total([group.tax for group in found.taxes], EUR)
    assert found.gross == found.net + found.tax
    assert total([group.base for group in found.taxes], EUR) == found.net


@given(nets)
def test_br_co_17_tax_is_counted_per_category_and_rate_on_the_sum_of_net_lines(lines):
    for group in total_up(lines, EUR).taxes:
        base = total([net for rate, net in lines if rate == group.rate], EUR)
        assert group.base == base
        assert group.tax == to_money(base.decimal() * group.rate.percent / 100, EUR)


@given(nets, st.randoms())
def test_the_order_of_lines_changes_no_total(lines, random):
    mixed = list(lines)
    random.shuffle(mixed)
    assert total_up(mixed, EUR) == total_up(lines, EUR)


def test_three_lines_are_taxed_once():
    # 3 × 0.33 net: 20 % of each is 0.066, rounded 0.07, thrice 0.21; of the sum 0.99 it is 0.20.
    found = total_up([(Rate("S", Decimal(20)), Money(33, EUR))] * 3, EUR)
    assert (found.net.minor, found.tax.minor, found.gross.minor) == (99, 20, 119)


@pytest.mark.parametrize(
    ("minor", "percent", "tax"),
    [(10, "5", 1), (-10, "5", -1), (100, "5.5", 6), (10000, "2.1", 210), (9, "5", 0)],
)
def test_tax_by_hand(minor, percent, tax):
    assert tax_on(Money(minor, EUR), Rate("S", Decimal(percent))).minor == tax


def test_what_may_not_stand_on_one_document_is_refused():
    one = Money(1, EUR)
    outside, standard = Rate("O", Decimal(0), "outside_scope"), Rate("S", Decimal(20))
    with pytest.raises(Fault, match="outside_scope_mixed"):
        total_up([(outside, one), (standard, one)], EUR)
    with pytest.raises(Fault, match="mentions_differ"):
        total_up([(Rate("E", Decimal(0), "a"), one), (Rate("E", Decimal(0), "b"), one)], EUR)
    with pytest.raises(Fault, match="currencies_meet"):
        total_up([(standard, Money(1, currency("USD")))], EUR)


def test_totals_take_lines_that_can_be_read_only_once():
    assert total_up(iter([(Rate("S", Decimal(20)), Money(100, EUR))]), EUR).gross.minor == 120


@pytest.mark.parametrize(
    ("unit", "nets", "taxes", "gross"),
    [
        # 100.00 and 50.00 at 20 %: 30.00; 33.33 at 5.5 %: 1.83315; 10.01 at 2.1 %: 0.21021.
        ("EUR", [("20", 10000), ("5.5", 3333), ("20", 5000), ("2.1", 1001)], [21, 183, 3000], 22538),
        # Yen have no minor unit: 999 at 10 % is 99.9, 505 at 8 % is 40.4.
        ("JPY", [("10", 999), ("8", 505)], [40, 100], 1644),
        # A dinar has 1,000 fils: 12.345 at 5 % is 0.61725.
        ("KWD", [("5", 12345)], [617], 12962),
    ],
)
def test_totals_of_several_rates_by_hand(unit, nets, taxes, gross):
    money = currency(unit)
    found = total_up([(Rate("S", Decimal(percent)), Money(minor, money)) for percent, minor in nets], money)
    assert [group.tax.minor for group in found.taxes] == taxes
    assert found.gross.minor == gross


def test_supplies_outside_the_scope_stand_alone():
    outside = Rate("O", Decimal(0), "outside_scope")
    due = total_up([(outside, Money(1000, currency("EUR")))] * 2, currency("EUR"))
    assert (due.net.minor, due.tax.minor, due.gross.minor) == (2000, 0, 2000)


def test_a_currency_is_known_by_what_it_is_not_by_which_object_it_is():
    euro = Currency("EUR", 2)
    assert euro is not currency("EUR")
    assert total_up([(Rate("S", Decimal(20)), Money(100, euro))], currency("EUR")).gross.minor == 120
