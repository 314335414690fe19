from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.invoicing import Discount, Line, apply_discounts, discounts_left
from abaque.core.money import Money, currency, total
from abaque.core.tax import Rate

EUR, JPY, KWD = currency("EUR"), currency("JPY"), currency("KWD")
STANDARD = Rate("S", Decimal(20))
CHARGES = ("docs", "seats", "base")

lines = st.lists(
    st.builds(
        lambda charge, minor: Line(charge, Decimal(1), None, Money(minor, EUR), STANDARD),
        st.sampled_from(CHARGES),
        st.integers(-(10**6), 10**7),
    ),
    min_size=1,
    max_size=6,
)
scopes = st.none() | st.sets(st.sampled_from(CHARGES), min_size=1).map(tuple)
percentages = st.builds(
    lambda percent, scope: Discount("off", percent=percent, charges=scope),
    st.decimals("0.01", "100", places=2),
    scopes,
)
amounts = st.builds(
    lambda minor, scope: Discount("off", amount=Money(minor, EUR), charges=scope),
    st.integers(1, 10**8),
    scopes,
)
discounts = st.lists(percentages | amounts, max_size=4)


def of(*minors, unit=EUR):
    return [Line(charge, Decimal(1), None, Money(minor, unit), STANDARD) for charge, minor in minors]


@settings(max_examples=200)
@given(lines, discounts)
def test_nothing_is_lost_and_nothing_becomes_negative(rated, off):
    found = apply_discounts(rated, off)
    for line, was in zip(found, rated, strict=True):
        assert line.gross == was.net
        assert line.gross - total([part.amount for part in line.reductions], EUR) == line.net
        assert line.net.minor >= 0 or line.net == was.net
        assert was.net.minor > 0 or not line.reductions
    before, after = (
        sum(net.minor for net in nets) for nets in ([x.net for x in rated], [x.net for x in found])
    )
    assert after >= 0 or after == before


@given(lines, discounts, discounts)
def test_each_discount_applies_to_what_the_previous_left(rated, first, then):
    once = apply_discounts(rated, [*first, *then])
    left = apply_discounts(rated, first)
    again = apply_discounts([Line(x.line.charge, Decimal(1), None, x.net, STANDARD) for x in left], then)
    assert [line.net for line in once] == [line.net for line in again]


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=6), st.decimals("0.01", "100", places=2))
def test_a_percentage_is_exact_on_the_total(minors, percent):
    found = apply_discounts(of(*(("docs", minor) for minor in minors)), [Discount("off", percent=percent)])
    taken = sum(minors) - sum(line.net.minor for line in found)
    exact = sum(minors) * percent / 100
    assert abs(taken - exact) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("rated", "off", "nets"),
    [
        # 10 % of 99.99 is 9.999, rounded 10.00; by largest remainder each line of 33.33 gives 3.33, the first 3.34.
        ([("docs", 3333)] * 3, [Discount("a", percent=Decimal(10))], [2999, 3000, 3000]),
        # 10 % then 10 % is 19 %, not 20 %.
        ([("docs", 10000)], [Discount("a", percent=Decimal(10)), Discount("b", percent=Decimal(10))], [8100]),
        # 50.00 off, then 10 % of the 150.00 left; the other way round 130.00.
        (
            [("docs", 20000)],
            [Discount("a", amount=Money(5000, EUR)), Discount("b", percent=Decimal(10))],
            [13500],
        ),
        (
            [("docs", 20000)],
            [Discount("b", percent=Decimal(10)), Discount("a", amount=Money(5000, EUR))],
            [13000],
        ),
        # 30.00 over 10.00 and 50.00: by weight 5.00 and 25.00.
        ([("base", 1000), ("docs", 5000)], [Discount("a", amount=Money(3000, EUR))], [500, 2500]),
        # More than there is: the rest is forfeited.
        ([("base", 1000), ("docs", 5000)], [Discount("a", amount=Money(9000, EUR))], [0, 0]),
        # Only the charge in scope is reduced.
        (
            [("base", 1000), ("docs", 5000)],
            [Discount("a", percent=Decimal(100), charges=("docs",))],
            [1000, 0],
        ),
        # A negative line is not discounted: half of 100.00, not of 80.00.
        ([("base", 10000), ("base", -2000)], [Discount("a", percent=Decimal(50))], [5000, -2000]),
        # Half of 100.00 would leave 50.00 - 80.00: it stops where the total is zero.
        ([("base", 10000), ("base", -8000)], [Discount("a", percent=Decimal(50))], [8000, -8000]),
        ([("base", 0), ("docs", -100)], [Discount("a", percent=Decimal(50))], [0, -100]),
    ],
)
def test_discounts_by_hand(rated, off, nets):
    assert [line.net.minor for line in apply_discounts(of(*rated), off)] == nets


@pytest.mark.parametrize(
    ("unit", "minor", "percent", "left"),
    [(JPY, 1005, "10", 904), (KWD, 12345, "10", 11110), (EUR, 5, "10", 4), (EUR, 100, "33.333", 67)],
)
def test_half_a_minor_unit_goes_away_from_zero(unit, minor, percent, left):
    # JPY: 100.5 off, so 101; KWD: 1234.5 fils off, so 1235; EUR: 0.5 of a cent off, so 1; 33.333, so 33.
    found = apply_discounts(of(("docs", minor), unit=unit), [Discount("a", percent=Decimal(percent))])
    assert found[0].net.minor == left


def test_what_a_discount_took_off_each_line_is_kept():
    found = apply_discounts(
        of(("base", 1000), ("docs", 5000)),
        [Discount("ten", percent=Decimal(10)), Discount("docs", amount=Money(100, EUR), charges=("docs",))],
    )
    assert [[(part.code, part.amount.minor) for part in line.reductions] for line in found] == [
        [("ten", 100)],
        [("ten", 500), ("docs", 100)],
    ]


def test_a_discount_is_used_up_by_the_invoices_it_reduced_and_no_others():
    once, thrice = Discount("a", percent=Decimal(10), times=1), Discount("b", percent=Decimal(10), times=3)
    for_ever, elsewhere = (
        Discount("c", percent=Decimal(10)),
        Discount("d", percent=Decimal(10), times=1, charges=("x",)),
    )
    offered = [once, thrice, for_ever, elsewhere]
    left = discounts_left(offered, apply_discounts(of(("docs", 1000)), offered))
    assert [(discount.code, discount.times) for discount in left] == [("b", 2), ("c", None), ("d", 1)]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("percent_over_100", {"percent": Decimal("100.01")}),
        ("bad_discount", {}),
        ("bad_discount", {"percent": Decimal(0)}),
        ("bad_discount", {"percent": Decimal(-5)}),
        ("bad_discount", {"percent": Decimal("NaN")}),
        ("bad_discount", {"amount": Money(0, EUR)}),
        ("bad_discount", {"percent": Decimal(5), "amount": Money(1, EUR)}),
        ("bad_discount", {"percent": Decimal(5), "times": 0}),
    ],
)
def test_discounts_that_mean_nothing_are_refused(code, said):
    with pytest.raises(Fault, match=code):
        Discount("a", **said)


def test_a_discount_in_another_currency_is_refused():
    with pytest.raises(Fault, match="currencies_meet"):
        apply_discounts(of(("docs", 100)), [Discount("a", amount=Money(100, JPY))])
