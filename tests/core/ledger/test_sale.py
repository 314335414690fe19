from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.ledger import Settlement, VatPoint, credit_note_issued, invoice_issued, written_off
from abaque.core.money import Money, currency, total
from abaque.core.tax import Rate, total_up

EUR = currency("EUR")
S20, S55 = Rate("S", Decimal("20.00")), Rate("S", Decimal("5.5"))
rates = st.sampled_from([S20, Rate("S", Decimal("5.50")), Rate("AE", Decimal(0), "reverse_charge")])
nets = st.lists(
    st.tuples(rates, st.integers(-(10**9), 10**9).map(lambda minor: Money(minor, EUR))), max_size=8
)
# 100.00 at 20 % and 10.00 at 5.5 %: gross 130.55.
TOTALS = total_up([(S20, Money(10000, EUR)), (S55, Money(1000, EUR))], EUR)


def said(entry):
    return [(posting.account, posting.amount.minor) for posting in entry.postings]


@given(nets)
def test_the_entry_of_an_invoice_sums_to_zero_and_owes_the_gross(lines):
    totals = total_up(lines, EUR)
    entry = invoice_issued("cus_1", totals)
    assert total([posting.amount for posting in entry.postings], EUR) == Money.zero(EUR)
    owed = [posting.amount for posting in entry.postings if posting.account == "receivable:cus_1"]
    assert total(owed, EUR) == totals.gross
    assert all(posting.amount.minor for posting in entry.postings)


@pytest.mark.parametrize(("point", "account"), [(VatPoint.DEBITS, "vat"), (VatPoint.RECEIPTS, "vat_waiting")])
def test_an_invoice_by_hand(point, account):
    assert said(invoice_issued("cus_1", TOTALS, point)) == [
        ("receivable:cus_1", 13055),
        ("revenue:S:5.5", -1000),
        (f"{account}:S:5.5", -55),
        ("revenue:S:20", -10000),
        (f"{account}:S:20", -2000),
    ]


@pytest.mark.parametrize(
    ("received", "receivable", "unapplied"),
    # A note of 120.00 on 130.55: 10.55 stay. Unpaid, all of it comes off what is owed; of 100.00 received, 89.45
    # are the customer's again.
    [(0, -12000, 0), (1055, -12000, 0), (10000, -3055, -8945), (13055, 0, -12000)],
)
def test_a_credit_note_takes_off_what_is_owed_and_gives_back_the_rest(received, receivable, unapplied):
    note = total_up([(S20, Money(10000, EUR))], EUR)
    entry = credit_note_issued("cus_1", note, Settlement(TOTALS, Money(received, EUR)))
    found = dict(said(entry))
    assert found.pop("revenue:S:20") == 10000
    assert found.pop("vat:S:20") == 2000
    assert (found.get("receivable:cus_1", 0), found.get("unapplied:cus_1", 0)) == (receivable, unapplied)


def test_a_write_off_by_hand():
    # Half of 120.00 was paid: on debits 60.00 are lost, on receipts 50.00, for 10.00 of VAT never fall due.
    half = Settlement(total_up([(S20, Money(10000, EUR))], EUR), Money(6000, EUR))
    assert said(written_off("cus_1", half)) == [("bad_debt", 6000), ("receivable:cus_1", -6000)]
    assert said(written_off("cus_1", half, VatPoint.RECEIPTS)) == [
        ("bad_debt", 5000),
        ("vat_waiting:S:20", 1000),
        ("receivable:cus_1", -6000),
    ]
    with pytest.raises(Fault, match="nothing_open"):
        written_off("cus_1", Settlement(TOTALS, TOTALS.gross))
