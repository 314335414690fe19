from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.ledger import Entry, Posting, exchange_difference, in_book, invoice_issued, payment_received
from abaque.core.money import Money, cumulative_share, currency
from abaque.core.tax import Rate, total_up

EUR, USD, JPY, KWD = currency("EUR"), currency("USD"), currency("JPY"), currency("KWD")
S20, S55 = Rate("S", Decimal(20)), Rate("S", Decimal("5.5"))
exchange_rates = st.decimals("0.0001", "500", places=4)


def of_customer(entry):
    return [posting for posting in entry.postings if posting.account == "receivable:c"]


@given(
    st.integers(1, 10**6),
    st.integers(0, 10**6),
    exchange_rates,
    st.lists(st.tuples(st.integers(1, 10**6), exchange_rates), max_size=5),
    exchange_rates,
)
def test_an_invoice_paid_at_any_rates_leaves_nothing_in_either_currency(s20, s55, rate, payments, last):
    totals = total_up([(S20, Money(s20, USD)), (S55, Money(s55, USD))], USD)
    issued = in_book(invoice_issued("c", totals), rate, EUR)
    booked = of_customer(issued)[0].book
    left = [*of_customer(issued)]
    paid = 0
    for amount, day_rate in [*payments, (totals.gross.minor, last)]:
        part = min(amount, totals.gross.minor - paid)
        if not part:
            continue
        payment = in_book(payment_received("c", Money(part, USD), Money(part, USD)), day_rate, EUR)
        worth = cumulative_share(booked, paid, paid + part, totals.gross.minor)
        received = -of_customer(payment)[0].book
        left += [*of_customer(payment), *of_customer(exchange_difference("c", USD, worth, received))]
        paid += part
    assert sum(posting.amount.minor for posting in left) == 0
    assert sum(posting.book.minor for posting in left) == 0


@pytest.mark.parametrize(
    ("unit", "gross", "rate", "book"),
    # 120.00 dollars at 0.9234 are 110.808 euros; 1,200 yen at 0.006135 are 7.362; 1.200 dinars at 2.8031 are 3.36372.
    [(USD, 12000, "0.9234", 11081), (JPY, 1200, "0.006135", 736), (KWD, 1200, "2.8031", 336)],
)
def test_the_worth_of_an_invoice_by_hand(unit, gross, rate, book):
    totals = total_up([(S20, Money(gross * 5 // 6, unit))], unit)
    assert of_customer(in_book(invoice_issued("c", totals), Decimal(rate), EUR))[0].book == Money(book, EUR)


def test_a_loss_by_hand():
    # Booked at 110.81, 108.00 came in.
    entry = exchange_difference("c", USD, Money(11081, EUR), Money(10800, EUR))
    assert [(p.account, p.amount.minor, p.book.minor) for p in entry.postings] == [
        ("receivable:c", 0, -281),
        ("exchange", 0, 281),
    ]


@pytest.mark.parametrize("rate", ["0", "-1", "NaN"])
def test_rates_that_are_none_are_refused(rate):
    entry = payment_received("c", Money(1, USD), Money(1, USD))
    with pytest.raises(Fault, match="bad_exchange_rate"):
        in_book(entry, Decimal(rate), EUR)


def test_an_entry_of_nothing_and_an_entry_in_two_currencies():
    assert in_book(invoice_issued("c", total_up([], USD)), Decimal(2), EUR).postings == ()
    two = Entry(
        "odd", tuple(Posting("a", Money(n, unit)) for n, unit in [(1, USD), (-1, USD), (1, JPY), (-1, JPY)])
    )
    with pytest.raises(Fault, match="currencies_meet"):
        in_book(two, Decimal(2), EUR)
