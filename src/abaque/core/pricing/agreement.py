"""What a plan says beyond its prices: trial, term, phases, commitment."""

from dataclasses import dataclass
from decimal import Decimal

from abaque.core.fault import Fault
from abaque.core.period import Interval

from .percent import check_percent
from .step import check_price


@dataclass(frozen=True, slots=True)
class Trial:
    """So many local days without fixed fees; usage is metered and free. Fault `bad_trial`."""

    days: int

    def __post_init__(self) -> None:
        if self.days < 1:
            raise Fault("bad_trial", days=self.days)


@dataclass(frozen=True, slots=True)
class Term:
    """A subscription runs for this interval at least, then for another one or to its end."""

    interval: Interval
    renews: bool = True


@dataclass(frozen=True, slots=True)
class Phase:
    """For so many billing periods every price is lower by a percentage. Faults `bad_phase`, `percent_over_100`."""

    periods: int
    percent_off: Decimal

    def __post_init__(self) -> None:
        if self.periods < 1:
            raise Fault("bad_phase", periods=self.periods)
        check_percent(self.percent_off)


@dataclass(frozen=True, slots=True)
class Commitment:
    """At least `amount` major units are spent per `interval` (None: per billing period), or trued up at its end."""

    amount: Decimal
    interval: Interval | None = None

    def __post_init__(self) -> None:
        check_price(self.amount)
