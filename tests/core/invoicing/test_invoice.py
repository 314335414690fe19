from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import Credit, Deposit, Discount, Line, draft
from abaque.core.invoicing.invoice import grosses
from abaque.core.money import Money, currency, total
from abaque.core.tax import Rate

EUR, KWD, JPY = currency("EUR"), currency("KWD"), currency("JPY")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
S20, S55, AE = Rate("S", Decimal(20)), Rate("S", Decimal("5.5")), Rate("AE", Decimal(0), "reverse_charge")
CHARGES = ("docs", "seats", "base")
moneys = st.integers(1, 10**6).map(lambda minor: Money(minor, EUR))
scopes = st.sampled_from([None, ("docs",), ("docs", "base")])

lines = st.lists(
    st.builds(
        lambda charge, minor, rate: Line(charge, Decimal(1), None, Money(minor, EUR), rate),
        st.sampled_from(CHARGES),
        st.integers(-(10**6), 10**6),
        st.sampled_from([S20, S55, AE]),
    ),
    min_size=1,
    max_size=6,
)
discounts = st.lists(
    st.builds(lambda money, scope: Discount("off", amount=money, charges=scope), moneys, scopes)
    | st.builds(
        lambda percent, scope: Discount("off", percent=percent, charges=scope),
        st.decimals("0.1", "100", places=1),
        scopes,
    ),
    max_size=3,
)
held = st.lists(st.tuples(moneys, scopes, st.booleans()), max_size=3).map(
    lambda rows: [
        Credit(f"c{n}", money, NOW, charges=scope, paid=paid) for n, (money, scope, paid) in enumerate(rows)
    ]
)
deposits = st.lists(moneys, max_size=2).map(
    lambda all_: [Deposit(f"D{n}", left) for n, left in enumerate(all_)]
)


@settings(max_examples=200)
@given(lines, discounts, held, deposits)
def test_every_invoice_can_be_issued_and_nothing_is_lost(rated, off, credits_held, paid_before):
    # lago-api #4273: prepaid rounding gave a negative total and the invoice could never be finalised.
    found = draft(rated, at=NOW, discounts=off, held=credits_held, deposits=paid_before)
    assert found.totals.net.minor >= 0
    assert all(group.base.minor >= 0 and group.tax.minor >= 0 for group in found.totals.taxes)
    settled = total((burn.amount for burn in (*found.paid, *found.deposits)), EUR)
    assert found.totals.gross == settled + found.due
    assert found.due.minor >= 0
    taken = sum(part.amount.minor for line in found.lines for part in line.reductions)
    assert found.totals.net.minor == sum(line.net.minor for line in rated) - taken
    for line in found.lines:
        assert line.gross - total((part.amount for part in line.reductions), EUR) == line.net


@given(lines)
def test_what_is_carried_is_negative_and_comes_back_on_the_next_invoice(rated):
    first = draft(rated, at=NOW)
    assert all(line.net.minor < 0 for line in first.carried)
    assert first.totals.net + total((line.net for line in first.carried), EUR) == total(
        (line.net for line in rated), EUR
    )
    rest = Line("docs", Decimal(1), None, Money(10**8, EUR), S20)
    others = [Line("docs", Decimal(1), None, Money(10**8, EUR), rate) for rate in (S55, AE)]
    assert draft([rest, *others, *first.carried], at=NOW).carried == ()


@given(lines)
def test_lines_with_tax_sum_to_the_gross(rated):
    found = draft(rated, at=NOW)
    assert total(grosses(found.lines), EUR) == found.totals.gross


def of(*rows, unit=EUR):
    return [Line(charge, Decimal(1), None, Money(minor, unit), rate) for charge, minor, rate in rows]


@pytest.mark.parametrize(
    ("rows", "net", "tax", "carried"),
    [
        ([("docs", 10000, S20), ("base", -3000, S20)], 7000, 1400, []),
        ([("docs", 10000, S20), ("base", -13000, S20)], 0, 0, [-3000]),
        # The first credit line is set off whole, the second in part.
        ([("base", -6000, S20), ("docs", 10000, S20), ("base", -7000, S20)], 0, 0, [-3000]),
        # Set off at its own rate only: 100.00 at 20 % stay, 30.00 of the 50.00 at 5.5 % wait.
        ([("docs", 10000, S20), ("food", 2000, S55), ("food", -5000, S55)], 10000, 2000, [-3000]),
        # Net 10.00 but gross -10.00 if rates were mixed: 100.00 back at 20 % against 110.00 untaxed.
        ([("docs", -10000, S20), ("docs", 11000, AE)], 11000, 0, [-10000]),
        ([("docs", -1, S20)], 0, 0, [-1]),
    ],
)
def test_what_is_owed_to_the_customer_waits(rows, net, tax, carried):
    found = draft(of(*rows), at=NOW)
    assert (found.totals.net.minor, found.totals.tax.minor) == (net, tax)
    assert [line.net.minor for line in found.carried] == carried


def test_an_invoice_by_hand():
    # 50.00 + 200.00; 10 % off: 45.00 + 180.00; 25.00 given: 40.00 + 160.00 = 200.00; 20 %: 40.00; gross 240.00;
    # 100.00 bought, 60.00 deposit: 80.00 due.
    found = draft(
        of(("base", 5000, S20), ("docs", 20000, S20)),
        at=NOW,
        discounts=[Discount("ten", percent=Decimal(10))],
        held=[Credit("bought", Money(10000, EUR), NOW, paid=True), Credit("given", Money(2500, EUR), NOW)],
        deposits=[Deposit("F1", Money(6000, EUR))],
    )
    assert [line.net.minor for line in found.lines] == [4000, 16000]
    assert (found.totals.net.minor, found.totals.tax.minor, found.totals.gross.minor) == (20000, 4000, 24000)
    assert [[burn.amount.minor for burn in burns] for burns in (found.given, found.paid, found.deposits)] == [
        [2500],
        [10000],
        [6000],
    ]
    assert found.due.minor == 8000


@pytest.mark.parametrize(
    ("unit", "minor", "tax"),
    # 1,005 yen at 10 %: 100.5, so 101. 1.235 dinars at 20 %: 0.247. 0.99 euros at 20 %: 0.198, so 0.20.
    [(JPY, 1005, 101), (KWD, 1235, 247), (EUR, 99, 20)],
)
def test_tax_is_rounded_to_the_minor_unit_of_the_currency(unit, minor, tax):
    rate = Rate("S", Decimal(10) if unit is JPY else Decimal(20))
    assert draft(of(("docs", minor, rate), unit=unit), at=NOW).totals.tax.minor == tax


def test_an_invoice_of_nothing_needs_a_currency():
    assert draft([], at=NOW, currency=EUR).due == Money.zero(EUR)
    with pytest.raises(Fault, match="no_lines"):
        draft([], at=NOW)
