"""The rates of each country, by the day on which the tax falls due.

Law: on any day a country and kind of rate has one percentage or none; a rate holds on its first and its last
day. The figures and their sources are data: this is only the way to read them.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from abaque.core.fault import Fault


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A percentage of a country (ISO 3166-1 alpha-2) from a day to a last day, None until further notice."""

    country: str
    percent: Decimal
    first: date
    last: date | None = None
    kind: str = "standard"

    def holds(self, day: date) -> bool:
        """Return whether it is in force on that day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class RateTable:
    """Dated rates of any countries. Fault `rates_overlap` if two of one country and kind hold on one day."""

    rows: tuple[DatedRate, ...]

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            for other in self.rows[:number]:
                same = (row.country, row.kind) == (other.country, other.kind)
                if same and (row.holds(other.first) or other.holds(row.first)):
                    raise Fault("rates_overlap", country=row.country, rate=row.kind)

    def percent(self, country: str, day: date, kind: str = "standard") -> Decimal:
        """Return the percentage that holds there on that day. Fault `no_rate`."""
        for row in self.rows:
            if (row.country, row.kind) == (country, kind) and row.holds(day):
                return row.percent
        raise Fault("no_rate", country=country, rate=kind, day=day)
