"""The door and a customer's page while everything else works too."""

import http.client
import json
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from bench.door import singles_at, until_metered
from bench.events import subject
from bench.stage import Stage, worker
from bench.table import Row, percentile

_ASKED = 12
_BACKLOG = 300_000
_TURNS = 3
_WITHIN = 30.0


def undisturbed(stage: Stage, pace: float, customers: int) -> Row:
    """Wait at the door, alone, and while the worker meters a backlog and drafts what falls due."""
    from bench.billing import store_month

    idle = _p99(stage, "idle", pace, customers)
    store_month(stage.database_url, "backlog", _BACKLOG, customers)
    with worker():
        full = _waiting()
        while _waiting() == full:  # it has to start first
            time.sleep(0.01)
        busy = _p99(stage, "busy", pace, customers)
        waiting = _waiting()
        until_metered()
    times = busy / idle
    return Row(
        f"door's p99 at {pace:,.0f} events/s beside a run and a backlog",
        f"{busy:.1f} ms, alone {idle:.1f} ms ({times:.1f} times; {waiting:,} still waited)",
        budget="≤ 3 times",
        met=times <= 3,
    )


def _p99(stage: Stage, name: str, pace: float, customers: int) -> float:
    """The middle one of three: a stall of the machine's own makes one of them many times as long."""
    return statistics.median(
        singles_at(stage, f"{name}-{turn}", pace, customers).p99 for turn in range(_TURNS)
    )


def page(stage: Stage, pace: float, customers: int) -> Row:
    """From the acknowledgement of an event to its customer's page, while others send at half load."""
    from bench.sending import Sender

    watched = subject(customers - 1)
    waits = []
    with worker():
        sender = Sender("singles", stage.port, stage.key, "beside-page", pace, _WITHIN, customers - 1)
        news = _news(stage, watched)
        next(news)
        sender.begin()
        for number in range(_ASKED):
            _send(stage, watched, number)
            start = time.perf_counter()
            next(news)
            waits.append(time.perf_counter() - start)
        sender.report()
    waits.sort()
    return Row(
        f"acknowledgement to the customer's page, {pace:,.0f} events/s beside it",
        f"p50 {percentile(waits, 50):.2f} s, worst {waits[-1]:.2f} s",
        budget="≤ 2 s",
        met=waits[-1] <= 2,
    )


def _waiting() -> int:
    from abaque.storage import hot

    return int(hot.rows("SELECT coalesce(sum(accepted), 0) FROM intake WHERE metered_at IS NULL")[0][0])


def _news(stage: Stage, customer: str) -> Iterator[str]:
    """Open the customer's stream by a signed link, as a browser does, and yield what differs from what came before."""
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.portal_link import new_link
    from abaque.storage import clock

    link = urlsplit(new_link(customer, now=clock.now(), by=SYSTEM))
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=_WITHIN)
    connection.request("GET", link.path)
    entered = connection.getresponse()
    entered.read()
    cookie = str(entered.headers["set-cookie"]).split(";", maxsplit=1)[0]
    connection.request("GET", "/portal/stream", headers={"Cookie": cookie})
    said = ""
    for line in connection.getresponse():
        text = line.decode()
        if text.startswith("data: ") and _counted(text) != said:
            said = _counted(text)
            yield said


def _counted(text: str) -> str:
    """Return the quantities of a message: other parts of it change with the time of day."""
    return json.dumps([meter["quantity"] for meter in json.loads(text.removeprefix("data: "))["meters"]])


def _send(stage: Stage, customer: str, number: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=_WITHIN)
    event = {"id": f"watched-{number}", "source": "watched", "type": "api.called", "subject": customer}
    headers = {"Authorization": f"Bearer {stage.key}", "Content-Type": "application/cloudevents+json"}
    body = json.dumps({"specversion": "1.0", **event, "data": {"model": "small", "bytes": 1}})
    connection.request("POST", "/v1/events", body, headers)
    answer = connection.getresponse().read()
    if b'"accepted": 1' not in answer:
        raise RuntimeError(f"the door answered {answer!r}")
