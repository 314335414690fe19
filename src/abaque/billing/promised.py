"""Control totals the products promised to state: for which spans, which are overdue, and what we count there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from abaque.catalogue import load_meter
from abaque.core.period import Span
from abaque.core.reconciling import Totals, Whose
from abaque.storage import hot
from abaque.storage.models import Customer, Meter
from abaque.storage.read.spans import Asked, measure

#: What was missing for longer belongs to books long closed, unless a draft still waits for it.
MEMORY = timedelta(days=400)
#: How far ahead what is unknown holds.
_SOON = timedelta(days=1)
#: Aggregates whose usage adds up over customers and slots.
_ADDITIVE = ("count", "sum")


@dataclass(frozen=True, slots=True)
class Promise:
    """A meter whose product promised totals, and from when on they are asked for."""

    meter: Meter
    totals: Totals
    since: datetime

    def overdue(self, now: datetime) -> tuple[Span, ...]:
        """Return the spans whose total should have been stated by now."""
        return self.totals.overdue(self.since, now)

    def part(self, customer_id: int | None, span: Span) -> "Part":
        """Return what a total of a span would be about."""
        return Part(self.meter.pk, self.meter.aggregate, customer_id, span.start, span.end)


@dataclass(frozen=True, slots=True)
class Part:
    """What a control total is about: a meter in `[start, end)`, of one customer or of all together (None)."""

    meter_id: int
    aggregate: str
    customer_id: int | None
    start: datetime
    end: datetime


def promises(now: datetime) -> list[Promise]:
    """Return what was promised, by meter code; drafts reach back further than the promise if they need it."""
    waiting: dict[str, datetime] = dict(
        hot.rows(
            "SELECT l.meter, min(l.span_start) FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id"
            " WHERE i.state = 'draft' AND l.meter <> '' GROUP BY 1"
        )
    )
    found = []
    for meter in Meter.objects.exclude(totals_since=None).order_by("code"):
        totals = load_meter(meter.definition).totals
        assert totals is not None, "totals_since is kept beside promised totals"
        since = max(meter.totals_since or now, now - MEMORY)
        found.append(Promise(meter, totals, min(since, waiting.get(meter.code, since))))
    return found


def missing(promise: Promise, spans: Sequence[Span]) -> dict[int | None, list[Span]]:
    """Return the spans nothing was stated for, by customer (None: for all together), oldest first.

    Where a total is promised per customer, it is one for each with usage in the span, and for each whose
    subscription prices the meter then: a customer all of whose events were lost has no usage to be noticed by.
    """
    if promise.totals.per is Whose.ALL:
        stated = set(hot.rows(_STATED, {"meter": promise.meter.pk}))
        without = [span for span in spans if (span.start, span.end) not in stated]
        return {None: without} if without else {}
    rows = hot.rows(
        _UNSTATED,
        {
            "meter": promise.meter.pk,
            "prices": f'[{{"meter": "{promise.meter.code}"}}]',
            "starts": [span.start for span in spans],
            "ends": [span.end for span in spans],
        },
    )
    found: dict[int | None, list[Span]] = {}
    for customer, start, end in rows:
        found.setdefault(customer, []).append(Span(start, end))
    return found


def due_soon(promise: Promise, customer: Customer | None, span: Span, now: datetime) -> bool:
    """Whether a draft with usage of the span, of the customer or of anybody, may be issued within a day."""
    found: bool = hot.rows(
        _DUE_SOON,
        {
            "meter": promise.meter.code,
            "customer": customer and customer.pk,
            "start": span.start,
            "end": span.end,
            "until": now + _SOON - promise.meter.lateness,
        },
    )[0][0]
    return found


def measured(parts: Sequence[Part]) -> list[Decimal]:
    """Return our usage of each part, in order. Two statements, and a third where usage does not add up."""
    found: dict[int, Decimal] = {}
    alone = [(place, part) for place, part in enumerate(parts) if part.customer_id is not None]
    together = [
        (place, part)
        for place, part in enumerate(parts)
        if part.customer_id is None and part.aggregate in _ADDITIVE
    ]
    rest = [
        (place, part)
        for place, part in enumerate(parts)
        if part.customer_id is None and part.aggregate not in _ADDITIVE
    ]
    rows = hot.rows(_TOGETHER, _arrays(together)) if together else []
    found.update({place: Decimal(quantity) for place, quantity in rows})
    rows = hot.rows(_CUSTOMERS, _arrays(rest)) if rest else []
    each = [(place, parts[place], customer) for place, customer in rows]
    each += [(place, part, part.customer_id) for place, part in alone]
    asked = [Asked(part.meter_id, customer, part.start, part.end) for _place, part, customer in each]
    for (place, _part, _customer), one in zip(each, measure(asked), strict=True):
        found[place] = found.get(place, Decimal(0)) + one.quantity
    return [found.get(place, Decimal(0)) for place in range(len(parts))]


def _arrays(parts: Iterable[tuple[int, Part]]) -> dict[str, list[object]]:
    chosen = list(parts)
    return {
        "places": [place for place, _part in chosen],
        "meters": [part.meter_id for _place, part in chosen],
        "starts": [part.start for _place, part in chosen],
        "ends": [part.end for _place, part in chosen],
    }


_STATED = """
SELECT DISTINCT starts_at, ends_at FROM control_total
WHERE meter_id = %(meter)s AND customer_id IS NULL AND replaced_at IS NULL
"""

_UNSTATED = """
SELECT c.id, s.starts_at, s.ends_at
FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS s(starts_at, ends_at)
CROSS JOIN LATERAL (
    SELECT customer_id AS id FROM usage
    WHERE meter_id = %(meter)s AND slot >= s.starts_at AND slot < s.ends_at AND events > 0
    UNION
    SELECT b.customer_id FROM subscription b JOIN plan_version v ON v.id = b.plan_version_id
    WHERE v.definition -> 'charges' @> %(prices)s::jsonb
      AND b.starts_at < s.ends_at AND (b.ends_at IS NULL OR b.ends_at > s.starts_at)
) c
WHERE NOT EXISTS (
    SELECT FROM control_total t
    WHERE t.meter_id = %(meter)s AND t.customer_id = c.id AND t.starts_at = s.starts_at AND t.ends_at = s.ends_at
      AND t.replaced_at IS NULL)
ORDER BY c.id, s.starts_at
"""

_DUE_SOON = """
SELECT EXISTS (
    SELECT FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id
    WHERE i.state = 'draft' AND l.meter = %(meter)s AND l.span_start < %(end)s AND l.span_end > %(start)s
      AND l.span_end <= %(until)s AND (%(customer)s::bigint IS NULL OR i.customer_id = %(customer)s))
"""

_TOGETHER = """
SELECT p.place, coalesce(u.quantity, 0)
FROM unnest(%(places)s::int[], %(meters)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
     AS p(place, meter_id, starts_at, ends_at)
CROSS JOIN LATERAL (
    SELECT sum(quantity) AS quantity FROM usage
    WHERE meter_id = p.meter_id AND slot >= p.starts_at AND slot < p.ends_at
) u
"""

_CUSTOMERS = """
SELECT DISTINCT p.place, u.customer_id
FROM unnest(%(places)s::int[], %(meters)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
     AS p(place, meter_id, starts_at, ends_at)
JOIN usage u ON u.meter_id = p.meter_id AND u.slot >= p.starts_at AND u.slot < p.ends_at
"""
