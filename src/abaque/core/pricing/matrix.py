from collections.abc import Iterator
from dataclasses import dataclass, replace

from abaque.core.fault import Fault
from abaque.core.money import add

from .graduated import Graduated
from .package import Package
from .per_unit import PerUnit
from .step import Step
from .usage import Usage, check_not_negative
from .volume import Volume

CellPrice = PerUnit | Graduated | Volume | Package


@dataclass(frozen=True, slots=True)
class Cell:
    """The price of the units whose attributes have these values, one for each attribute of the matrix."""

    values: tuple[str, ...]
    price: CellPrice


@dataclass(frozen=True, slots=True)
class Matrix:
    """A price for each combination of values of the attributes `by`, in the order of the meter's groups.

    The units of all other combinations together have the `default` price; without one they are refused. A cell
    nothing was used of costs nothing. Law: the line is the sum of its cells, each rated alone. Faults
    `matrix_without_attributes`, `matrix_without_cells`, `cell_values` (their number differs from the
    attributes'), `duplicate_cell`; rating: `no_cell`, `cells_differ` (they must sum to the quantity),
    `negative_quantity`.
    """

    by: tuple[str, ...]
    cells: tuple[Cell, ...]
    default: CellPrice | None = None

    def __post_init__(self) -> None:
        if not self.by:
            raise Fault("matrix_without_attributes")
        if not self.cells:
            raise Fault("matrix_without_cells")
        seen: set[tuple[str, ...]] = set()
        for cell in self.cells:
            if len(cell.values) != len(self.by):
                raise Fault("cell_values", values=cell.values, by=self.by)
            if cell.values in seen:
                raise Fault("duplicate_cell", values=cell.values)
            seen.add(cell.values)

    def steps(self, usage: Usage) -> tuple[Step, ...]:
        """Return the steps of each cell used, in the order of the price list, the default cell's last."""
        if add(*usage.cells.values()) != usage.quantity:
            raise Fault("cells_differ", quantity=usage.quantity)
        check_not_negative(usage.cells.values())
        return tuple(self._steps(usage))

    def _steps(self, usage: Usage) -> Iterator[Step]:
        for cell in self.cells:
            quantity = usage.cells.get(cell.values)
            if quantity:
                yield from (replace(step, cell=cell.values) for step in cell.price.steps(quantity))
        priced = {cell.values for cell in self.cells}
        others = {values: units for values, units in usage.cells.items() if units and values not in priced}
        if others and self.default is None:
            raise Fault("no_cell", values=next(iter(others)), by=self.by)
        if others and self.default is not None:
            units = add(*others.values())
            yield from (replace(step, cell=()) for step in self.default.steps(units))
