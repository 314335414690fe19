from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import Money, currency, total
from abaque.core.tax import Rate, from_gross, tax_on

EUR = currency("EUR")
S20, S55, AE = Rate("S", Decimal(20)), Rate("S", Decimal("5.5")), Rate("AE", Decimal(0), "reverse_charge")
lines = st.lists(
    st.tuples(
        st.sampled_from([S20, S55, AE, Rate("S", Decimal("2.1"))]),
        st.integers(-(10**8), 10**8).map(lambda minor: Money(minor, EUR)),
    ),
    max_size=8,
)


@given(lines)
def test_the_customer_pays_what_is_printed(grosses):
    nets, found = from_gross(grosses, EUR)
    assert found.gross == total([money for _, money in grosses], EUR) == found.net + found.tax
    assert total(nets, EUR) == found.net
    for group in found.taxes:
        rows = list(zip(grosses, nets, strict=True))
        assert group.base == total([net for (rate, _), net in rows if rate == group.rate], EUR)
        assert group.base + group.tax == total(
            [money for (rate, money), _ in rows if rate == group.rate], EUR
        )
        assert abs(group.tax.minor - tax_on(group.base, group.rate).minor) <= 1


@pytest.mark.parametrize(
    ("unit", "percent", "gross", "net"),
    [
        ("EUR", "20", 12000, 10000),
        ("EUR", "20", 9999, 8332),  # 9999 / 6 = 1666.5, so 1667 of tax
        ("EUR", "5.5", 1055, 1000),
        ("EUR", "20", 3, 2),  # 0.5 of a cent is tax, so one
        ("EUR", "20", -12000, -10000),
        ("JPY", "10", 1000, 909),  # 90.9 yen
        ("KWD", "5", 1000, 952),  # 47.6 fils
    ],
)
def test_the_tax_inside_by_hand(unit, percent, gross, net):
    money = currency(unit)
    nets, found = from_gross([(Rate("S", Decimal(percent)), Money(gross, money))], money)
    assert (nets[0].minor, found.tax.minor) == (net, gross - net)


def test_three_lines_of_one_rate_have_their_tax_taken_out_once():
    # 3 × 1.00: tax 300 / 6 = 50, net 250; cumulative nets 83 (83.3), 167 (166.7), 250: lines 83, 84, 83.
    nets, found = from_gross([(S20, Money(100, EUR))] * 3, EUR)
    assert [net.minor for net in nets] == [83, 84, 83]
    assert (found.net.minor, found.tax.minor) == (250, 50)


def test_what_may_not_stand_on_one_document_is_refused():
    with pytest.raises(Fault, match="outside_scope_mixed"):
        from_gross([(Rate("O", Decimal(0), "outside_scope"), Money(1, EUR)), (S20, Money(1, EUR))], EUR)
    with pytest.raises(Fault, match="currencies_meet"):
        from_gross([(S20, Money(1, currency("USD")))], EUR)
