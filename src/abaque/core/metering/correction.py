"""What corrections leave standing: an event may be voided, or replaced by what amends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .event import Fate

Identity = tuple[str, str]


class Kind(StrEnum):
    """A void takes an event back; an amendment puts another in its place."""

    VOID = "void"
    AMEND = "amend"


@dataclass(frozen=True, slots=True, order=True)
class Correction:
    """One correction, known by its own identity. Ordered by its time, then source and id."""

    time: datetime
    source: str
    id: str
    kind: Kind
    target: Identity

    @property
    def identity(self) -> Identity:
        """Its own `(source, id)`; for an amendment also that of what it puts in the target's place."""
        return self.source, self.id


@dataclass(frozen=True, slots=True)
class Struck:
    """Why something does not stand, and the correction that says so."""

    fate: Fate
    by: Identity


def struck(corrections: Iterable[Correction]) -> dict[Identity, Struck]:
    """Return which events, and which amendments, do not stand; all others do.

    A void of an event takes back all that amended it; a void of an amendment undoes only that and what amended
    it. Of several amendments of one target the greatest stands. Law: the order in which corrections come
    changes nothing. What only corrects itself in a circle has no root, and is not looked at.
    """
    tree = _Tree()
    amendments = set()
    for one in sorted(corrections):
        if one.kind is Kind.AMEND:
            tree.amendments.setdefault(one.target, []).append(one)
            amendments.add(one.identity)
        else:
            tree.voids.setdefault(one.target, one)
    for root in sorted({*tree.amendments, *tree.voids} - amendments):
        tree.look_at(root)
    return tree.found


class _Tree:
    """Corrections by what they correct, and what was found of them."""

    def __init__(self) -> None:
        self.amendments: dict[Identity, list[Correction]] = {}
        self.voids: dict[Identity, Correction] = {}
        self.found: dict[Identity, Struck] = {}

    def look_at(self, root: Identity) -> None:
        """Walk from a root down. A stack, not recursion: somebody may amend an amendment a thousand times."""
        waiting: list[tuple[Identity, Struck | None]] = [(root, None)]
        while waiting:
            identity, above = waiting.pop()
            void = self.voids.get(identity)
            if above is not None and above.fate is Fate.VOIDED:
                state: Struck | None = above
            elif void is not None:
                state = Struck(Fate.VOIDED, void.identity)
            else:
                state = above
            children = self.amendments.get(identity, [])
            standing = [one for one in children if one.identity not in self.voids]
            if state is None and standing:
                best = standing[-1]
                self.found[identity] = Struck(Fate.REPLACED, best.identity)
                for child in children:
                    beaten = None if child is best else Struck(Fate.REPLACED, best.identity)
                    waiting.append((child.identity, beaten))
                continue
            if state is not None:
                self.found[identity] = state
            waiting += [(child.identity, state) for child in children]
