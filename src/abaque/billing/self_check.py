"""Self-check: what must always hold, asked of the database in plain SQL. Nothing is trusted, nothing mended.

Each check is a query for violations; an empty answer is good. It runs in tests, after each run and in
production, at any time: what is still being metered is left out.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from abaque.billing.capturing.capture import FAR_FUTURE
from abaque.billing.seal import GENESIS, chained
from abaque.storage import hot
from abaque.storage.clock import now
from abaque.storage.models import Document, Hour, Meter, Recount
from abaque.storage.sql.sealing import INCONSISTENT

SHOWN = 5
_METERING_TAKES = timedelta(minutes=5)

CHECKS = {
    "each accepted event is stored once, under its identity": """
        SELECT source, id FROM identity FULL JOIN event USING (source, id)
        GROUP BY source, id HAVING count(event.intake_id) <> 1 OR count(identity.content_hash) <> 1""",
    "what the door accepted is what is stored": """
        SELECT i.id, i.accepted FROM intake i LEFT JOIN (SELECT intake_id, count(*) AS n FROM event GROUP BY 1) e
        ON e.intake_id = i.id WHERE i.accepted <> coalesce(e.n, 0)""",
    "each metered event has exactly one fate per meter": """
        SELECT e.source, e.id FROM event e JOIN intake i ON i.id = e.intake_id AND i.metered_at IS NOT NULL
        LEFT JOIN fate f ON f.source = e.source AND f.id = e.id
        WHERE NOT EXISTS (SELECT FROM recount WHERE done_at IS NULL)
        GROUP BY e.source, e.id, e.type
        HAVING count(f.meter_id) <> greatest(1, (SELECT count(*) FROM meter m WHERE m.event_types @> ARRAY[e.type]))
            OR (bool_or(f.meter_id = 0) AND count(*) > 1)""",
    "counted events are the usage": """
        SELECT customer_id, meter_id, slot, grp FROM (
            SELECT f.customer_id, f.meter_id, f.slot, f.grp, count(*) FILTER (WHERE f.fate = 'counted') AS events,
                   count(*) FILTER (WHERE f.reason = 'failure') AS not_billable,
                   CASE WHEN min(m.aggregate) = 'max' THEN max(f.quantity) ELSE sum(f.quantity) END AS quantity
            FROM fate f JOIN meter m ON m.id = f.meter_id
            WHERE f.customer_id IS NOT NULL AND (f.fate = 'counted' OR f.reason = 'failure')
            GROUP BY 1, 2, 3, 4
        ) f FULL JOIN usage u USING (customer_id, meter_id, slot, grp)
        WHERE coalesce(f.events, 0) <> coalesce(u.events, 0)
           OR coalesce(f.not_billable, 0) <> coalesce(u.not_billable, 0)
           OR (coalesce(u.events, 0) > 0 AND f.quantity IS DISTINCT FROM u.quantity)""",
    "an operation counts once, by its earliest success": """
        SELECT customer_id, meter_id, operation FROM fate WHERE operation IS NOT NULL
           AND (fate = 'counted' OR reason = 'attempt')
        GROUP BY 1, 2, 3
        HAVING count(*) FILTER (WHERE fate = 'counted') <> 1
            OR min((time, source, id)) <> min((time, source, id)) FILTER (WHERE fate = 'counted')""",
    "the attempt an operation counts by is the one it remembers": """
        SELECT meter_id, customer_id, operation FROM operation o FULL JOIN (
            SELECT meter_id, customer_id, operation, source, id, quantity, slot, grp FROM fate
            WHERE fate = 'counted' AND operation IS NOT NULL
        ) f USING (meter_id, customer_id, operation)
        WHERE o IS NULL OR f IS NULL OR (o.source, o.id, o.quantity, o.slot, o.grp)
            IS DISTINCT FROM (f.source, f.id, f.quantity, f.slot, f.grp)""",
    "each unit is claimed by at most one closed period": """
        SELECT a.id, b.id FROM invoice_line a JOIN invoice_line b
        ON a.subscription_id = b.subscription_id AND a.charge = b.charge AND a.id < b.id AND a.meter <> ''
           AND a.revision = b.revision AND a.span_start < b.span_end AND b.span_start < a.span_end""",
    "lines sum to totals": """
        SELECT i.id FROM invoice i LEFT JOIN invoice_line l ON l.invoice_id = i.id
        GROUP BY i.id HAVING coalesce(sum(l.net), 0) <> i.net OR i.net + i.tax <> i.gross""",
    "tax is the sum of its groups, and their bases are the net": """
        SELECT i.id FROM invoice i, LATERAL (SELECT coalesce(sum((g ->> 'tax')::bigint), 0) AS tax,
            coalesce(sum((g ->> 'base')::bigint), 0) AS base FROM jsonb_array_elements(i.taxes) g) t
        WHERE t.tax <> i.tax OR t.base <> i.net""",
    "entries sum to zero": """
        SELECT entry_id, currency FROM posting GROUP BY 1, 2 HAVING sum(amount) <> 0""",
    "each issued invoice is posted once, with its gross": """
        SELECT i.id FROM invoice i LEFT JOIN entry e ON e.invoice_id = i.id AND e.kind = 'invoice_issued'
        LEFT JOIN posting p ON p.entry_id = e.id AND p.account LIKE 'receivable:%'
        WHERE i.state = 'issued' GROUP BY i.id, i.gross
        HAVING count(DISTINCT e.id) <> 1 OR coalesce(sum(p.amount), 0) <> i.gross""",
    "numbers run from 1 without a gap": """
        SELECT s.id, s.prefix FROM series s LEFT JOIN invoice i
        ON i.issuer_id = s.issuer_id AND i.number LIKE s.prefix || s.year || '-%'
        GROUP BY s.id, s.prefix, s.last
        HAVING count(i.id) <> s.last OR coalesce(max(substring(i.number FROM '[0-9]+$')::int), 0) <> s.last""",
    "issue dates do not fall": """
        SELECT number FROM (SELECT number, issue_date, lag(issue_date) OVER (
            PARTITION BY issuer_id, substring(number FROM '^(.*)-[0-9]+$') ORDER BY number) AS before
            FROM invoice WHERE number IS NOT NULL) n WHERE issue_date < before""",
    "every hold has a finding or a person, an owner and a last day": """
        SELECT id FROM hold WHERE owner = '' OR last_day IS NULL OR reason = ''""",
    "no hold outlives its finding": """
        SELECT h.id FROM hold h JOIN finding f ON f.id = h.finding_id
        WHERE h.released_at IS NULL AND f.closed_at IS NOT NULL""",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One invariant: how many violations, and the first of them."""

    name: str
    violations: int
    first: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.violations


def self_check() -> list[Checked]:
    """Check every invariant."""
    found = [_ask(name, sql) for name, sql in CHECKS.items()]
    found.append(_listed("usage is what the raw events give", _not_what_events_say()))
    found.append(_listed("the chain of hours is unbroken", _broken_hours()))
    found.append(_listed("stored documents are byte-identical to their hash", _changed_documents()))
    return found


def _ask(name: str, sql: str) -> Checked:
    return _listed(name, (" ".join(str(value) for value in row) for row in hot.rows(sql)))


def _listed(name: str, violations: Iterator[str]) -> Checked:
    found = list(violations)
    return Checked(name, len(found), tuple(found[:SHOWN]))


def _not_what_events_say() -> Iterator[str]:
    """Recompute all usage from the raw events, unless a mended cause is just being counted."""
    if Recount.objects.filter(done_at=None).exists():
        return
    # What has come into reach of now was counted by now, give or take the time metering takes.
    far = now() + FAR_FUTURE - _METERING_TAKES
    for meter in Meter.objects.order_by("pk"):
        span = {"start": "-infinity", "end": "infinity", "far": far}
        for (hour,) in hot.rows(INCONSISTENT, {"meter": meter.pk, **span}):
            yield f"{meter.code} {hour.isoformat()}"


def _broken_hours() -> Iterator[str]:
    """Walk each meter's chain in the order of sealing; name the first hour that differs."""
    heads: dict[str, bytes] = {}
    broken: set[str] = set()
    for hour in Hour.objects.select_related("meter").order_by("pk").iterator(chunk_size=5000):
        code = hour.meter.code
        previous = heads.get(code, GENESIS)
        digest = chained(
            previous,
            code,
            hour.hour,
            hour.revision,
            hour.count,
            quantity=hour.quantity,
            content=bytes(hour.content),
        )
        if code not in broken and (bytes(hour.previous) != previous or bytes(hour.hash) != digest):
            broken.add(code)
            yield f"{code} {hour.hour.isoformat()} revision {hour.revision}"
        heads[code] = bytes(hour.hash)


def _changed_documents() -> Iterator[str]:
    for document in Document.objects.select_related("invoice").iterator(chunk_size=200):
        if hashlib.sha256(bytes(document.content)).digest() != bytes(document.sha256):
            yield str(document.invoice.number)
