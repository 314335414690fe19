"""A Merkle tree: one root over many nodes, and for each node the short path that leads there."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class Side(StrEnum):
    """On which side of a pair a neighbour stands."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Step:
    """A neighbour on the way to the root, and on which side it stands."""

    side: Side
    hash: bytes


def root(nodes: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of nodes, in their order. There must be one at least."""
    assert nodes
    level = list(nodes)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(nodes: Sequence[bytes], place: int) -> tuple[Step, ...]:
    """Return the neighbours of a node on its way to the root."""
    assert 0 <= place < len(nodes)
    steps = []
    level = list(nodes)
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            steps.append(Step(Side.LEFT if beside < place else Side.RIGHT, level[beside]))
        level = _above(level)
        place //= 2
    return tuple(steps)


def climb(node: bytes, steps: Sequence[Step]) -> bytes:
    """Return the root that a node and its path lead to."""
    for step in steps:
        node = _pair(step.hash, node) if step.side is Side.LEFT else _pair(node, step.hash)
    return node


def _above(level: list[bytes]) -> list[bytes]:
    pairs = [_pair(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
    return pairs if len(level) % 2 == 0 else [*pairs, level[-1]]


def _pair(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
