"""What stands once events are voided and amended: the auditor's own account, in dictionaries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

VOID, AMEND = "abaque.void", "abaque.amend"
_TEXTS = ("type", "subject", "subscription")

Identity = tuple[str, str]


class _Event(Protocol):
    source: str
    id: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, Any]


E = TypeVar("E", bound=_Event)


@dataclass(frozen=True)
class Standing(Generic[E]):
    """What an accepted event is worth: `stands` or `amends` (in force, an event of its own content), or a fate.

    `event` has what it says of the world: of an amend, the target's fields under what it replaces.
    """

    word: str
    event: E
    reason: str | None = None


_WAITS: Standing[Any] = Standing("waiting", None)


def bad_correction(type_: str, data: Mapping[str, Any], is_instant: Callable[[Any], bool]) -> bool:
    """Whether a correction says no target or no reason, or replaces by what no event may have."""
    if not all(isinstance(data.get(name), str) and data[name] for name in ("source", "id", "reason")):
        return True
    if type_ == VOID:
        return False
    replacement = data.get("replacement")
    if not isinstance(replacement, dict):
        return True
    for name in _TEXTS:
        if name in replacement and not (isinstance(replacement[name], str) and replacement[name]):
            return True
    if replacement.get("type", "").startswith("abaque."):
        return True
    if "time" in replacement and not is_instant(replacement["time"]):
        return True
    return "data" in replacement and not isinstance(replacement["data"], dict)


def settle(events: Mapping[Identity, E]) -> dict[Identity, Standing[E]]:
    """Return what each event is worth among all the others; their order of arrival says nothing."""
    settled, voided, amends = _targets(events)

    def down(identity: Identity, content: E, above: str | None) -> None:
        """Settle an event and what amends it; `above`: what became of all that is over it, if not in force."""
        word = "voided" if identity in voided else above
        below = amends.get(identity, [])
        live = [one for one in below if one not in voided] if word is None else []
        winner = max(live, key=lambda one: (events[one].time, *one), default=None)
        standing = "amends" if events[identity].type == AMEND else "stands"
        settled[identity] = Standing(word or ("replaced" if winner else standing), content)
        for one in below:
            down(one, _amended(content, events[one]), None if one == winner else word or "replaced")

    for identity, event in events.items():
        if event.type not in (VOID, AMEND):
            down(identity, event, None)
    for identity, event in events.items():  # amends of what waits itself wait with it, unless they are voided
        if settled.get(identity, _WAITS).word == "waiting":
            settled[identity] = Standing("waiting", event, "target_unknown")
        if event.type == AMEND and identity in voided:
            settled[identity] = replace(settled[identity], word="voided", reason=None)
    return settled


def _targets(
    events: Mapping[Identity, E],
) -> tuple[dict[Identity, Standing[E]], set[Identity], dict[Identity, list[Identity]]]:
    """Return what is said of corrections by their targets alone, what is voided, and what amends what."""
    settled: dict[Identity, Standing[E]] = {}
    voided: set[Identity] = set()
    amends: dict[Identity, list[Identity]] = {}
    for identity, event in events.items():
        if event.type not in (VOID, AMEND):
            continue
        target = event.data["source"], event.data["id"]
        if target not in events:
            settled[identity] = Standing("waiting", event, "target_unknown")
        elif events[target].type == VOID:
            settled[identity] = Standing("quarantined", event, "target_is_void")
        elif event.type == VOID:
            settled[identity] = Standing("applied", event)
            voided.add(target)
        else:
            amends.setdefault(target, []).append(identity)
    return settled, voided, amends


def _amended(content: E, amend: E) -> E:
    """Return the content with what an amend gives, under the amend's identity."""
    given = amend.data["replacement"]
    fields = {name: given[name] for name in ("type", "subject", "data") if name in given}
    if "time" in given:
        fields["time"] = datetime.fromisoformat(given["time"].upper()).astimezone(UTC)
    return replace(content, source=amend.source, id=amend.id, **fields)
