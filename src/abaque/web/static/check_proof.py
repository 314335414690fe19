"""Check the proof of an invoice line: python check_proof.py FILE [HEAD].

Needs Python 3.8 or later and nothing else. HEAD is the hash printed on the invoice; without it, compare it
yourself with the one that is printed in the end. What is checked:

1. Each event's leaf is sha256(salt, text). Of an erased event only the leaf is left.
2. Each node is sha256(zero byte, "customer|meter|slot|count|quantity" and a line feed, then of each event its
   leaf, "count|quantity" and a line feed), and its count and quantity are the sums of its events'.
3. Each node leads by its path to the root of a sealed hour: a pair is sha256(one byte, left, right).
4. Each hour is sha256(hash before, "meter|hour|revision|count|quantity|", root), up to the head.
5. The events together are the quantity that was invoiced.

Exit status: 0 if everything agrees, 1 if something does not, 2 if the file cannot be read.
"""

import json
import sys
from decimal import Context, Decimal, Inexact
from hashlib import sha256
from typing import Any, Dict, Iterable, List, Tuple

FORMAT = "abaque-proof-1"
HOUR, QUARTER = 3600, 900
Told = Dict[str, Any]
Links = List[Tuple[List[str], bytes]]
Events = Dict[bytes, Tuple[int, Decimal, Told]]
EXACT = Context(prec=60, traps=[Inexact])


class Wrong(Exception):  # noqa: N818  # a finding about the file, not a failure of this script
    """What does not agree."""


def check(proof: Told, head: str = "") -> List[str]:
    """Return what was found to agree, in sentences; `Wrong` says what does not."""
    if proof.get("format") != FORMAT:
        raise Wrong(f"this script reads {FORMAT}, the file says {proof.get('format')!r}")
    links = chain(proof["chain"])
    if head and head != proof["chain"]["head"]:
        raise Wrong(f"the head on the document is {head}, the file leads to {proof['chain']['head']}")
    seen = set()
    events: Events = {}
    erased = 0
    for node in proof["nodes"]:
        place = (node["link"], node["slot"])
        if place in seen:
            raise Wrong(f"the node of {node['slot']} is there twice")
        seen.add(place)
        check_node(proof, node, links)
        for entry in node["entries"]:
            erased += bool(entry.get("erased"))
            add(events, entry)
    said = [
        f"{len(seen)} nodes with {len(events)} events lead to {len(links)} chained hours",
        add_up(proof, events),
        f"head of the chain: {proof['chain']['head']}",
    ]
    if erased:
        said.insert(1, f"{erased} entries are of erased events: their leaves are there, their texts are not")
    return said


def chain(told: Told) -> Links:
    """Return what each hour of the chain says, and its root."""
    hash_ = bytes.fromhex(told["previous"])
    links = []
    for said, root in told["links"]:
        hash_ = sha256(hash_ + said.encode() + bytes.fromhex(root)).digest()
        links.append((said.split("|"), bytes.fromhex(root)))
    if hash_.hex() != told["head"]:
        raise Wrong("the chain of hours does not lead to its head")
    return links


def check_node(proof: Told, node: Told, links: Links) -> None:
    """Check one node, from its events to the root of its hour."""
    where = f"the node of {node['slot']}"
    count = sum(entry["count"] for entry in node["entries"])
    quantity = total(entry["quantity"] for entry in node["entries"])
    if count != node["count"] or quantity != Decimal(node["quantity"]):
        raise Wrong(f"{where}: its events do not add up to it")
    words = (proof["customer"], proof["meter"], node["slot"], node["count"], node["quantity"])
    made = b"\x00" + "|".join(map(str, words)).encode() + b"\n"
    for entry in node["entries"]:
        made += leaf(entry) + f"{entry['count']}|{entry['quantity']}\n".encode()
    hash_ = sha256(made).digest()
    for side, beside in node["path"]:
        other = bytes.fromhex(beside)
        hash_ = sha256(b"\x01" + (other + hash_ if side == "left" else hash_ + other)).digest()
    said, root = links[node["link"]]
    if hash_ != root:
        raise Wrong(f"{where} is not in the hour it is said to be in")
    hour = node["slot"] - node["slot"] % HOUR
    if said[0] != proof["meter"] or int(said[1]) != hour or node["slot"] % QUARTER:
        raise Wrong(f"{where}: the hour it is in is another one")
    if not proof["start"] <= node["slot"] < proof["end"]:
        raise Wrong(f"{where} is not in the span of the line")


def leaf(entry: Told) -> bytes:
    """Return an event's leaf; what the entry says of the event must be what its text says."""
    if entry.get("erased"):
        return bytes.fromhex(entry["leaf"])
    text = json.loads(entry["text"])
    if (text["source"], text["id"]) != (entry["source"], entry["id"]):
        raise Wrong(f"the text of {entry['id']} is of another event")
    return sha256(bytes.fromhex(entry["salt"]) + entry["text"].encode()).digest()


def add(events: Events, entry: Told) -> None:
    """Add what an entry says to what its event counts for; a supplement may take it away again."""
    made = leaf(entry)
    count, quantity, _ = events.get(made, (0, Decimal(0), entry))
    events[made] = (count + entry["count"], EXACT.add(quantity, Decimal(entry["quantity"])), entry)


def add_up(proof: Told, events: Events) -> str:
    """Check that the events that count are what was invoiced."""
    how = proof["adds_up_by"]
    counted = [(quantity, entry) for count, quantity, entry in events.values() if count]
    if any(count not in (0, 1) for count, _, _ in events.values()):
        raise Wrong("an event counts more than once")
    if how == "level":
        return "this meter measures a level over time, which this script does not work out"
    if how == "distinct":
        made = Decimal(len({value_of(entry, proof["value"]) for _, entry in counted}))
    elif how == "max":
        made = max((quantity for quantity, _ in counted), default=Decimal(0))
    else:
        made = total(str(quantity) for quantity, _ in counted)
    if made != Decimal(proof["quantity"]):
        raise Wrong(f"the events come to {made}, the invoice says {proof['quantity']}")
    return f"{len(counted)} events count and come to {proof['quantity']}, as invoiced"


def value_of(entry: Told, attribute: str) -> str:
    """Return the value that a meter of distinct values takes from an event."""
    if entry.get("erased"):
        return str(entry["value"])
    found = json.loads(entry["text"], parse_float=str, parse_int=str)["data"]
    for name in attribute.split("."):
        found = found[name]
    return str(found)


def total(quantities: Iterable[str]) -> Decimal:
    """Return an exact sum of decimals that are written as text."""
    made = Decimal(0)
    for quantity in quantities:
        made = EXACT.add(made, Decimal(quantity))
    return made


def main(arguments: List[str]) -> int:
    """Check a file and say what was found."""
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:  # noqa: PTH123  # nothing but what one page needs
            proof = json.load(file)
        said = check(proof, *arguments[1:])
    except OSError as error:
        print(f"cannot be read: {error}")
        return 2
    except Wrong as wrong:
        print(f"DOES NOT AGREE: {wrong}")
        return 1
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        print(f"DOES NOT AGREE: this is not a whole proof ({error!r})")
        return 1
    print("\n".join(said))
    print("everything agrees")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
