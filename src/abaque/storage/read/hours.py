"""How sure usage is, hour by hour: what is open, sealed, consistent, verified; and what the product stated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from abaque.core.period import Span
from abaque.storage import hot
from abaque.storage.models import ControlTotal, Customer, Hour

_DAY = timedelta(days=1)
_ORIGIN = "timestamptz '2000-01-01 00:00+00'"


@dataclass(frozen=True, slots=True)
class DayOfHours:
    """The hours of a UTC day in which a meter has usage, by what is known of them.

    `sealed` ones were recomputed from their events and did not come out the same.
    """

    day: date
    open: int
    sealed: int
    consistent: int
    verified: int

    @property
    def state(self) -> str:
        """The least that is known of any of its hours; "" without usage."""
        for name in ("open", "sealed", "consistent", "verified"):
            if getattr(self, name):
                return name
        return ""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest sealed hour of a meter, and when it was sealed."""

    hour: datetime
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class HourLine:
    """An hour of a meter: what it counts now, and how often it was sealed (`seals` 2: one supplement)."""

    hour: datetime
    events: int
    not_billable: int
    seals: int
    sealed_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Named:
    """A customer as pages name and address it."""

    name: str
    public_id: str


@dataclass(frozen=True, slots=True)
class Stated:
    """A control total that stands, and the earlier statements it replaced, the latest first."""

    id: str
    meter_id: int
    customer_id: int | None
    span: Span
    quantity: Decimal
    tolerance: Decimal
    stated_at: datetime
    earlier: tuple[tuple[datetime, Decimal], ...]


def days(span: Span) -> dict[int, list[DayOfHours]]:
    """Return each UTC day of a span that begins at a midnight, by the meter's internal id."""
    found = {
        (meter, at): tuple(counts)
        for meter, at, *counts in hot.rows(_DAYS, {"start": span.start, "end": span.end})
    }
    midnights = [span.start + n * _DAY for n in range((span.end - span.start) // _DAY)]
    return {
        meter: [DayOfHours(at.date(), *found.get((meter, at), (0, 0, 0, 0))) for at in midnights]
        for (meter,) in hot.rows("SELECT id FROM meter")
    }


def newest() -> dict[int, Newest]:
    """Return the newest sealed hour by the meter's internal id."""
    rows = hot.rows(
        "SELECT DISTINCT ON (meter_id) meter_id, hour, sealed_at FROM hour ORDER BY meter_id, hour DESC, id"
    )
    return {meter: Newest(hour, at) for meter, hour, at in rows}


def inconsistent(limit: int) -> list[tuple[int, datetime]]:
    """Return sealed hours that did not come out the same when recomputed: the meter's internal id, the hour."""
    found = (
        Hour.objects.filter(consistent_at=None)
        .order_by("hour", "meter")
        .values_list("meter", "hour")
        .distinct()
    )
    return list(found[:limit])


def hours(meter: int, day: Span) -> list[HourLine]:
    """Return the hours of a day in which a meter has usage or a seal, oldest first."""
    rows = hot.rows(_HOURS, {"meter": meter, "start": day.start, "end": day.end})
    return [HourLine(*row) for row in rows]


def stated(span: Span, limit: int) -> list[Stated]:
    """Return the standing control totals that end within a span, newest first, with what they replaced."""
    found = list(
        ControlTotal.objects.filter(replaced_at=None, ends_at__gt=span.start, ends_at__lte=span.end).order_by(
            "-ends_at", "-pk"
        )[:limit]
    )
    earlier = _earlier(found)
    return [
        Stated(
            one.public_id,
            one.meter_id,
            one.customer_id,
            Span(one.starts_at, one.ends_at),
            one.quantity,
            one.tolerance,
            one.stated_at,
            earlier.get(_key(one), ()),
        )
        for one in found
    ]


def customers(ids: Sequence[int]) -> dict[int, Named]:
    """Return the names of customers by internal id."""
    found = Customer.objects.filter(pk__in=ids).values_list("pk", "legal_name", "external_id", "public_id")
    return {pk: Named(name or number, public) for pk, name, number, public in found}


def _key(one: ControlTotal) -> tuple[object, ...]:
    return one.meter_id, one.customer_id, one.starts_at, one.ends_at


def _earlier(found: Sequence[ControlTotal]) -> dict[tuple[object, ...], tuple[tuple[datetime, Decimal], ...]]:
    if not found:
        return {}
    replaced = ControlTotal.objects.exclude(replaced_at=None).filter(
        ends_at__gte=min(one.ends_at for one in found), ends_at__lte=max(one.ends_at for one in found)
    )
    grouped: dict[tuple[object, ...], tuple[tuple[datetime, Decimal], ...]] = {}
    for one in replaced.order_by("-pk"):
        grouped[_key(one)] = (*grouped.get(_key(one), ()), (one.stated_at, one.quantity))
    return grouped


_DAYS = f"""
WITH used AS (
    SELECT DISTINCT m.id AS meter_id, date_bin('1 hour', u.slot, {_ORIGIN}) AS hour
    FROM meter m JOIN usage u ON u.meter_id = m.id AND u.slot >= %(start)s AND u.slot < %(end)s
),
seals AS (
    SELECT meter_id, hour, bool_and(consistent_at IS NOT NULL) AS consistent,
           bool_and(consistent_at IS NOT NULL AND verified_at IS NOT NULL) AS verified
    FROM hour WHERE hour >= %(start)s AND hour < %(end)s GROUP BY 1, 2
)
SELECT meter_id, date_bin('1 day', hour, {_ORIGIN}),
       count(*) FILTER (WHERE consistent IS NULL),
       count(*) FILTER (WHERE NOT consistent),
       count(*) FILTER (WHERE consistent AND NOT verified),
       count(*) FILTER (WHERE verified)
FROM used FULL JOIN seals USING (meter_id, hour) GROUP BY 1, 2
"""

_HOURS = f"""
WITH used AS (
    SELECT date_bin('1 hour', slot, {_ORIGIN}) AS hour, sum(events) AS events, sum(not_billable) AS not_billable
    FROM usage WHERE meter_id = %(meter)s AND slot >= %(start)s AND slot < %(end)s GROUP BY 1
),
seals AS (
    SELECT hour, count(*) AS seals, max(sealed_at) AS sealed_at,
           CASE WHEN NOT bool_and(consistent_at IS NOT NULL) THEN 'sealed'
                WHEN NOT bool_and(verified_at IS NOT NULL) THEN 'consistent' ELSE 'verified' END AS state
    FROM hour WHERE meter_id = %(meter)s AND hour >= %(start)s AND hour < %(end)s GROUP BY 1
)
SELECT hour, coalesce(events, 0)::bigint, coalesce(not_billable, 0)::bigint, coalesce(seals, 0), sealed_at,
       coalesce(state, 'open')
FROM used FULL JOIN seals USING (hour) ORDER BY 1
"""
