"""What an invoice is made of: lines, their rating steps, their hours, the raw events of these.

At each level the quantities add up to those of the level above, by the way the meter aggregates: sums for
count and sum, the largest for max, and for unique each value where it was seen first in the line's span.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from abaque.core.fault import Fault
from abaque.core.money import Money, currency, subtract
from abaque.core.period import Span, parse_instant
from abaque.core.pricing import Step
from abaque.storage import archived, hot
from abaque.storage.models import Invoice, InvoiceLine, Meter
from abaque.storage.read.invoices import Earlier, InvoiceRow, earlier, find_invoice, step_from_stored
from abaque.storage.read.paging import bounded, decode, encode
from abaque.storage.read.spans import Asked, folds, measure
from abaque.storage.read.usage import plain
from abaque.storage.sql.archiving import HANDED_OVER
from abaque.storage.sql.metering import Published, judged

EVENTS_SHOWN = 50
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HourRow:
    """One hour UTC: `open`, `sealed`, `consistent` or `verified`; what of the line lies in it."""

    hour: datetime
    state: str
    quantity: str
    events: int
    not_billable: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One raw event that counts and what it adds. Numbers of `data` with a fraction are exact decimals."""

    source: str
    id: str
    type: str
    time: datetime
    data: Mapping[str, Any]
    quantity: str


@dataclass(frozen=True, slots=True)
class LineExplained:
    """A line down to its hours. `hours_quantity` is what the hours add up to now, by `adds_up_by`.

    `arrived_since` is what came after the line was made (late events), "0" when both agree. `earlier` is the invoice
    that billed the span before, where this line bills more of it or gives back.
    `events` is None unless asked for; `cursor` asks for the next of them.
    """

    position: int
    charge: str
    revision: int
    earlier: Earlier | None
    names: Mapping[str, str]
    meter: str
    meter_names: Mapping[str, str]
    unit: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    quantity: str | None
    net: Money
    steps: tuple[Step, ...]
    adds_up_by: str
    hours_quantity: str | None
    arrived_since: str
    not_billable: int
    hours: tuple[HourRow, ...]
    events_count: int
    events: tuple[EventRow, ...] | None
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    invoice: InvoiceRow
    lines: tuple[LineExplained, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One metered line, as the statements take it."""

    position: int
    meter: Published
    aggregate: str
    customer_id: int
    starts_at: datetime
    ends_at: datetime

    @property
    def meter_id(self) -> int:
        return self.meter.id


def explain(
    invoice: str,
    *,
    line: int | None = None,
    events: bool = False,
    limit: int = EVENTS_SHOWN,
    cursor: str | None = None,
) -> Explained | None:
    """Explain an invoice, by public id or number; None if there is none.

    `cursor` continues the events of one line, which must then be named. Faults `unknown_line`,
    `cursor_needs_line`, `bad_cursor`, `bad_limit`. Eight statements; for
    events one more, and one for each metered line.
    """
    if cursor is not None and line is None:
        raise Fault("cursor_needs_line")
    row = find_invoice(invoice)
    if row is None:
        return None
    stored = Invoice.objects.select_related("corrects").get(public_id=row.id)
    lines = list(InvoiceLine.objects.filter(invoice=stored).select_related("adjusts").order_by("position"))
    if line is not None:
        lines = [one for one in lines if one.position == line]
        if not lines:
            raise Fault("unknown_line", line=line, invoice=invoice)
    meters = _meters(lines)
    asked = [
        _Asked(
            one.position,
            Published(meters[one.pk].pk, one.meter, meters[one.pk].definition),
            meters[one.pk].aggregate,
            stored.customer_id,
            one.span_start,
            one.span_end,
        )
        for one in lines
        if one.pk in meters
    ]
    hours = _folded(asked, _hours(asked))
    totals = _totals(asked)
    shown: dict[int, tuple[tuple[EventRow, ...], str | None]] = {}
    if events:
        until = archived.until()
        shown = {one.position: _events(one, bounded(limit), cursor, until=until) for one in asked}
    return Explained(
        row,
        tuple(
            _line(
                one,
                stored,
                meters.get(one.pk),
                hours[one.position],
                total=totals.get(one.position),
                shown=shown.get(one.position),
            )
            for one in lines
        ),
    )


def _meters(lines: Sequence[InvoiceLine]) -> Mapping[int, Meter]:
    """Return the version of a meter that each metered line was counted by."""
    metered = [one for one in lines if one.meter]
    found = {
        (meter.code, meter.version): meter
        for meter in Meter.versions.filter(code__in={one.meter for one in metered})
    }
    return {
        one.pk: meter
        for one in metered
        if (meter := found.get((one.meter, one.meter_version or 1))) is not None
    }


def _line(
    line: InvoiceLine,
    of: Invoice,
    meter: Meter | None,
    hours: Sequence[HourRow],
    *,
    total: Decimal | None,
    shown: tuple[tuple[EventRow, ...], str | None] | None,
) -> LineExplained:
    ours = None if line.quantity is None else Decimal(line.quantity)
    since = Decimal(0) if total is None or ours is None else subtract(total, ours)
    definition = meter.definition if meter is not None else {}
    return LineExplained(
        position=line.position,
        charge=line.charge,
        revision=line.revision,
        earlier=earlier(line.adjusts or of.corrects),
        names=line.names,
        meter=line.meter,
        meter_names=_mapping(definition.get("names")),
        unit=_mapping(definition.get("units")),
        starts_at=line.span_start,
        ends_at=line.span_end,
        quantity=None if ours is None else plain(ours),
        net=Money(line.net, currency(of.currency)),
        steps=tuple(step_from_stored(step) for step in line.steps),
        adds_up_by=_ADDS_UP.get(meter.aggregate, "folded") if meter is not None else "",
        hours_quantity=None if total is None else plain(total),
        arrived_since=plain(since),
        not_billable=sum(hour.not_billable for hour in hours),
        hours=tuple(hours),
        events_count=sum(hour.events for hour in hours),
        events=shown[0] if shown else None,
        cursor=shown[1] if shown else None,
    )


_ADDS_UP = {"count": "sum", "sum": "sum", "max": "max", "min": "min", "unique": "first_seen"}


def _mapping(value: object) -> Mapping[str, str]:
    return value if isinstance(value, dict) else {}


def _totals(asked: Sequence[_Asked]) -> Mapping[int, Decimal]:
    """Return what each line's span comes to now."""
    spans = [Asked(one.meter_id, one.customer_id, one.starts_at, one.ends_at) for one in asked]
    return {one.position: found.quantity for one, found in zip(asked, measure(spans), strict=True)}


def _folded(
    asked: Sequence[_Asked], hours: Mapping[int, Sequence[HourRow]]
) -> Mapping[int, Sequence[HourRow]]:
    """Return the hours with the quantities of those meters measured whose slots do not simply add up."""
    simple = folds([one.meter_id for one in asked])
    measured = dict(hours)
    for one in asked:
        rows = hours.get(one.position, ())
        if simple[one.meter_id] or not rows:
            continue
        period = Span(one.starts_at, one.ends_at)
        starts = [max(row.hour, one.starts_at) for row in rows]
        ends = [min(row.hour + _HOUR, one.ends_at) for row in rows]
        spans = [
            Asked(one.meter_id, one.customer_id, start, end, period)
            for start, end in zip(starts, ends, strict=True)
        ]
        measured[one.position] = [
            replace(row, quantity=plain(found.quantity))
            for row, found in zip(rows, measure(spans), strict=True)
        ]
    return defaultdict(list, measured)


def _hours(asked: Sequence[_Asked]) -> Mapping[int, Sequence[HourRow]]:
    found: dict[int, list[HourRow]] = defaultdict(list)
    if not asked:
        return found
    parameters = {
        "position": [one.position for one in asked],
        "meter": [one.meter_id for one in asked],
        "customer": [one.customer_id for one in asked],
        "start": [one.starts_at for one in asked],
        "end": [one.ends_at for one in asked],
    }
    for position, hour, state, quantity, events, not_billable in hot.rows(_HOURS, parameters):
        found[position].append(
            HourRow(hour, state, plain(Decimal(quantity or 0)), int(events), int(not_billable))
        )
    return found


def _events(
    asked: _Asked, limit: int, cursor: str | None, *, until: datetime
) -> tuple[tuple[EventRow, ...], str | None]:
    after_time, after_source, after_id = _after(cursor) if cursor else (asked.starts_at, "", "")
    parameters = {
        "meter": asked.meter_id,
        "customer": asked.customer_id,
        "start": asked.starts_at,
        "end": asked.ends_at,
        "after_time": after_time,
        "after_source": after_source,
        "after_id": after_id,
        "limit": limit + 1,
        "archived_until": until,
    }
    away = archived.handed_over(_of_archive(asked, parameters))
    found = hot.rows(_events_statement(asked), parameters | {"archived": away})
    rows = tuple(
        EventRow(
            source, identity, kind, time, json.loads(data, parse_float=Decimal), plain(Decimal(quantity))
        )
        for source, identity, kind, time, data, quantity in found[:limit]
    )
    last = rows[-1] if len(found) > limit else None
    more = encode(last.time.isoformat(), last.source, last.id) if last else None
    return rows, more


def _of_archive(asked: _Asked, parameters: dict[str, Any]) -> archived.Found:
    """Return what of a page of a line's events lies in the months archived."""
    if asked.starts_at >= parameters["archived_until"]:
        return ()
    return archived.find(hot.rows(_written(_TRAIL, asked), parameters))


def _after(cursor: str) -> tuple[datetime, str, str]:
    time, source, identity = decode(cursor, 3)
    try:
        return parse_instant(time), source, identity
    except Fault:
        raise Fault("bad_cursor", cursor=cursor) from None


# The least that is true of every part of an hour: a supplement that is only sealed makes the hour sealed.
_HOURS = """
WITH asked AS (
    SELECT * FROM unnest(
        %(position)s::int[], %(meter)s::bigint[], %(customer)s::bigint[], %(start)s::timestamptz[],
        %(end)s::timestamptz[]
    ) AS v(position, meter_id, customer_id, starts_at, ends_at)
),
additive AS (
    SELECT a.position, a.meter_id, abaque_hour(u.slot) AS hour,
           CASE min(m.aggregate) WHEN 'max' THEN max(u.quantity) WHEN 'min' THEN min(u.quantity)
                ELSE sum(u.quantity) END AS quantity,
           sum(u.events) AS events, sum(u.not_billable) AS not_billable
    FROM asked a JOIN meter_version m ON m.id = a.meter_id
    JOIN usage u ON u.customer_id = a.customer_id AND u.meter_id = a.meter_id
                AND u.slot >= a.starts_at AND u.slot < a.ends_at
    GROUP BY 1, 2, 3 HAVING sum(u.events) > 0 OR sum(u.not_billable) > 0
),
first_seen AS (
    SELECT position, abaque_hour(slot) AS hour,
           count(*) AS quantity
    FROM (
        SELECT a.position, u.value, min(u.slot) AS slot
        FROM asked a JOIN meter_version m ON m.id = a.meter_id AND m.aggregate = 'unique'
        JOIN unique_value u ON u.customer_id = a.customer_id AND u.meter_id = a.meter_id
                           AND u.slot >= a.starts_at AND u.slot < a.ends_at
        GROUP BY 1, 2
    ) one GROUP BY 1, 2
)
SELECT d.position, d.hour,
       CASE WHEN s.parts IS NULL THEN 'open' WHEN s.verified THEN 'verified'
            WHEN s.consistent THEN 'consistent' ELSE 'sealed' END,
       CASE WHEN m.aggregate = 'unique' THEN coalesce(f.quantity, 0) ELSE d.quantity END,
       d.events, d.not_billable
FROM additive d JOIN meter_version m ON m.id = d.meter_id
LEFT JOIN first_seen f USING (position, hour)
LEFT JOIN LATERAL (
    SELECT nullif(count(*), 0) AS parts, bool_and(h.verified_at IS NOT NULL) AS verified,
           bool_and(h.consistent_at IS NOT NULL) AS consistent
    FROM hour h WHERE h.meter_id = d.meter_id AND h.hour = d.hour
) s ON true
ORDER BY d.position, d.hour
"""

# Where a page of a customer's events ends.
_BOUND = """
    SELECT CASE WHEN {whole} THEN %(end)s ELSE coalesce(min(slot) + interval '15 minutes', %(end)s) END AS until FROM (
        SELECT slot, sum(sum(events)) OVER (ORDER BY slot) - first_value(sum(events)) OVER (ORDER BY slot) AS beyond
        FROM usage WHERE customer_id = %(customer)s AND meter_id = %(meter)s AND slot < %(end)s
           AND slot >= greatest(%(start)s, abaque_slot(%(after_time)s))
        GROUP BY slot
    ) slots WHERE beyond >= %(limit)s
"""
# A customer's events of a span, by the trail that metering left. What erased and reduced ones said is gone: what they
# counted for is told by the sealed hours.
_EVENTS = """
WITH bound AS ({bound}),
told AS MATERIALIZED (
    SELECT e.seq, e.source, e.id, e.type, e.time, e.data
    FROM trail t, unnest(t.seqs) AS s(seq) JOIN event e ON e.seq = s.seq
    WHERE t.customer_id = %(customer)s AND t.hour < (SELECT until FROM bound)
      AND t.hour >= abaque_hour({since})
    UNION ALL
    SELECT a.seq, a.source, a.id, a.type, a.time, a.data FROM ({handed_over}) a
),
e AS MATERIALIZED (
    SELECT told.*, %(customer)s::bigint AS customer_id, abaque_slot(time) AS slot, false AS future FROM told
    WHERE time >= {since} AND time >= %(start)s AND time < (SELECT until FROM bound)
      AND NOT EXISTS (SELECT FROM struck x WHERE x.seq = told.seq)
),
judged AS ({judged}),
counted AS (
    SELECT e.source, e.id, e.type, e.time, e.data, {quantity} AS quantity FROM judged j JOIN e USING (seq)
    WHERE j.word IS NULL AND NOT EXISTS (SELECT FROM fate f WHERE f.seq = j.seq AND f.meter_id = j.meter_id)
    UNION ALL
    SELECT e.source, e.id, e.type, e.time, e.data, sum(u.quantity)
    FROM e JOIN node n ON n.customer_id = %(customer)s AND n.meter_id = %(meter)s AND n.slot = e.slot
    CROSS JOIN LATERAL unnest(n.seqs, n.counts, n.quantities) AS u(seq, count, quantity)
    WHERE e.type IN ('abaque.erased', 'abaque.reduced') AND u.seq = e.seq
    GROUP BY e.seq, e.source, e.id, e.type, e.time, e.data HAVING sum(u.count) > 0
)
SELECT * FROM counted WHERE (time, source, id) > (%(after_time)s, %(after_source)s, %(after_id)s)
ORDER BY time, source, id LIMIT %(limit)s
"""
# Which of the customer's archived events a page may show, with the hours they lie in.
_TRAIL = """
WITH bound AS ({bound})
SELECT unnest(seqs), hour FROM trail
WHERE customer_id = %(customer)s AND hour >= abaque_hour({since})
  AND hour < least(%(archived_until)s, (SELECT until FROM bound))
"""
# The first event of each value adds one, the others nothing: for that the whole span is looked at.
_FIRST_SEEN = "(row_number() OVER (PARTITION BY j.value ORDER BY e.time, e.source, e.id) = 1)::int"


def _events_statement(asked: _Asked) -> str:
    quantity = _FIRST_SEEN if asked.aggregate == "unique" else "j.quantity"
    return _written(_EVENTS, asked, judged=judged([asked.meter]), quantity=quantity, handed_over=HANDED_OVER)


def _written(statement: str, asked: _Asked, **more: str) -> str:
    unique = asked.aggregate == "unique"
    bound = _BOUND.format(whole="true" if unique else "false")
    return statement.format(bound=bound, since="%(start)s" if unique else "%(after_time)s", **more)
