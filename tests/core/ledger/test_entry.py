import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.ledger import Entry, Posting
from abaque.core.money import Money, currency

EUR, USD = currency("EUR"), currency("USD")


@given(st.lists(st.integers(-(10**9), 10**9), max_size=6))
def test_an_entry_is_what_balances(minors):
    postings = [Posting("a", Money(minor, EUR)) for minor in minors]
    assert Entry("odd", (*postings, Posting("b", Money(-sum(minors), EUR))))
    with pytest.raises(Fault, match="unbalanced"):
        Entry("odd", (*postings, Posting("b", Money(1 - sum(minors), EUR))))


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


def test_the_book_currency_balances_too_or_is_absent():
    debit, credit = Money(700, USD), Money(-700, USD)
    assert Entry("sale", (Posting("a", debit, Money(650, EUR)), Posting("b", credit, Money(-650, EUR))))
    with pytest.raises(Fault, match="unbalanced"):
        Entry("sale", (Posting("a", debit, Money(650, EUR)), Posting("b", credit, Money(-649, EUR))))
    with pytest.raises(Fault, match="book_missing"):
        Entry("sale", (Posting("a", debit, Money(0, EUR)), Posting("b", credit)))
