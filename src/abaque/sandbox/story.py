"""Six months of the product's life as events on their way: late, out of order, repeated, some broken."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from abaque.sandbox import saas
from abaque.sandbox.firms import FIRMS
from abaque.sandbox.saas import ControlTotal, Document

EVENT_TYPE = "document.processed"
Event = dict[str, Any]

_SECOND, _MINUTE, _HOUR = 1_000, 60_000, 3_600_000
_TYPO_FIRM, _TYPO = "le-gall-expertise", "le-gal-expertise"
_TYPO_DOCUMENTS = 7
_MISSING_PAGES = 2
_BURST_MONTH, _TWICE_MONTH, _TYPO_MONTH = 2, 4, 1
_KEPT_PLANS = 3
# the shares of events that arrive within seconds, within the hour, within twenty hours
_PROMPT, _WITHIN_THE_HOUR, _WITHIN_THE_DAY = 0.85, 0.97, 0.999


@dataclass(frozen=True, slots=True)
class Batch:
    """What the product sends on one local day, in the order it leaves. `at` is the end of that day, UTC.

    Every event happened before `at`. Events are shared between batches: do not change them.
    """

    day: date
    at: datetime
    events: tuple[Event, ...]


class Story:
    """The product's months from a seed: `months` local months (Europe/Paris) from `start`'s.

    `scale` multiplies the load (1.0 is about 300,000 events). With fewer than five months the incidents
    move to the last month there is.
    """

    def __init__(
        self, seed: int = 2026, *, start: date = date(2026, 1, 1), months: int = 6, scale: float = 1.0
    ) -> None:
        assert months >= 1, "a story has at least one month"
        self.seed = seed
        self.scale = scale
        first = start.replace(day=1)
        self.months: tuple[date, ...] = (first,)
        while len(self.months) < months:
            self.months += (saas.next_month(self.months[-1]),)
        self._plans: dict[date, list[Document]] = {}

    @property
    def burst(self) -> tuple[str, tuple[date, date]]:
        """Who handles 50,000 documents in two days, and on which local days."""
        return saas.BURST_CUSTOMER, saas.month_ends(self._at(_BURST_MONTH))

    @property
    def twice(self) -> tuple[datetime, datetime]:
        """The two hours (UTC) whose events are sent again, since the network swallowed the answers."""
        day = saas.midnight(saas.month_ends(self._at(_TWICE_MONTH))[1])
        return saas.as_instant(day + 14 * _HOUR), saas.as_instant(day + 16 * _HOUR)

    @property
    def typos(self) -> dict[str, str]:
        """Customer ids as wrongly sent, each with the id that was meant."""
        return {_TYPO: _TYPO_FIRM}

    def days(self) -> Iterator[Batch]:
        """Every day with its events, in order; after the last month also the days of the stragglers."""
        waiting: dict[date, list[tuple[int, Event]]] = defaultdict(list)
        for month in self.months:
            for arrival, event in self._deliveries(month):
                waiting[_day_of(arrival)].append((arrival, event))
            for day in saas.days_of(month):
                yield _batch(day, waiting.pop(day, []))
        for day in sorted(waiting):
            yield _batch(day, waiting[day])

    def control_totals(self, month: date, *, grain: str = "day") -> list[ControlTotal]:
        """State the product's own count of a month, per customer and `grain` ("day" or "month").

        Days and months are those of each customer's zone.
        """
        assert grain in {"day", "month"}, grain
        days = saas.day_totals(self._around(month), month)
        return days if grain == "day" else saas.month_totals(days)

    def truth(self, month: date) -> dict[str, int]:
        """Count what a month must bill: documents that succeeded in it, per customer.

        For tests only: a printed figure comes from the running system.
        """
        after = saas.next_month(month)
        spans = {}
        for firm in FIRMS:
            zone = ZoneInfo(firm.zone)
            spans[firm.external_id] = (saas.midnight(month, zone), saas.midnight(after, zone))
        return saas.succeeded_between(self._around(month), spans)

    def corrections(self, month: date) -> list[Event]:
        """Make what the product sends once somebody told it what was broken: the events put right.

        Each has a new id (the old one with `.1`), the same time and document, the right customer and pages.
        """
        typos, without_pages = self._broken(month)
        return [
            {**_event(each, number, at), "id": f"{each.id}-{number}.1"}
            for each in self._documents(month)
            if each.id in typos or each.id in without_pages
            for number, at in enumerate(each.attempts, 1)
        ]

    def _deliveries(self, month: date) -> Iterator[tuple[int, Event]]:
        """Give (arrival, event) of each attempt at a month's documents, in no order."""
        rng = Random(f"{self.seed}/{month:%Y-%m}/network")
        typos, without_pages = self._broken(month)
        first, last = (int(at.timestamp()) * 1000 for at in self.twice)
        for document in self._documents(month):
            for number, at in enumerate(document.attempts, 1):
                event = _event(document, number, at)
                if document.id in typos:
                    event["subject"] = _TYPO
                if document.id in without_pages:
                    del event["data"]["pages"]
                arrival = _arrival(rng, at)
                yield arrival, event
                if first <= arrival < last:
                    yield last + int(rng.uniform(0, 20 * _MINUTE)), event

    def _documents(self, month: date) -> list[Document]:
        if month not in self._plans:
            while len(self._plans) >= _KEPT_PLANS:
                # 50,000 documents a month: keep the latest, the others can be made again
                del self._plans[min(self._plans)]
            burst = month == self._at(_BURST_MONTH)
            self._plans[month] = saas.month_documents(self.seed, month, scale=self.scale, burst=burst)
        return self._plans[month]

    def _around(self, month: date) -> list[Document]:
        """Find all documents that can have succeeded in a month: those of the month before spill over."""
        before = [each for each in self.months if each < month][-1:]
        own = [month] if month in self.months else []
        return [document for each in before + own for document in self._documents(each)]

    def _broken(self, month: date) -> tuple[set[str], set[str]]:
        """Choose documents sent with a misspelt customer, and without their pages."""
        documents = self._documents(month)
        typos: set[str] = set()
        if month == self._at(_TYPO_MONTH):
            theirs = [each.id for each in documents if each.firm.external_id == _TYPO_FIRM]
            middle = len(theirs) // 2
            typos = set(theirs[middle : middle + _TYPO_DOCUMENTS])
        rest = [each.id for each in documents if each.id not in typos]
        rng = Random(f"{self.seed}/{month:%Y-%m}/broken")
        return typos, set(rng.sample(rest, min(_MISSING_PAGES, len(rest))))

    def _at(self, index: int) -> date:
        return self.months[min(index, len(self.months) - 1)]


def _event(document: Document, number: int, at: int) -> Event:
    """Write attempt `number` (from 1) as a CloudEvent, its time local with an offset."""
    outcome = "success" if document.succeeded and number == len(document.attempts) else "failure"
    return {
        "specversion": "1.0",
        "id": f"{document.id}-{number}",
        "source": document.node,
        "type": EVENT_TYPE,
        "subject": document.firm.external_id,
        "time": datetime.fromtimestamp(at / 1000, saas.ZONE).isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "data": {
            "document_id": document.id,
            "attempt": number,
            "outcome": outcome,
            "pages": document.pages,
            "kind": document.kind,
        },
    }


def _arrival(rng: Random, at: int) -> int:
    """Draw when an event of instant `at` reaches the door: mostly at once, some hours, a few days later.

    Never later than a day after the end of its month.
    """
    luck = rng.random()
    if luck < _PROMPT:
        return at + int(rng.expovariate(1 / (15 * _SECOND)))
    if luck < _WITHIN_THE_HOUR:
        return at + int(rng.uniform(2 * _MINUTE, _HOUR))
    if luck < _WITHIN_THE_DAY:
        return at + int(rng.uniform(_HOUR, 20 * _HOUR))
    month = _day_of(at).replace(day=1)
    latest = saas.midnight(saas.next_month(month)) + 24 * _HOUR - _MINUTE
    return min(at + int(rng.uniform(30 * _HOUR, 96 * _HOUR)), latest)


def _day_of(milliseconds: int) -> date:
    return datetime.fromtimestamp(milliseconds / 1000, saas.ZONE).date()


def _batch(day: date, deliveries: list[tuple[int, Event]]) -> Batch:
    deliveries.sort(key=lambda each: (each[0], each[1]["id"]))
    end = saas.as_instant(saas.midnight(day + timedelta(days=1)))
    return Batch(day, end, tuple(event for _, event in deliveries))
