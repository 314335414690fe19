"""Leaves, nodes, roots and the chain: worked out by hand with nothing but sha256, and laws about paths."""

from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

from hypothesis import assume, given
from hypothesis import strategies as st

from abaque.core.proving import GENESIS, Entry, Side, Step, chained, climb, leaf_of, node_of, path, root

SLOT = datetime(2026, 3, 1, 10, 15, tzinfo=UTC)
EPOCH = 1772360100
hashes = st.binary(min_size=32, max_size=32)
nodes = st.lists(hashes, min_size=1, max_size=40, unique=True)


def sha(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()


def test_a_leaf_is_the_salt_then_the_text():
    assert leaf_of(b"salt", "é") == sha(b"salt", b"\xc3\xa9")


def test_a_node_says_whose_it_is_and_what_each_event_adds():
    one, two = leaf_of(b"1", "one"), leaf_of(b"2", "two")
    entries = [Entry(one, 1, Decimal("2.50")), Entry(two, 0, Decimal("0.00"))]
    assert SLOT.timestamp() == EPOCH
    by_hand = sha(b"\x00", b"cus_1|pages|1772360100|1|2.5\n", one, b"1|2.5\n", two, b"0|0\n")
    assert node_of("cus_1", "pages", SLOT, entries) == by_hand


def test_what_was_taken_back_is_written_with_its_sign():
    leaf = leaf_of(b"1", "one")
    by_hand = sha(b"\x00", b"||1772360100|-1|-3\n", leaf, b"-1|-3\n")
    assert node_of("", "", SLOT, [Entry(leaf, -1, Decimal(-3))]) == by_hand


def test_roots_by_hand():
    a, b, c, d, e = (bytes([n]) * 32 for n in range(5))
    ab, cd = sha(b"\x01", a, b), sha(b"\x01", c, d)
    assert root([a]) == a
    assert root([a, b]) == ab
    assert root([a, b, c]) == sha(b"\x01", ab, c), "who has no partner goes up"
    assert root([a, b, c, d, e]) == sha(b"\x01", sha(b"\x01", ab, cd), e)
    assert path([a, b, c], 1) == (Step(Side.LEFT, a), Step(Side.RIGHT, c))
    assert path([a, b, c], 2) == (Step(Side.LEFT, ab),)


def test_an_hour_by_hand():
    said = b"pages|1772360100|1|2|7.5|"
    by_hand = sha(GENESIS, said, b"r" * 32)
    assert chained(GENESIS, "pages", SLOT, 1, 2, quantity=Decimal("7.500"), root=b"r" * 32) == by_hand


@given(nodes, st.data())
def test_every_node_leads_to_the_root(hashes, data):
    place = data.draw(st.integers(0, len(hashes) - 1))
    assert climb(hashes[place], path(hashes, place)) == root(hashes)


@given(nodes, hashes, st.data())
def test_no_other_node_leads_there(hashes, other, data):
    place = data.draw(st.integers(0, len(hashes) - 1))
    assume(other != hashes[place])
    assert climb(other, path(hashes, place)) != root(hashes)


@given(nodes, st.data())
def test_another_order_has_another_root(hashes, data):
    mixed = data.draw(st.permutations(hashes))
    assert (root(mixed) == root(hashes)) == (mixed == hashes)


@given(nodes)
def test_a_node_more_or_less_has_another_root(hashes):
    assume(len(hashes) > 1)
    assert root(hashes[:-1]) != root(hashes)
