from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.ledger import Entry, Posting, invoice_issued
from abaque.core.money import Money, currency, total
from abaque.core.tax import Rate, total_up

EUR, USD = currency("EUR"), currency("USD")
rates = st.sampled_from(
    [Rate("S", Decimal(20)), Rate("S", Decimal("5.50")), Rate("AE", Decimal(0), "reverse_charge")]
)
nets = st.lists(
    st.tuples(rates, st.integers(-(10**9), 10**9).map(lambda minor: Money(minor, EUR))), max_size=8
)


@given(nets)
def test_the_entry_of_an_invoice_sums_to_zero_and_owes_the_gross(lines):
    totals = total_up(lines, EUR)
    entry = invoice_issued("cus_1", totals)
    assert total([posting.amount for posting in entry.postings], EUR) == Money.zero(EUR)
    owed = [posting.amount for posting in entry.postings if posting.account == "receivable:cus_1"]
    assert total(owed, EUR) == totals.gross
    assert all(posting.amount.minor for posting in entry.postings)


def test_an_invoice_by_hand():
    totals = total_up(
        [(Rate("S", Decimal("20.00")), Money(10000, EUR)), (Rate("S", Decimal("5.5")), Money(1000, EUR))], EUR
    )
    assert [(p.account, p.amount.minor) for p in invoice_issued("cus_1", totals).postings] == [
        ("receivable:cus_1", 13055),
        ("revenue:S:5.5", -1000),
        ("vat:S:5.5", -55),
        ("revenue:S:20", -10000),
        ("vat:S:20", -2000),
    ]


@pytest.mark.parametrize(
    "amounts",
    [[Money(1, EUR)], [Money(-1, EUR)], [Money(1, EUR), Money(-1, USD)], [Money(2, EUR), Money(-1, EUR)]],
)
def test_what_does_not_balance_in_each_currency_is_refused(amounts):
    with pytest.raises(Fault, match="unbalanced"):
        Entry("odd", tuple(Posting(str(n), amount) for n, amount in enumerate(amounts)))


def test_currencies_balance_apart():
    amounts = [Money(5, EUR), Money(-5, EUR), Money(7, USD), Money(-7, USD)]
    assert len(Entry("exchange", tuple(Posting("a", amount) for amount in amounts)).postings) == 4
