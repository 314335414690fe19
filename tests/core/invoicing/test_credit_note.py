from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import Line, credit_note, draft
from abaque.core.money import Money, currency
from abaque.core.tax import Rate

EUR = currency("EUR")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
S20, S55 = Rate("S", Decimal(20)), Rate("S", Decimal("5.5"))


def invoice(*rows):
    return draft(
        [Line("docs", Decimal(1), None, Money(minor, EUR), rate) for minor, rate in rows],
        at=NOW,
        currency=EUR,
    )


def parts(**amounts):
    return {int(name[1:]): Money(minor, EUR) for name, minor in amounts.items()}


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(-50, 10**5), st.sampled_from([S20, S55])), min_size=1, max_size=4),
    st.lists(st.lists(st.integers(0, 100), min_size=4, max_size=4), max_size=5),
)
def test_notes_never_exceed_the_invoice_and_together_give_back_exactly_its_tax(rows, shares):
    whole = invoice(*rows)
    notes = []
    for percents in shares:
        wanted = {
            index: Money(line.net.minor * percent // 100, EUR)
            for index, (line, percent) in enumerate(zip(whole.lines, percents, strict=False))
        }
        with suppress(Fault):
            notes.append(credit_note(whole, wanted, notes))
    with suppress(Fault):
        notes.append(credit_note(whole, None, notes))
    assert sum(note.totals.net.minor for note in notes) == whole.totals.net.minor
    assert sum(note.totals.tax.minor for note in notes) == whole.totals.tax.minor
    assert sum(note.totals.gross.minor for note in notes) == whole.totals.gross.minor
    assert all(group.tax.minor >= 0 for note in notes for group in note.totals.taxes)


def test_three_thirds_give_back_the_tax_of_the_whole():
    # 3 × 0.33 = 0.99, tax 0.20. A third of it is 0.0667: 0.07, then 0.13 less 0.07, then 0.20 less 0.13.
    whole = invoice((33, S20), (33, S20), (33, S20))
    notes = []
    for index in range(3):
        notes.append(credit_note(whole, {index: Money(33, EUR)}, notes))
    assert [note.totals.tax.minor for note in notes] == [7, 6, 7]


@pytest.mark.parametrize(
    ("wanted", "net", "tax"),
    [
        # 100.00 at 20 % and 40.00 at 5.5 %: tax 20.00 and 2.20.
        (None, 14000, 2220),
        (parts(_0=10000), 10000, 2000),
        (parts(_0=2500), 2500, 500),
        (parts(_0=2500, _1=1000), 3500, 555),
        (parts(_0=0, _1=1), 1, 0),
    ],
)
def test_notes_by_hand(wanted, net, tax):
    note = credit_note(invoice((10000, S20), (4000, S55)), wanted)
    assert (note.totals.net.minor, note.totals.tax.minor) == (net, tax)


@pytest.mark.parametrize(
    ("code", "wanted", "said"),
    [
        ("unknown_line", parts(_2=1), {"line": 2}),
        ("bad_credit_amount", parts(_0=-1), {"line": 0, "amount": Money(-1, EUR)}),
        ("credit_over_line", parts(_0=7501), {"line": 0, "left": Money(7500, EUR)}),
        ("nothing_to_credit", parts(_0=0), {}),
        ("nothing_to_credit", {}, {}),
    ],
)
def test_what_cannot_be_credited_is_named_with_what_is_left(code, wanted, said):
    whole = invoice((10000, S20), (4000, S55))
    before = [credit_note(whole, parts(_0=2500))]
    with pytest.raises(Fault, match=code) as caught:
        credit_note(whole, wanted, before)
    assert caught.value.params == said


def test_a_line_set_off_against_another_limits_what_can_be_credited():
    whole = invoice((10000, S20), (-8000, S20))
    with pytest.raises(Fault, match="credit_over_rate") as caught:
        credit_note(whole, parts(_0=2001))
    assert caught.value.params["left"] == Money(2000, EUR)
    with pytest.raises(Fault, match="credit_note_negative"):
        credit_note(whole, parts(_1=-1))
    assert credit_note(whole).totals.gross.minor == 2400
