"""What was measured, beside what was promised."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `budget` is in words; `met` is None where nothing is promised, or not comparably."""

    what: str
    measured: str
    of_floor: float | None = None
    budget: str = ""
    met: bool | None = None


def rate(count: float, seconds: float, unit: str = "events") -> str:
    return f"{count / seconds:,.0f} {unit}/s"


def percentile(sorted_values: list[float], percent: float) -> float:
    """Return a percentile of values in ascending order (nearest rank)."""
    place = max(0, min(len(sorted_values) - 1, round(percent / 100 * len(sorted_values) + 0.5) - 1))
    return sorted_values[place]


def printed(rows: list[Row]) -> str:
    """Return the rows as a table for a terminal."""
    head = ("what", "measured", "of the floor", "budget", "")
    cells = [head, *((row.what, row.measured, _share(row), row.budget, _met(row)) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return "\n".join((lines[0], "─" * max(map(len, lines)), *lines[1:]))


def _share(row: Row) -> str:
    return "" if row.of_floor is None else f"{row.of_floor:.3f}"


def _met(row: Row) -> str:
    return "" if row.met is None else "met" if row.met else "NOT MET"
