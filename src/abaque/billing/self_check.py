"""Self-check: what must always hold, asked of the database in plain SQL. Nothing is trusted, nothing mended.

Each check is a query for violations; an empty answer is good. It runs in tests, after each run and in
production, at any time: what is still being metered is left out.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from abaque.billing.archive import superseded
from abaque.billing.capturing.capture import FAR_FUTURE
from abaque.core.metering import Correction, CorrectionKind, struck
from abaque.storage import archived, hot
from abaque.storage.clock import now
from abaque.storage.models import Document, Recount
from abaque.storage.read.chain import verify
from abaque.storage.read.fates import counted_by, counting
from abaque.storage.sql.correcting import NUMBERS
from abaque.storage.sql.sealing import inconsistent

SHOWN = 5
_METERING_TAKES = timedelta(minutes=5)

CHECKS = {
    "each accepted event is stored once, under its identity": """
        SELECT seq FROM (
            SELECT * FROM identity y WHERE NOT EXISTS (
                SELECT FROM archived_month m WHERE y.time >= m.starts_at AND y.time < m.ends_at
                AND NOT EXISTS (SELECT FROM event e WHERE e.seq = y.seq AND e.time = y.time))
        ) y FULL JOIN (SELECT seq, source, id, time FROM event WHERE amends IS NULL) e USING (seq)
        GROUP BY seq HAVING count(e.id) <> 1 OR count(y.id) <> 1
            OR bool_or((y.source, y.id, y.time) IS DISTINCT FROM (e.source, e.id, e.time))""",
    "what the door accepted is what is stored": """
        SELECT i.id, i.accepted FROM intake i LEFT JOIN (
            SELECT seq >> 20 AS intake, count(*) AS n FROM (
                SELECT seq FROM event WHERE amends IS NULL UNION
                SELECT seq FROM archived_month m JOIN identity y ON y.time >= m.starts_at AND y.time < m.ends_at
            ) each GROUP BY 1
        ) e ON e.intake = i.id WHERE i.accepted <> coalesce(e.n, 0)""",
    "each stored fate is of an event that a meter looks at, and that stands": """
        SELECT f.seq, f.meter_id FROM fate f LEFT JOIN event e ON e.seq = f.seq AND e.time = f.time
        LEFT JOIN meter_version m ON m.id = f.meter_id
        WHERE (e.seq IS NULL AND NOT EXISTS (
                    SELECT FROM archived_month a WHERE f.time >= a.starts_at AND f.time < a.ends_at))
            OR m.id IS NULL OR (e.seq IS NOT NULL AND NOT m.event_types @> ARRAY[e.type])
           OR EXISTS (SELECT FROM struck x WHERE x.seq = f.seq)""",
    "an archived month has as many events as have left the hot tables": """
        SELECT m.starts_at, m.rows FROM archived_month m
        LEFT JOIN identity y ON y.time >= m.starts_at AND y.time < m.ends_at
            AND NOT EXISTS (SELECT FROM event e WHERE e.seq = y.seq AND e.time = y.time)
        GROUP BY m.starts_at, m.rows, m.replacements HAVING count(y.seq) <> m.rows - m.replacements""",
    "an operation counts once, by its earliest success": """
        SELECT customer_id, meter_id, operation FROM operation o FULL JOIN (
            SELECT customer_id, meter_id, operation, min(time) AS first FROM fate
            WHERE operation IS NOT NULL GROUP BY 1, 2, 3
        ) f USING (customer_id, meter_id, operation)
        JOIN meter_version m ON m.id = meter_id AND m.standing IN ('standing', 'candidate')
        WHERE o.seq IS NULL OR f.first < o.time
           OR EXISTS (SELECT FROM fate g WHERE g.seq = o.seq AND g.meter_id = o.meter_id)""",
    "folded days are the sum of their slots": """
        SELECT told.meter_id, told.customer_id, told.day FROM (usage_day FULL JOIN (
            SELECT u.meter_id, u.customer_id, abaque_day(u.slot) AS day, u.grp, sum(u.events) AS all_events,
                   sum(u.not_billable) AS all_failed, CASE min(m.aggregate) WHEN 'max' THEN max(u.quantity)
                       WHEN 'min' THEN min(u.quantity) ELSE sum(u.quantity) END AS all_quantity
            FROM usage u JOIN meter_version m ON m.id = u.meter_id GROUP BY 1, 2, 3, 4
        ) s USING (meter_id, customer_id, day, grp)) AS told
        WHERE NOT EXISTS (SELECT FROM unfolded x WHERE x.meter_id = told.meter_id AND x.day = told.day)
          AND (events, not_billable, quantity) IS DISTINCT FROM (all_events, all_failed, all_quantity)""",
    "a customer's events are on the trail, once": """
        SELECT e.seq FROM event e JOIN intake i ON i.id = e.seq >> 20 AND i.metered_at IS NOT NULL
        JOIN alias a ON a.subject = e.subject AND abaque_holds(a.valid_from, a.valid_to, e.time)
        JOIN meter m ON m.event_types @> ARRAY[e.type]
        LEFT JOIN (SELECT unnest(seqs) AS seq, customer_id FROM trail) t
            ON t.seq = e.seq AND t.customer_id = a.customer_id
        WHERE NOT EXISTS (SELECT FROM recount WHERE done_at IS NULL)
          AND e.time >= coalesce((SELECT max(ends_at) FROM archived_month), '-infinity')
          AND NOT EXISTS (SELECT FROM struck x WHERE x.seq = e.seq)
          AND NOT EXISTS (SELECT FROM dismissal d JOIN fate f USING (seq)
                          WHERE d.seq = e.seq AND f.meter_id = m.id AND f.fate = 'quarantined')
        GROUP BY e.seq, m.id HAVING count(t.seq) <> 1""",
    "each unit, net of credits, is claimed by at most one closed period": """
        WITH claim AS (
            SELECT l.* FROM invoice_line l LEFT JOIN (
                SELECT credits_id AS id, sum(net) AS net FROM invoice_line GROUP BY 1
            ) given USING (id)
            WHERE l.credits_id IS NULL AND l.meter <> '' AND (l.net = 0 OR given.net IS DISTINCT FROM l.net)
        )
        SELECT a.id, b.id FROM claim a JOIN claim b
        ON a.subscription_id = b.subscription_id AND a.charge = b.charge AND a.id < b.id
           AND a.span_start < b.span_end AND b.span_start < a.span_end
           AND (a.revision = b.revision OR (a.span_start, a.span_end) <> (b.span_start, b.span_end))""",
    "revisions of a billed span run from 0 without a gap, and each names the invoice it adjusts": """
        SELECT l.subscription_id, l.charge, l.span_start FROM invoice_line l LEFT JOIN invoice_line o
        ON (o.subscription_id, o.charge, o.span_start) = (l.subscription_id, l.charge, l.span_start)
           AND o.revision = 0 AND o.credits_id IS NULL
        WHERE l.credits_id IS NULL GROUP BY 1, 2, 3
        HAVING count(*) <> max(l.revision) + 1 OR bool_or(l.adjusts_id <> o.invoice_id)""",
    "what is credited never exceeds the invoice, per line, per rate and in total": """
        SELECT o.invoice_id, o.position::text FROM invoice_line l JOIN invoice_line o ON o.id = l.credits_id
        GROUP BY o.id HAVING sum(l.net) NOT BETWEEN 0 AND o.net
        UNION ALL
        SELECT i.id, g.category || g.percent FROM invoice i
        JOIN invoice n ON n.corrects_id = i.id
        CROSS JOIN jsonb_to_recordset(n.taxes) AS g(category text, percent text, base bigint, tax bigint)
        LEFT JOIN LATERAL jsonb_to_recordset(i.taxes) AS w(category text, percent text, base bigint, tax bigint)
            ON (w.category, w.percent) = (g.category, g.percent)
        GROUP BY i.id, g.category, g.percent
        HAVING sum(g.base) > coalesce(max(w.base), 0) OR sum(g.tax) > coalesce(max(w.tax), 0)
        UNION ALL
        SELECT i.id, 'total' FROM invoice i JOIN invoice n ON n.corrects_id = i.id GROUP BY i.id
        HAVING sum(n.net) > i.net OR sum(n.tax) > i.tax OR bool_or(n.currency <> i.currency) OR i.state <> 'issued'""",
    "lines sum to totals": """
        SELECT i.id FROM invoice i LEFT JOIN invoice_line l ON l.invoice_id = i.id
        GROUP BY i.id HAVING coalesce(sum(l.net), 0) <> i.net OR i.net + i.tax <> i.gross""",
    "tax is the sum of its groups, and their bases are the net": """
        SELECT i.id FROM invoice i, LATERAL (SELECT coalesce(sum((g ->> 'tax')::bigint), 0) AS tax,
            coalesce(sum((g ->> 'base')::bigint), 0) AS base FROM jsonb_array_elements(i.taxes) g) t
        WHERE t.tax <> i.tax OR t.base <> i.net""",
    "entries sum to zero": """
        SELECT entry_id, currency FROM posting GROUP BY 1, 2 HAVING sum(amount) <> 0""",
    "each issued document is posted once, with its gross": """
        SELECT i.id FROM invoice i
        LEFT JOIN entry e ON CASE i.kind WHEN 'credit_note'
            THEN e.kind = 'credit_note_issued' AND (e.credit_note_id, e.invoice_id) = (i.id, i.corrects_id)
            ELSE e.kind = 'invoice_issued' AND e.invoice_id = i.id END
        LEFT JOIN posting p ON p.entry_id = e.id AND p.account ~ '^(receivable|unapplied):'
        WHERE i.state = 'issued' GROUP BY i.id, i.gross, i.kind
        HAVING count(DISTINCT e.id) <> 1
            OR coalesce(sum(p.amount), 0) <> CASE i.kind WHEN 'credit_note' THEN -i.gross ELSE i.gross END""",
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
    found.append(_listed("what stands is what corrections leave standing", _not_what_corrections_say()))
    found.append(
        _listed("sealed events are as they were sealed, and the chain of hours is unbroken", _broken_hours())
    )
    found.append(_listed("no file that was written anew still lies in the archive", _superseded()))
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
    asked = {"far": far, "key": settings.HASHING_KEY}
    for meter in counting():
        span = {"start": archived.until(), "end": "infinity"}
        for (hour,) in hot.rows(inconsistent(meter), asked | span):
            yield f"{meter.code} {hour.isoformat()}"
    for month in archived.months():
        if month.reduced:
            continue
        with archived.recalled(month, damaged=True):
            for meter in counted_by(month):
                span = {"start": month.starts_at, "end": month.ends_at}
                for (hour,) in hot.rows(inconsistent(meter, events="recalled"), asked | span):
                    yield f"{meter.code} {hour.isoformat()}"


def _not_what_corrections_say() -> Iterator[str]:
    """Work out again what all corrections leave standing."""
    rows = hot.rows(
        "SELECT time, source, id, kind, target_source, target_id, stands_seq FROM correction WHERE state = 'applied'"
    )
    wanted = struck(
        Correction(time, source, identity, CorrectionKind(kind), (target_source, target_id))
        for time, source, identity, kind, target_source, target_id, _ in rows
    )
    stands = {(row[1], row[2]): row[6] for row in rows if row[6] is not None}
    plain = [identity for identity in wanted if identity not in stands]
    asked = {"sources": [source for source, _ in plain], "ids": [identity for _, identity in plain]}
    stands |= {(source, identity): seq for source, identity, seq, _ in hot.rows(NUMBERS, asked)}
    said = {(stands[identity], state.fate.value) for identity, state in wanted.items() if identity in stands}
    kept = set(hot.rows("SELECT seq, fate FROM struck"))
    yield from (f"{seq} {fate}" for seq, fate in sorted(said ^ kept))


def _broken_hours() -> Iterator[str]:
    """Make every sealed hour again from its events, and the chain from the hours."""
    for one in verify().differences:
        events = " ".join(f"{event.source} {event.id}" for event in one.events)
        yield f"{one.meter or 'uncounted'} {one.hour.isoformat()} revision {one.revision} {one.kind} {events}".rstrip()


def _superseded() -> Iterator[str]:
    return iter(superseded(archived.archive()) if archived.months() else ())


def _changed_documents() -> Iterator[str]:
    for document in Document.objects.select_related("invoice").iterator(chunk_size=200):
        if hashlib.sha256(bytes(document.content)).digest() != bytes(document.sha256):
            yield str(document.invoice.number)
