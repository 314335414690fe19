"""Payments by hand, and the law over random sequences of facts."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.ledger import (
    Settlement,
    VatPoint,
    credit_bought,
    credit_burnt,
    credit_expired,
    credit_note_issued,
    invoice_issued,
    payment_applied,
    payment_received,
    refunded,
    vat_fell_due,
    written_off,
)
from abaque.core.money import Money, currency
from abaque.core.tax import Rate, total_up

EUR = currency("EUR")
S20, S55 = Rate("S", Decimal(20)), Rate("S", Decimal("5.5"))
facts = st.lists(
    st.tuples(st.sampled_from(["pay", "burn", "apply", "refund", "note"]), st.integers(1, 5000)), max_size=12
)


def eur(minor):
    return Money(minor, EUR)


class Books:
    """What a shell does: it posts the entries and keeps the settlement of the one invoice."""

    def __init__(self, totals, point):
        self.point, self.balances = point, Counter()
        self.state = Settlement(totals, eur(0))
        self.post(invoice_issued("c", totals, point))
        self.post(credit_bought("c", eur(20000)))

    def post(self, entry):
        for posting in entry.postings:
            self.balances[posting.account] += posting.amount.minor
        assert sum(self.balances.values()) == 0

    def settle(self, after):
        if self.point is VatPoint.RECEIPTS:
            self.post(vat_fell_due(self.state, after))
        self.state = after

    def receive(self, minor, entry):
        self.post(entry)
        self.settle(self.state.receive(eur(minor)))

    def play(self, kind, minor):
        owed, mine = self.state.open.minor, -self.balances["unapplied:c"]
        if kind == "pay":
            self.receive(minor, payment_received("c", eur(minor), self.state.open))
        elif kind == "burn" and (part := min(minor, owed, -self.balances["prepaid:c"])) > 0:
            self.receive(part, credit_burnt("c", eur(part)))
        elif kind == "apply" and (part := min(minor, owed, mine)) > 0:
            self.receive(part, payment_applied("c", eur(part)))
        elif kind == "refund" and min(minor, mine) > 0:
            self.post(refunded("c", eur(min(minor, mine))))
        elif kind == "note":
            left = next(part for part in self.state.totals.taxes if part.rate == S20)
            note = total_up([(S20, eur(min(minor, left.base.minor)))], EUR)
            if note.tax <= left.tax:
                self.post(credit_note_issued("c", note, self.state, self.point))
                self.settle(self.state.credit(note))


@settings(max_examples=200)
@given(st.integers(0, 9999), st.integers(0, 9999), st.sampled_from(list(VatPoint)), facts, st.booleans())
def test_whatever_happens_the_books_balance_and_nothing_waits_once_an_invoice_is_closed(
    s20, s55, point, sequence, paid
):
    books = Books(total_up([(S20, eur(s20)), (S55, eur(s55))], EUR), point)
    for kind, minor in sequence:
        books.play(kind, minor)
        assert books.balances["receivable:c"] == books.state.open.minor
        assert books.balances["unapplied:c"] <= 0
    left = books.state.open
    if left.minor and paid:
        books.receive(left.minor, payment_received("c", left, left))
    elif left.minor:
        books.post(written_off("c", books.state, point))
    if -books.balances["prepaid:c"]:
        books.post(credit_expired("c", eur(-books.balances["prepaid:c"])))
    assert {account for account, minor in books.balances.items() if minor} <= {
        "bank",
        "bad_debt",
        "breakage",
        "unapplied:c",
        "revenue:S:20",
        "revenue:S:5.5",
        "vat:S:20",
        "vat:S:5.5",
    }


def said(entry):
    return [(posting.account, posting.amount.minor) for posting in entry.postings]


@pytest.mark.parametrize(
    ("amount", "owed", "postings"),
    [
        (5000, 12000, [("bank", 5000), ("receivable:c", -5000)]),
        (12000, 12000, [("bank", 12000), ("receivable:c", -12000)]),
        (13000, 12000, [("bank", 13000), ("receivable:c", -12000), ("unapplied:c", -1000)]),
        (1000, 0, [("bank", 1000), ("unapplied:c", -1000)]),
    ],
)
def test_payments_in_part_in_full_and_over(amount, owed, postings):
    assert said(payment_received("c", eur(amount), eur(owed))) == postings


@pytest.mark.parametrize(
    ("fact", "debit", "credit"),
    [
        (payment_applied, "unapplied:c", "receivable:c"),
        (refunded, "unapplied:c", "bank"),
        (credit_bought, "bank", "prepaid:c"),
        (credit_burnt, "prepaid:c", "receivable:c"),
        (credit_expired, "prepaid:c", "breakage"),
    ],
)
def test_the_other_facts_by_hand(fact, debit, credit):
    assert said(fact("c", eur(700))) == [(debit, 700), (credit, -700)]
    with pytest.raises(Fault, match="bad_amount"):
        fact("c", eur(0))
