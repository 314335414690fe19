from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.ledger import Settlement, vat_fell_due
from abaque.core.money import Money, currency
from abaque.core.tax import Rate, total_up

EUR = currency("EUR")
S20, S55 = Rate("S", Decimal(20)), Rate("S", Decimal("5.5"))


def settlement(s20, s55, received=0):
    return Settlement(total_up([(S20, Money(s20, EUR)), (S55, Money(s55, EUR))], EUR), Money(received, EUR))


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.lists(st.integers(1, 10**6), max_size=8),
    st.integers(0, 100),
)
def test_whatever_the_payments_and_credit_notes_nothing_waits_at_the_end(s20, s55, payments, percent):
    state = settlement(s20, s55)
    waiting = Counter(
        {
            f"vat_waiting:{part.rate.category}:{part.rate.percent}": -part.tax.minor
            for part in state.totals.taxes
        }
    )
    for number, payment in enumerate([*payments, 10**8]):
        after = state.receive(Money(payment, EUR))
        if number == 1:
            note = total_up([(S20, Money(s20 * percent // 100, EUR))], EUR)
            if note.tax <= state.totals.tax:
                after = after.credit(note)
                waiting["vat_waiting:S:20"] += note.tax.minor
        for posting in vat_fell_due(state, after).postings:
            waiting[posting.account] += posting.amount.minor
        state = after
        for rate, due in state.vat_due().items():
            whole = next(part.tax.minor for part in state.totals.taxes if part.rate == rate)
            assert waiting[f"vat_waiting:{rate.category}:{rate.percent}"] == due.minor - whole
    assert state.open == Money.zero(EUR)
    assert not any(minor for account, minor in waiting.items() if account.startswith("vat_waiting"))


@pytest.mark.parametrize(
    ("payments", "moved"),
    [
        # 100.00 at 20 % and 100.00 at 5.5 %: gross 225.50. A third (75.17) makes 6.67 and 1.83 due.
        ([7517], [(667, 183)]),
        ([7517, 7517, 7516], [(667, 183), (666, 184), (667, 183)]),
        ([22550], [(2000, 550)]),
        ([99999], [(2000, 550)]),
    ],
)
def test_vat_on_receipts_by_hand(payments, moved):
    state = settlement(10000, 10000)
    found = []
    for payment in payments:
        after = state.receive(Money(payment, EUR))
        parts = {posting.account: posting.amount.minor for posting in vat_fell_due(state, after).postings}
        assert parts["vat:S:20"] == -parts["vat_waiting:S:20"]
        found.append((parts["vat_waiting:S:20"], parts["vat_waiting:S:5.5"]))
        state = after
    assert found == moved


def test_a_credit_note_after_payment_takes_the_vat_back():
    # 120.00 paid, 60.00 credited: 10.00 of the 20.00 due come back.
    before = settlement(10000, 0, received=12000)
    after = before.credit(total_up([(S20, Money(5000, EUR))], EUR))
    assert [(p.account, p.amount.minor) for p in vat_fell_due(before, after).postings] == [
        ("vat_waiting:S:20", -1000),
        ("vat:S:20", 1000),
    ]


@pytest.mark.parametrize("received", [-1, 12001])
def test_a_settlement_beyond_the_invoice_is_refused(received):
    with pytest.raises(Fault, match="bad_settlement"):
        settlement(10000, 0, received=received)
