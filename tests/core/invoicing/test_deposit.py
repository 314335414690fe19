import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import Deposit
from abaque.core.invoicing.deposit import use_deposits
from abaque.core.money import Money, currency

EUR = currency("EUR")


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=5))
def test_deposits_pay_all_they_can_and_no_more(due, lefts):
    had = [Deposit(f"D{n}", Money(left, EUR)) for n, left in enumerate(lefts)]
    used = use_deposits(Money(due, EUR), had)
    assert sum(burn.amount.minor for burn in used) == min(due, sum(lefts))
    left = {deposit.invoice: deposit.left.minor for deposit in had}
    assert all(0 < burn.amount.minor <= left[burn.code] for burn in used)


@pytest.mark.parametrize(
    ("due", "used"),
    [(12000, "D1:5000 D3:4000"), (5000, "D1:5000"), (5001, "D1:5000 D3:1"), (0, "")],
)
def test_deposits_by_hand(due, used):
    had = [Deposit("D1", Money(5000, EUR)), Deposit("D2", Money(0, EUR)), Deposit("D3", Money(4000, EUR))]
    found = use_deposits(Money(due, EUR), had)
    assert " ".join(f"{burn.code}:{burn.amount.minor}" for burn in found) == used


def test_a_negative_deposit_is_refused():
    with pytest.raises(Fault, match="negative_deposit"):
        Deposit("D1", Money(-1, EUR))
