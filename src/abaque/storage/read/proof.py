"""The proof of an invoice line: its events, the nodes they lie in, and the paths from there to the printed head."""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from abaque.core.fault import Fault
from abaque.core.money import EXACT
from abaque.core.proving import path
from abaque.storage import archived, hot
from abaque.storage.models import Hour, Invoice, InvoiceLine, Meter
from abaque.storage.read.invoices import find_invoice
from abaque.storage.read.usage import plain
from abaque.storage.sql import proving as sql

FORMAT = "abaque-proof-1"
_ADDS_UP = {"count": "sum", "sum": "sum", "max": "max", "unique": "distinct"}


@dataclass(frozen=True, slots=True)
class _Node:
    hour_id: int
    hour: datetime
    revision: int
    slot: datetime
    count: int
    quantity: Decimal
    seqs: Sequence[int]
    counts: Sequence[int]
    quantities: Sequence[Decimal]
    hash: bytes


@dataclass(frozen=True, slots=True)
class _Event:
    """One event of a line. `text` and `salt` are None where it was erased: then `leaf` is what was kept."""

    seq: int
    source: str
    id: str
    time: datetime
    salt: bytes | None
    text: str | None
    leaf: bytes | None
    value: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Line:
    invoice: Invoice
    line: InvoiceLine
    meter: Meter
    nodes: Sequence[_Node]
    events: Mapping[int, _Event]

    @property
    def adds_up_by(self) -> str:
        """How its events add up: `sum`, `max`, `distinct`, or `level` where it depends on when each was."""
        plainly = (
            self.meter.definition.get("change") is None and self.meter.definition.get("value_is") is None
        )
        return _ADDS_UP.get(self.meter.aggregate, "level") if plainly else "level"


def events_csv(invoice: str, position: int) -> str:
    """Return a line's counted events as CSV: id, source, time, reference, quantity; together they are the line.

    `reference` is the meter's operation, the customer's own word for what was done; where the meter has none it
    is the event's id. What was voided or moved is not there. Faults as `proof`.
    """
    found = _line(invoice, position)
    standing = _standing(found)
    written = StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(("id", "source", "time", "reference", "quantity"))
    seen: set[str] = set()
    for event, quantity in standing:
        value = _word(event, found.meter.definition["value"]) if event.text is not None else event.value
        adds = quantity if found.adds_up_by != "distinct" else Decimal(value not in seen)
        seen.add(value)
        reference = _word(event, found.meter.definition["operation"]) or event.id
        row = (event.id, event.source, event.time.isoformat(), reference, plain(adds))
        out.writerow([_no_formula(cell) for cell in row])
    return written.getvalue()


def proof(invoice: str, position: int) -> Mapping[str, Any]:
    """Return the proof of a line, JSON-able, for `check_proof.py`.

    Faults `unknown_invoice`, `unknown_line`, `line_without_events` (it meters nothing), `line_not_sealed` (its
    hours are not over yet).
    """
    found = _line(invoice, position)
    hours = sorted({node.hour_id for node in found.nodes})
    hashes: dict[int, list[bytes]] = defaultdict(list)
    for hour, hash_ in hot.rows(sql.HASHES_OF_HOURS, {"hours": hours}):
        hashes[hour].append(bytes(hash_))
    links = _links(found, hours)
    places = {link.pk: place for place, link in enumerate(links)}
    return {
        "format": FORMAT,
        "invoice": found.invoice.number or found.invoice.public_id,
        "line": position,
        "customer": found.invoice.customer.public_id,
        "meter": found.meter.code,
        "start": int(found.line.span_start.timestamp()),
        "end": int(found.line.span_end.timestamp()),
        "quantity": plain(Decimal(found.line.quantity or 0)),
        "adds_up_by": found.adds_up_by,
        "value": found.meter.definition["value"] or "",
        "nodes": [_told(node, found, hashes[node.hour_id], places[node.hour_id]) for node in found.nodes],
        "chain": {
            "previous": bytes(links[0].previous).hex(),
            "links": [[_said(link), bytes(link.root).hex()] for link in links],
            "head": bytes(links[-1].hash).hex(),
        },
    }


def _line(invoice: str, position: int) -> _Line:
    row = find_invoice(invoice)
    if row is None:
        raise Fault("unknown_invoice", invoice=invoice)
    stored = Invoice.objects.select_related("customer").get(public_id=row.id)
    line = InvoiceLine.objects.filter(invoice=stored, position=position).first()
    if line is None:
        raise Fault("unknown_line", line=position, invoice=invoice)
    counted_by = Meter.versions.filter(code=line.meter, version=line.meter_version or 1)
    meter = counted_by.first() if line.meter else None
    if meter is None:
        raise Fault("line_without_events", line=position)
    asked = {
        "customer": stored.customer_id,
        "meter": meter.pk,
        "start": line.span_start,
        "end": line.span_end,
    }
    all_nodes = [
        _Node(*[*row[:4], int(row[4]), *row[5:9], bytes(row[9])])
        for row in hot.rows(sql.NODES_OF_LINE, asked)
    ]
    nodes = _as_billed(all_nodes, Decimal(line.quantity or 0))
    unsealed = hot.rows(_UNSEALED, asked)[0][0]
    if unsealed or not nodes:
        raise Fault("line_not_sealed", line=position)
    return _Line(stored, line, meter, nodes, _events(nodes, meter.pk))


_UNSEALED = """
SELECT EXISTS (
    SELECT FROM usage u WHERE u.customer_id = %(customer)s AND u.meter_id = %(meter)s AND u.events > 0
    AND u.slot >= %(start)s AND u.slot < %(end)s AND NOT EXISTS (
        SELECT FROM node n WHERE n.customer_id = u.customer_id AND n.meter_id = u.meter_id AND n.slot = u.slot))
"""


def _as_billed(nodes: Sequence[_Node], quantity: Decimal) -> Sequence[_Node]:
    """Return the nodes a line was made of: what was sealed after it is in a later invoice or credit note."""
    total, billed = Decimal(0), 0
    for place, node in enumerate(nodes, 1):
        total = EXACT.add(total, node.quantity)
        last_of_hour = place == len(nodes) or nodes[place].hour_id != node.hour_id
        if total == quantity and last_of_hour:
            billed = place
    return nodes[:billed] or nodes


def _events(nodes: Sequence[_Node], meter: int) -> Mapping[int, _Event]:
    slots = {seq: node.slot for node in nodes for seq in node.seqs}
    asked = archived.numbered(list(slots.items())) | {"meter": meter}
    return {
        row[0]: _Event(*[*row[:4], _bytes(row[4]), row[5], _bytes(row[6]), row[7], _data(row[8])])
        for row in hot.rows(sql.TEXTS, asked)
    }


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _data(text: str) -> Mapping[str, Any]:
    return dict(json.loads(text, parse_float=Decimal))


def _standing(found: _Line) -> list[tuple[_Event, Decimal]]:
    """Return the events that count after all supplements, by time."""
    counts: dict[int, int] = defaultdict(int)
    quantities: dict[int, Decimal] = defaultdict(Decimal)
    for node in found.nodes:
        for seq, count, quantity in zip(node.seqs, node.counts, node.quantities, strict=True):
            counts[seq] += count
            quantities[seq] = EXACT.add(quantities[seq], quantity)
    standing = [(found.events[seq], quantities[seq]) for seq in counts if counts[seq]]
    return sorted(standing, key=lambda one: (one[0].time, one[0].source, one[0].id))


def _links(found: _Line, hours: Sequence[int]) -> Sequence[Hour]:
    """Return the chain from a line's first hour to the head its document shows, or to that of today."""
    printed = str((found.invoice.snapshot or {}).get("chain_head", ""))
    last = Hour.objects.filter(hash=bytes.fromhex(printed)).first() if printed else None
    until = last if last is not None and last.pk >= hours[-1] else Hour.objects.order_by("-pk").first()
    assert until is not None
    chain = Hour.objects.select_related("meter").filter(pk__gte=hours[0], pk__lte=until.pk)
    return list(chain.order_by("pk"))


def _said(link: Hour) -> str:
    code = "" if link.meter is None else link.meter.code
    return f"{code}|{link.hour.timestamp():.0f}|{link.revision}|{link.count}|{plain(link.quantity)}|"


def _told(node: _Node, found: _Line, hashes: Sequence[bytes], link: int) -> Mapping[str, Any]:
    entries = []
    for seq, count, quantity in zip(node.seqs, node.counts, node.quantities, strict=True):
        event = found.events[seq]
        said = {"source": event.source, "id": event.id, "count": count, "quantity": plain(quantity)}
        if event.text is None or event.salt is None:
            erased = {"leaf": (event.leaf or b"").hex(), "erased": True, "value": event.value}
            entries.append({**said, **erased})
        else:
            entries.append({**said, "salt": event.salt.hex(), "text": event.text})
    steps = path(hashes, hashes.index(node.hash))
    return {
        "link": link,
        "slot": int(node.slot.timestamp()),
        "count": node.count,
        "quantity": plain(node.quantity),
        "entries": entries,
        "path": [[step.side.value, step.hash.hex()] for step in steps],
    }


def _word(event: _Event, attribute: str | None) -> str:
    """Return an attribute of an event as text, "" where there is none."""
    found: Any = event.data
    for name in attribute.split(".") if attribute else ():
        found = found.get(name) if isinstance(found, dict) else None
    if not attribute or found is None or isinstance(found, dict | list):
        return ""
    return str(found).lower() if isinstance(found, bool) else str(found)


def _no_formula(cell: str) -> str:
    """Keep a spreadsheet from running what a product sent as an id."""
    return f"'{cell}" if cell[:1] in {"=", "+", "@", "\t", "\r"} else cell
