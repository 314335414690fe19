from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Optional

from abaque.core.fault import Fault


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open stretch of time `[start, end)`, in UTC. It may be empty, never reversed.

    Fault `instant_without_zone` for naive instants, `span_reversed` if the end is before the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            instant: datetime = getattr(self, name)
            if instant.utcoffset() is None:
                raise Fault("instant_without_zone", instant=instant)
            if instant.tzinfo is not UTC:
                object.__setattr__(self, name, instant.astimezone(UTC))
        if self.end < self.start:
            raise Fault("span_reversed", start=self.start, end=self.end)

    @property
    def empty(self) -> bool:
        """Whether it lasts no time at all."""
        return self.start == self.end

    def contains(self, instant: datetime) -> bool:
        """Return whether the instant lies in it: the start does, the end does not."""
        return self.start <= instant < self.end

    def overlap(self, other: "Span") -> Optional["Span"]:
        """Return what both share, None if that is nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None
