from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.ledger import VatPoint, deposit_invoiced, deposit_used
from abaque.core.money import Money, currency
from abaque.core.tax import Rate, total_up

EUR = currency("EUR")
S20, S55 = Rate("S", Decimal(20)), Rate("S", Decimal("5.5"))


def of(s20, s55):
    return total_up([(S20, Money(s20, EUR)), (S55, Money(s55, EUR))], EUR)


def said(entry):
    return [(posting.account, posting.amount.minor) for posting in entry.postings]


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.lists(st.integers(1, 10**6), max_size=6))
def test_a_deposit_used_whole_leaves_nothing_but_what_was_paid(s20, s55, parts):
    deposit = of(s20, s55)
    balances = Counter(dict(said(deposit_invoiced("c", deposit))))
    used = 0
    for part in (*parts, deposit.gross.minor):
        now = min(part, deposit.gross.minor - used)
        if now:
            for account, minor in said(deposit_used("c", deposit, Money(used, EUR), Money(now, EUR))):
                balances[account] += minor
            used += now
    assert not any(balances.values())


def test_a_deposit_by_hand():
    # 100.00 at 20 %. 40.00 of its 120.00 hold 6.67 of tax, the other 80.00 the rest.
    deposit = total_up([(S20, Money(10000, EUR))], EUR)
    assert said(deposit_invoiced("c", deposit, VatPoint.RECEIPTS)) == [
        ("receivable:c", 12000),
        ("deposits:c", -10000),
        ("vat_waiting:S:20", -2000),
    ]
    first, then = ((0, 4000), (4000, 8000))
    assert said(deposit_used("c", deposit, *(Money(minor, EUR) for minor in first))) == [
        ("deposits:c", 3333),
        ("vat:S:20", 667),
        ("receivable:c", -4000),
    ]
    assert said(deposit_used("c", deposit, *(Money(minor, EUR) for minor in then))) == [
        ("deposits:c", 6667),
        ("vat:S:20", 1333),
        ("receivable:c", -8000),
    ]


def test_more_than_the_deposit_is_refused():
    with pytest.raises(Fault, match="bad_share"):
        deposit_used("c", of(10000, 0), Money(0, EUR), Money(12001, EUR))
