"""A simulated document-processing product: what its customers asked of it, attempt by attempt.

This is the product's own database. Nothing here knows how events travel, nor how they are billed.
"""

import calendar
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from abaque.sandbox.firms import FIRMS, Firm

ZONE = ZoneInfo("Europe/Paris")
KINDS = ("invoice", "receipt", "bank_statement", "payslip", "contract")
NODES = ("/docs/eu-1", "/docs/eu-2", "/docs/eu-3")

BURST_DOCUMENTS = 50_000
BURST_CUSTOMER = FIRMS[0].external_id
FAILURE_RATE = 0.2
GIVE_UP_RATE = 0.01  # after a failed attempt; else the product tries again
MONTH_END_LOAD = 10.0
WEEKEND_LOAD = 0.1
_BURST_HOURS = (8, 18)
# how likely a document comes in each local hour: office hours, and a little all night
_HOURS = tuple(accumulate([0.3] * 7 + [2, 6, 12, 12, 12, 6, 7, 12, 12, 12, 12, 6, 3, 1, 1, 0.5, 0.5]))
_PAGES = tuple(accumulate((40, 20, 12, 8, 6, 4, 3, 2, 2, 1, 1, 1)))
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Document:
    """One document and the instants (milliseconds since 1970 UTC) it was attempted at.

    Every attempt but the last failed; the last succeeded if `succeeded`.
    """

    firm: Firm
    id: str
    pages: int
    kind: str
    node: str
    attempts: tuple[int, ...]
    succeeded: bool


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """What the product states of a customer's span `[start, end)` in UTC: documents that succeeded."""

    customer: str
    start: datetime
    end: datetime
    documents: int
    pages: int


def month_documents(seed: int, month: date, *, scale: float, burst: bool) -> list[Document]:
    """Every document first attempted in the local month, the same for the same arguments.

    `scale` multiplies the load. `burst` adds the customer that handles 50,000 documents in two days.
    """
    documents: list[Document] = []
    for firm in FIRMS:
        # a generator of its own per firm and month: each month can be made without the ones before
        rng = Random(f"{seed}/{month:%Y-%m}/{firm.external_id}")
        bursting = burst and firm.external_id == BURST_CUSTOMER
        starts = _usual(rng, firm, month, scale, bursting=bursting)
        plain = len(starts)
        if bursting:
            starts += _burst(rng, month, scale)
        for number, start in enumerate(starts, 1):
            attempts, succeeded = _attempts(rng, start, surely=number > plain)
            documents.append(
                Document(
                    firm=firm,
                    id=f"{firm.external_id}-{month:%y%m}-{number:05}",
                    pages=bisect_right(_PAGES, rng.random() * _PAGES[-1]) + 1,
                    kind=rng.choice(KINDS),
                    node=rng.choice(NODES),
                    attempts=attempts,
                    succeeded=succeeded,
                )
            )
    return documents


def month_ends(month: date) -> tuple[date, date]:
    """Find the last two working days (Monday to Friday) of a month."""
    days = [day for day in days_of(month) if day.weekday() < calendar.SATURDAY]
    return days[-2], days[-1]


def days_of(month: date) -> list[date]:
    count = calendar.monthrange(month.year, month.month)[1]
    return [month.replace(day=number) for number in range(1, count + 1)]


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def midnight(day: date, zone: ZoneInfo = ZONE) -> int:
    """Find the instant, in milliseconds, at which a local day starts."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000


def as_instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def day_totals(documents: Sequence[Document], month: date) -> list[ControlTotal]:
    """State what succeeded on each day of a month, in each customer's own zone, days with nothing too."""
    table: dict[tuple[str, date], tuple[int, int]] = {}
    zones = {firm.external_id: ZoneInfo(firm.zone) for firm in FIRMS}
    for each in documents:
        if each.succeeded:
            customer = each.firm.external_id
            done = datetime.fromtimestamp(each.attempts[-1] / 1000, zones[customer]).date()
            count, pages = table.get((customer, done), (0, 0))
            table[customer, done] = (count + 1, pages + each.pages)
    return [
        ControlTotal(
            customer,
            as_instant(midnight(day, zone)),
            as_instant(midnight(day + timedelta(days=1), zone)),
            *table.get((customer, day), (0, 0)),
        )
        for customer, zone in zones.items()
        for day in days_of(month)
    ]


def month_totals(days: Sequence[ControlTotal]) -> list[ControlTotal]:
    """Add up the days of one month per customer."""
    months: dict[str, ControlTotal] = {}
    for day in days:
        sofar = months.get(day.customer, day)
        months[day.customer] = (
            day
            if sofar is day
            else ControlTotal(
                day.customer,
                sofar.start,
                day.end,
                sofar.documents + day.documents,
                sofar.pages + day.pages,
            )
        )
    return list(months.values())


def succeeded_between(documents: Sequence[Document], spans: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Count the documents that succeeded in each customer's span (milliseconds, half-open).

    It shares nothing with `day_totals`, so that each can tell on the other.
    """
    counts = dict.fromkeys(spans, 0)
    for document in documents:
        start, end = spans[document.firm.external_id]
        if document.succeeded and start <= document.attempts[-1] < end:
            counts[document.firm.external_id] += 1
    return counts


def _usual(rng: Random, firm: Firm, month: date, scale: float, *, bursting: bool) -> list[int]:
    """Draw the first attempts of a firm's ordinary documents, day by day."""
    starts: list[int] = []
    ends = month_ends(month)
    for day in days_of(month):
        load = WEEKEND_LOAD if day.weekday() >= calendar.SATURDAY else 1.0
        if day in ends and not bursting:
            load = MONTH_END_LOAD
        # a fraction of a document is one with that likelihood, so that small scales keep their shape
        count = int(firm.daily * load * scale * rng.uniform(0.85, 1.15) + rng.random())
        start, length = midnight(day), midnight(day + timedelta(days=1)) - midnight(day)
        hours = rng.choices(range(24), cum_weights=_HOURS, k=count)
        starts += [start + int((hour + rng.random()) / 24 * length) for hour in hours]
    return starts


def _burst(rng: Random, month: date, scale: float) -> list[int]:
    """Draw the 50,000: evenly over the office hours of the last two working days."""
    first, last = (hour * _DAY_MS // 24 for hour in _BURST_HOURS)
    count = round(BURST_DOCUMENTS * scale)
    ends = month_ends(month)
    return [midnight(ends[number % 2]) + int(rng.uniform(first, last)) for number in range(count)]


def _attempts(rng: Random, start: int, *, surely: bool) -> tuple[tuple[int, ...], bool]:
    """Try until success, one to some thirty minutes apart; `surely` never gives up and hurries."""
    attempts = [start]
    while rng.random() < FAILURE_RATE:
        if not surely and rng.random() < GIVE_UP_RATE:
            return tuple(attempts), False
        pause = 60_000 + int(rng.expovariate(1 / (120_000 if surely else 600_000)))
        attempts.append(attempts[-1] + pause)
    return tuple(attempts), True
