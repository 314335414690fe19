from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import add, currency, multiply
from abaque.core.pricing import Package, rate

EUR = currency("EUR")
sizes = st.decimals("0.001", 10**6, places=3)
prices = st.decimals(0, 1000, places=4)
quantities = st.decimals(0, 10**9, places=3)


@given(sizes, prices, quantities)
def test_the_fewest_whole_packages_that_hold_the_quantity_are_paid(size, price, quantity):
    (step,) = rate(Package(size, price), quantity).steps
    assert step.quantity == int(step.quantity)
    assert multiply(step.quantity, size) >= quantity
    assert quantity == 0 or multiply(step.quantity - 1, size) < quantity
    assert step.amount == multiply(step.quantity, price)


@given(sizes, prices, quantities, quantities)
def test_more_never_costs_less(size, price, one, more):
    package = Package(size, price)
    assert rate(package, one).exact <= rate(package, add(one, more)).exact


# 5 € for each begun 1,000: nothing, then 1 to 1,000, then 1,001 to 2,000.
@pytest.mark.parametrize(
    ("quantity", "cents"),
    [("0", 0), ("1", 500), ("999.9", 500), ("1000", 500), ("1000.001", 1000), ("2000", 1000), ("2001", 1500)],
)
def test_a_begun_package_counts_whole(quantity, cents):
    assert rate(Package(Decimal(1000), Decimal(5)), Decimal(quantity)).money(EUR).minor == cents


def test_the_allowance_is_taken_off_before_packages_are_counted():
    # 2,300 used, 500 included: 1,800 to pay, 2 packages of 1,000 at 5 € = 10 €.
    rating = rate(Package(Decimal(1000), Decimal(5)), Decimal(2300), allowance=Decimal(500))
    assert rating.exact == 10
    assert [(step.kind, step.quantity, step.first) for step in rating.steps] == [
        ("included", 500, 0),
        ("package", 2, 1800),
    ]


def test_packages_are_counted_exactly_however_many():
    # In millionths of millionths: 999,999,999,999,999,998,000,000,000,002 in threes, and two are left over.
    (step,) = rate(Package(Decimal("3E-12"), Decimal(1)), Decimal("999999999999999998.000000000002")).steps
    assert step.quantity == 333333333333333332666666666668


@pytest.mark.parametrize("size", ["0", "-1", "NaN", "Infinity"])
def test_a_package_holds_something(size):
    with pytest.raises(Fault, match="bad_package_size"):
        Package(Decimal(size), Decimal(1))
