"""The old way: the product counts API calls, the platform's counter is the only truth, and nobody compares.

Each call is a unit: failed attempts, and events sent twice. Above the platform's hourly limit the surplus
is gone without a word, and so is a call for a customer the platform does not know.
"""

import http.client
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from http import HTTPStatus
from itertools import count
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from abaque.sandbox.firms import FIRMS
from abaque.sandbox.platform.usage import BATCH_MAX, HOURLY_LIMIT

METER = "api_calls"

Tariff = Callable[[str, int], int]
"""(customer, calls counted in a month) → what the platform invoices, in minor units."""


@dataclass(frozen=True, slots=True)
class Call:
    """One API call of a customer at an instant (aware, of any offset)."""

    customer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Bill:
    """What the platform alone makes of a customer's month `YYYY-MM`; `amount` net, in minor units."""

    customer: str
    month: str
    sent: int
    counted: int
    amount: int

    @property
    def dropped(self) -> int:
        return self.sent - self.counted


class Counter(Protocol):
    """What the platform counts calls with."""

    def count(self, calls: Sequence[Call]) -> None: ...

    def counted(self, month: str) -> Mapping[str, int]:
        """Tell the calls kept per customer in the month `YYYY-MM` of the customer's zone."""


class InProcess:
    """The platform's counter without its HTTP: the same rule, in memory, for the story's two minutes."""

    def __init__(self, hourly_limit: int = HOURLY_LIMIT) -> None:
        self._limit = hourly_limit
        self._hours: dict[tuple[str, int], int] = defaultdict(int)
        self._months: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def count(self, calls: Sequence[Call]) -> None:
        for call in calls:
            hour = (call.customer, int(call.at.timestamp()) // 3600)
            if self._hours[hour] < self._limit:
                self._hours[hour] += 1
                self._months[_month(call)][call.customer] += 1

    def counted(self, month: str) -> Mapping[str, int]:
        return dict(self._months.get(month, {}))


class OverHttp:
    """The platform's own /v1/usage, in batches, waiting when it says 429."""

    def __init__(self, url: str, key: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._numbers = count(1)
        self._sleep = sleep

    def count(self, calls: Sequence[Call]) -> None:
        for start in range(0, len(calls), BATCH_MAX):
            rows = [
                {
                    "customer": call.customer,
                    "meter": METER,
                    "value": 1,
                    # each call is its own unit: nobody told the old way that two may be one
                    "identifier": f"call-{next(self._numbers)}",
                    "timestamp": int(call.at.timestamp()),
                }
                for call in calls[start : start + BATCH_MAX]
            ]
            self._ask("POST", "/v1/usage", json.dumps({"data": rows}))

    def counted(self, month: str) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for zone in sorted({firm.zone for firm in FIRMS}):
            query = urlencode({"meter": METER, "month": month, "zone": zone})
            rows = self._ask("GET", f"/v1/usage?{query}", None)["data"]
            counts |= {
                row["customer"]: int(row["value"]) for row in rows if _ZONES.get(row["customer"]) == zone
            }
        return counts

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> Any:
        while True:
            try:
                self._connection.request(method, path, body, self._headers)
                response = self._connection.getresponse()
            except (ConnectionError, http.client.RemoteDisconnected):
                # the platform closes what was idle; identifiers make sending again harmless
                self._connection.close()
                continue
            answer = json.loads(response.read())
            if response.status == HTTPStatus.OK:
                return answer
            if response.status != HTTPStatus.TOO_MANY_REQUESTS:
                raise RuntimeError(f"the platform answered {response.status}: {answer}")
            self._sleep(float(response.headers.get("Retry-After", "1")))


class OldWay:
    """Feed it everything the product sends; ask what the platform alone bills."""

    def __init__(self, tariff: Tariff, counter: Counter | None = None) -> None:
        self._tariff = tariff
        self._counter = counter if counter is not None else InProcess()
        self._sent: dict[tuple[str, str], int] = defaultdict(int)

    def feed(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Count each event as one call of its subject, at its own time."""
        calls = [
            Call(each["subject"], datetime.fromisoformat(each["time"]).astimezone(UTC)) for each in events
        ]
        for call in calls:
            self._sent[_month(call), call.customer] += 1
        self._counter.count(calls)

    def bills(self, month: str) -> list[Bill]:
        """Bill a month `YYYY-MM` to every customer the platform knows, those with no calls too."""
        counted = self._counter.counted(month)
        return [
            Bill(
                firm.external_id,
                month,
                self._sent.get((month, firm.external_id), 0),
                counted.get(firm.external_id, 0),
                self._tariff(firm.external_id, counted.get(firm.external_id, 0)),
            )
            for firm in FIRMS
        ]


def per_call(price: Decimal, *, digits: int = 2) -> Tariff:
    """Price every call the same: `price` in major units, rounded half away from zero once per month."""

    def amount(_customer: str, calls: int) -> int:
        return int((price * calls).scaleb(digits).quantize(Decimal(1), ROUND_HALF_UP))

    return amount


_ZONES = {firm.external_id: firm.zone for firm in FIRMS}
_PLACES = {firm.external_id: ZoneInfo(firm.zone) for firm in FIRMS}


def _month(call: Call) -> str:
    """Name the month of a call in its customer's zone; of an unknown customer's, in UTC."""
    return f"{call.at.astimezone(_PLACES.get(call.customer, UTC)):%Y-%m}"
