from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.invoicing import Line, apply_discounts
from abaque.core.invoicing.carry import carry
from abaque.core.money import Money, currency
from abaque.core.tax import Rate

EUR = currency("EUR")
RATES = {"20": Rate("S", Decimal(20)), "5.5": Rate("S", Decimal("5.5"))}


def of(*rows):
    return apply_discounts(
        [Line("docs", Decimal(1), None, Money(minor, EUR), RATES[rate]) for minor, rate in rows], ()
    )


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.sampled_from(list(RATES))), max_size=8))
def test_no_rate_is_negative_nothing_is_lost_and_nothing_waits_without_need(rows):
    kept, carried = carry(of(*rows))
    for name, rate in RATES.items():
        whole = sum(minor for minor, key in rows if key == name)
        stays = sum(line.net.minor for line in kept if line.line.rate == rate)
        waits = sum(line.net.minor for line in carried if line.rate == rate)
        assert (stays, waits) == (max(whole, 0), min(whole, 0))


@pytest.mark.parametrize(
    ("rows", "kept", "carried"),
    [
        ([(10000, "20"), (-4000, "20")], [10000, -4000], []),
        ([(-4000, "20"), (1000, "20")], [-1000, 1000], [-3000]),
        ([(-600, "20"), (1000, "20"), (-700, "20"), (-50, "20")], [-600, 1000, -400, 0], [-300, -50]),
        ([(-600, "20"), (1000, "5.5")], [0, 1000], [-600]),
    ],
)
def test_carrying_by_hand(rows, kept, carried):
    lines, waiting = carry(of(*rows))
    assert [line.net.minor for line in lines] == kept
    assert [line.net.minor for line in waiting] == carried


def test_what_waits_is_a_reduction_here_and_minus_one_at_its_price_on_the_next_invoice():
    lines, waiting = carry(of((-4000, "20"), (1000, "20")))
    assert [(part.code, part.amount.minor) for part in lines[0].reductions] == [("carried", -3000)]
    assert (waiting[0].quantity, waiting[0].unit) == (-1, Decimal("30.00"))
