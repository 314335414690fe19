from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money.rounding import Rounding, RoundingMode, rounded

quantities = st.decimals(-(10**9), 10**9, places=6)
modes = st.sampled_from(RoundingMode)
steps = st.decimals("0.001", 10**6, places=3) | st.sampled_from(
    [Decimal("0.25"), Decimal(10), Decimal("1E+3")]
)
roundings = st.one_of(st.builds(Rounding.places, st.integers(0, 5), modes), st.builds(Rounding, steps, modes))


@given(quantities, roundings)
def test_a_rounded_quantity_is_a_whole_number_of_steps_less_than_one_away(quantity, rounding):
    found, step = rounded(quantity, rounding), rounding.step
    assert found % step == 0
    assert abs(found - quantity) < step
    assert rounded(found, rounding) == found
    assert rounded(-quantity, rounding) == -found


@given(quantities, steps)
def test_up_is_away_from_zero_and_down_towards_it(quantity, step):
    up, down, near = (abs(rounded(quantity, Rounding(step, mode))) for mode in ("up", "down", "nearest"))
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
    assert rounded(Decimal(quantity), Rounding.places(places, RoundingMode(mode))) == Decimal(wanted)


@pytest.mark.parametrize(
    ("quantity", "step", "mode", "wanted"),
    [
        ("1", "10", "up", "10"),
        ("10", "10", "up", "10"),
        ("10.000001", "10", "up", "20"),
        ("14.99", "10", "nearest", "10"),
        ("15", "10", "nearest", "20"),
        ("-15", "10", "nearest", "-20"),
        ("-1", "10", "up", "-10"),
        ("999.999", "1000", "down", "0"),
        ("-1999", "1000", "down", "-1000"),
        ("0.125", "0.25", "nearest", "0.25"),
        ("0.124", "0.25", "nearest", "0"),
        ("7.26", "0.25", "down", "7.25"),
        ("7", "3", "nearest", "6"),
        ("0", "1000", "up", "0"),
        ("0.000000000001", "1000", "up", "1000"),
    ],
)
def test_multiples_by_hand(quantity, step, mode, wanted):
    assert rounded(Decimal(quantity), Rounding(Decimal(step), RoundingMode(mode))) == Decimal(wanted)


def test_places_are_steps():
    assert Rounding.places(2) == Rounding(Decimal("0.010"))
    assert Rounding.places(0) == Rounding()


def test_what_cannot_be_rounded_is_refused():
    for places in (-1, 13):
        with pytest.raises(Fault, match="bad_scale"):
            Rounding.places(places)
    for step in ("0", "-1", "1E-13", "1E+12", "NaN", "Infinity"):
        with pytest.raises(Fault, match="bad_step"):
            Rounding(Decimal(step))
    with pytest.raises(Fault, match="not_exact"):
        rounded(Decimal("NaN"), Rounding())
