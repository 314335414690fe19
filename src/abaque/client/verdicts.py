"""What the door said of the events sent to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """The door's word on one event that was not plainly accepted.

    `verdict` is accepted, duplicate, conflict or rejected; `reason` a stable code, `message` what to do;
    `warnings` (code, message) tell of an event stored but not counted yet. `event` is the JSON as sent.
    """

    id: str | None
    verdict: str
    reason: str | None
    message: str | None
    warnings: tuple[tuple[str, str], ...]
    event: str

    @property
    def refused(self) -> bool:
        """A conflict or a rejected event: it will never be counted as it was sent."""
        return self.verdict in {"conflict", "rejected"}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How many events met which verdict, and an entry for each that was not plainly accepted."""

    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0
    entries: tuple[Entry, ...] = ()

    def __add__(self, other: "Verdicts") -> "Verdicts":
        return Verdicts(
            self.accepted + other.accepted,
            self.duplicate + other.duplicate,
            self.conflict + other.conflict,
            self.rejected + other.rejected,
            self.entries + other.entries,
        )

    @property
    def refused(self) -> tuple[Entry, ...]:
        return tuple(each for each in self.entries if each.refused)

    @property
    def warned(self) -> tuple[Entry, ...]:
        return tuple(each for each in self.entries if each.warnings)


def read(answer: Mapping[str, Any], events: list[str]) -> Verdicts:
    """Read the door's 200 about `events`; ValueError when it does not speak of all of them.

    An answer that cannot be understood counts as none: sending again is safe, guessing is not.
    """
    try:
        verdicts = Verdicts(
            accepted=int(answer["accepted"]),
            duplicate=int(answer["duplicate"]),
            conflict=int(answer["conflict"]),
            rejected=int(answer["rejected"]),
            entries=tuple(_entry(each, events) for each in answer["events"]),
        )
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"not an answer of the door: {error!r}") from error
    told = verdicts.accepted + verdicts.duplicate + verdicts.conflict + verdicts.rejected
    refused = verdicts.conflict + verdicts.rejected
    if told != len(events) or refused != len(verdicts.refused):
        raise ValueError(f"the door told of {told} events, {len(events)} were sent")
    return verdicts


def _entry(entry: Mapping[str, Any], events: list[str]) -> Entry:
    index = int(entry["index"])
    if index < 0:
        raise IndexError(index)
    return Entry(
        id=entry.get("id"),
        verdict=str(entry["verdict"]),
        reason=entry.get("reason"),
        message=entry.get("message"),
        warnings=tuple((str(each["code"]), str(each["message"])) for each in entry.get("warnings") or ()),
        event=events[index],
    )
