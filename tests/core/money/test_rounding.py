from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money.rounding import Rounding, RoundingMode, rounded

quantities = st.decimals(-(10**9), 10**9, places=6)
roundings = st.builds(Rounding, st.integers(0, 5), st.sampled_from(RoundingMode))


@given(quantities, roundings)
def test_a_rounded_quantity_is_a_whole_number_of_steps_less_than_one_away(quantity, rounding):
    found, step = rounded(quantity, rounding), Decimal(1).scaleb(-rounding.places)
    assert found % step == 0
    assert abs(found - quantity) < step
    assert rounded(found, rounding) == found
    assert rounded(-quantity, rounding) == -found


@given(quantities, st.integers(0, 5))
def test_up_is_away_from_zero_and_down_towards_it(quantity, places):
    up, down, near = (abs(rounded(quantity, Rounding(places, mode))) for mode in ("up", "down", "nearest"))
    assert down <= abs(quantity) <= up
    assert near == (down if abs(quantity) - down < up - abs(quantity) else up)


@pytest.mark.parametrize(
    ("quantity", "places", "mode", "wanted"),
    [
        ("2.1", 0, "up", "3"),
        ("2.9", 0, "down", "2"),
        ("2.5", 0, "nearest", "3"),
        ("-2.5", 0, "nearest", "-3"),
        ("-2.1", 0, "up", "-3"),
        ("-2.9", 0, "down", "-2"),
        ("1.005", 2, "nearest", "1.01"),
        ("1.001", 2, "up", "1.01"),
        ("7", 2, "up", "7"),
        ("0", 0, "up", "0"),
        ("0.0000000000005", 12, "nearest", "0.000000000001"),
    ],
)
def test_quantities_by_hand(quantity, places, mode, wanted):
    assert rounded(Decimal(quantity), Rounding(places, RoundingMode(mode))) == Decimal(wanted)


def test_what_cannot_be_rounded_is_refused():
    for places in (-1, 13):
        with pytest.raises(Fault, match="bad_scale"):
            Rounding(places)
    with pytest.raises(Fault, match="not_exact"):
        rounded(Decimal("NaN"), Rounding())
