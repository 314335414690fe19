"""What a sealed hour is made of: entries, nodes, a Merkle root, and the chain that binds hours in their order.

sha256 throughout, over bytes that anybody can write down again:

- *leaf*: the salt of an event, then its stored text. Who has both can make it; nobody can guess the text from it.
- *entry*: a leaf, then `count|quantity` and a line feed: what the event adds to the node.
- *node*: a zero byte, then `customer|meter|slot|count|quantity` and a line feed, then its entries in their order.
- *root*: nodes paired level by level; a pair is a one byte, left, right; who has no partner goes up as it is.
- *hour*: the hash before it, then `meter|hour|revision|count|quantity|`, then its root.
"""

from abaque.core.proving.chain import GENESIS, chained
from abaque.core.proving.node import Entry, leaf_of, node_of
from abaque.core.proving.tree import Side, Step, climb, path, root

__all__ = ["GENESIS", "Entry", "Side", "Step", "chained", "climb", "leaf_of", "node_of", "path", "root"]
