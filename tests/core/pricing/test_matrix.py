from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abaque.core.fault import Fault
from abaque.core.money import add, currency
from abaque.core.pricing import Cell, Matrix, Package, PerUnit, Usage, rate

EUR = currency("EUR")
PRICE = Matrix(
    ("model", "direction"),
    (
        Cell(("large", "input"), PerUnit(Decimal("0.000003"))),
        Cell(("large", "output"), PerUnit(Decimal("0.000015"))),
        Cell(("small", "input"), Package(Decimal(1000), Decimal("0.001"))),
    ),
    default=PerUnit(Decimal("0.00001")),
)
groups = st.tuples(st.sampled_from(["large", "small", "other", None]), st.sampled_from(["input", "output"]))


def usage(cells):
    figures = {values: Decimal(units) for values, units in cells.items()}
    return Usage(add(*figures.values()), cells=figures)


@given(st.dictionaries(groups, st.integers(0, 10**9), max_size=8))
def test_the_line_is_the_sum_of_its_cells_each_rated_alone(cells):
    priced = {cell.values: cell.price for cell in PRICE.cells}
    alone = [
        rate(priced[values], Decimal(units)).exact for values, units in cells.items() if values in priced
    ]
    others = sum(units for values, units in cells.items() if values not in priced)
    rest = rate(PerUnit(Decimal("0.00001")), Decimal(others)).exact
    assert rate(PRICE, usage(cells)).exact == add(*alone, rest)


def test_each_step_names_its_cell_in_the_order_of_the_price_list():
    # 2,000,000 × 0.000003 = 6.00; 100,000 × 0.000015 = 1.50; two packages of 0.001; 50 others × 0.00001 = 0.0005.
    cells = {
        ("large", "output"): 100_000,
        ("large", "input"): 2_000_000,
        ("small", "input"): 1001,
        ("small", "output"): 20,
        (None, "input"): 30,
    }
    rating = rate(PRICE, usage(cells))
    assert [(step.cell, f"{step.amount.normalize():f}") for step in rating.steps] == [
        (("large", "input"), "6"),
        (("large", "output"), "1.5"),
        (("small", "input"), "0.002"),
        ((), "0.0005"),
    ]
    assert rating.money(EUR).minor == 750


def test_nothing_used_costs_nothing():
    assert rate(PRICE, Usage(Decimal(0))).steps == ()


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("matrix_without_attributes", lambda: Matrix((), PRICE.cells)),
        ("matrix_without_cells", lambda: Matrix(("model",), ())),
        ("cell_values", lambda: Matrix(("model",), PRICE.cells)),
        ("duplicate_cell", lambda: Matrix(PRICE.by, (PRICE.cells[0], PRICE.cells[0]))),
        ("no_cell", lambda: rate(Matrix(PRICE.by, PRICE.cells), usage({("tiny", "input"): 1}))),
        ("cells_differ", lambda: rate(PRICE, Usage(Decimal(5)))),
        ("allowance_unwanted", lambda: rate(PRICE, Usage(Decimal(0)), allowance=Decimal(1))),
    ],
)
def test_a_matrix_leaves_no_doubt(code, make):
    with pytest.raises(Fault, match=code):
        make()
