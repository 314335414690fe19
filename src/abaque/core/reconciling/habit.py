"""Silence: far less than a source, a type or a customer usually sends at this time of the week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from abaque.core.period import Span

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Silence:
    """`counted` of a name in the window, where it usually has `usual`."""

    name: str
    counted: int
    usual: int


@dataclass(frozen=True, slots=True)
class Habit:
    """What a habit is, and how far below it silence begins.

    The window is compared with the same window of each of the `weeks` before: a night with nights, a week-end
    with week-ends. It lasts a day, so that something that comes once a day at no fixed hour is no silence. The
    habit is the lower median of those weeks: one week of outage or of a feast in four does not move it, and who
    has come for two weeks only has none. Below `least` there is too little to judge by; silence is less than
    one `part`th of the habit.
    """

    window: timedelta = timedelta(days=1)
    weeks: int = 4
    least: int = 20
    part: int = 4

    def windows(self, until: datetime) -> tuple[Span, ...]:
        """Return the window that ends at `until`, then those of the weeks before, the newest first."""
        return tuple(Span(until - self.window - n * _WEEK, until - n * _WEEK) for n in range(self.weeks + 1))

    def usual(self, before: Sequence[int]) -> int:
        """Return the lower median of the same window in earlier weeks; a week that is not there counts as none."""
        counts = sorted([*before[: self.weeks], *[0] * (self.weeks - len(before))])
        return counts[(self.weeks - 1) // 2]

    def silences(self, counts: Mapping[str, Sequence[int]]) -> tuple[Silence, ...]:
        """Return who is silent, the largest habit first. `counts`: this window's, then those before, by name."""
        judged = [Silence(name, found[0], self.usual(found[1:])) for name, found in counts.items()]
        silent = [one for one in judged if one.usual >= self.least and one.counted * self.part < one.usual]
        return tuple(sorted(silent, key=lambda one: (-one.usual, one.name)))
