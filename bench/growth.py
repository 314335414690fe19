"""`python -m bench.growth`: how the cost of an event grows with what is stored, by the kind of its id.

Events are stored set-wise, in the tables and the shape the door leaves them in, and metered by the real meter;
at each size the real door, the real meter and the pages' own queries are asked.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from bench.events import MONTH, NOW, SPARE
from bench.stage import Stage, stage, web
from bench.table import Row, percentile, printed, rate

_CHUNK = 50_000
_HANDS = 2
_BODY = 1000
_SENT = 60_000
_LINES = 20

_ROOM = """
SELECT setval(of_intake, nextval(of_intake) + %(bodies)s) - %(bodies)s
FROM pg_get_serial_sequence('intake', 'id') AS of_intake
"""

# Each id is 32 hexadecimal digits: random ones, or ones that begin with the time, as UUIDv7 does.
_IDS = {
    "random": "md5(n::text)",
    "ordered": "lpad(to_hex(1767225600000 + n), 12, '0') || left(md5(n::text), 20)",
}

_STORE = """
WITH made AS MATERIALIZED (
    SELECT n, %(intake)s + (n - %(first)s) / {body} AS intake, (n - %(first)s) %% {body} AS place, {id} AS id,
           %(start)s + n * %(step)s::interval AS time, hashint8extended(n, 1) AS chance
    FROM generate_series(%(first)s::bigint, %(last)s - 1) AS n
),
taken AS (
    INSERT INTO intake (id, received_at, accepted, rejected, first_time, last_time)
    SELECT intake, %(now)s, count(*), 0, min(time), max(time) FROM made GROUP BY intake
),
known AS (
    INSERT INTO identity (source, id, seq, time, content_hash)
    SELECT 'growth', id, (intake << 20) + place, time, chance FROM made
)
INSERT INTO event (seq, source, id, type, subject, time, time_given, received_at, data)
SELECT (intake << 20) + place, 'growth', id, CASE chance & 1 WHEN 0 THEN 'document.processed' ELSE 'api.called' END,
       'customer-' || lpad((abs(chance >> 8) %% %(customers)s)::text, 5, '0'), time, true, %(now)s,
       jsonb_build_object('outcome', CASE WHEN (chance >> 32) & 7 = 0 THEN 'failure' ELSE 'success' END,
                          'model', (ARRAY['small', 'medium', 'large', 'large'])[1 + ((chance >> 40) & 3)],
                          CASE chance & 1 WHEN 0 THEN 'pages' ELSE 'bytes' END, 1 + ((chance >> 48) & 31))
FROM made
"""


@dataclass(frozen=True, slots=True)
class _Chosen:
    sizes: tuple[int, ...]
    customers: int


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    options.add_argument("--sizes", default="1000000,10000000", help="numbers of stored events to stop at")
    options.add_argument("--ids", default="random,ordered", help=", ".join(_IDS))
    options.add_argument("--customers", type=int, default=500)
    options.add_argument("--lines", action="store_true", help="seal, draft and list the events of lines too")
    asked = options.parse_args()
    kinds = asked.ids.split(",")
    if len(kinds) > 1:  # each kind has a database of its own, and a process knows one
        for kind in kinds:
            subprocess.run([sys.executable, "-m", "bench.growth", *sys.argv[1:], "--ids", kind], check=True)
        return
    [kind] = kinds
    chosen = _Chosen(tuple(int(size) for size in asked.sizes.split(",")), asked.customers)
    print(f"\n{kind} ids on {platform.system()} {platform.machine()}, {os.cpu_count()} cores", flush=True)
    with stage(chosen.customers) as here:
        _climb(here, kind, chosen)
        if asked.lines:
            print(f"\n{printed(_lines(chosen.customers))}", flush=True)


def _climb(here: Stage, kind: str, chosen: _Chosen) -> None:
    """Store up to each size, and measure there."""
    stored = 0
    for size in chosen.sizes:
        _say(f"stored up to {size:,} in {_grow(here, kind, stored, size, chosen):.0f} s")
        _say(f"metered in {_meter_all():.0f} s")
        stored = size
        print(f"\n{printed(_measure(here, kind, size, chosen.customers))}", flush=True)


def _grow(here: Stage, kind: str, first: int, last: int, chosen: _Chosen) -> float:
    """Store events number `first` to `last`; the largest size fills the month."""
    step = (MONTH[1] - MONTH[0] - 2 * SPARE) / chosen.sizes[-1]
    statement = _STORE.format(id=_IDS[kind], body=_BODY)

    def store(begin: int) -> None:
        with psycopg.connect(here.database_url) as connection:
            [(intake,)] = connection.execute(_ROOM, {"bodies": _CHUNK // _BODY}).fetchall()
            asked = {"intake": intake, "first": begin, "last": min(begin + _CHUNK, last), "now": NOW}
            asked |= {"start": MONTH[0] + SPARE, "step": step, "customers": chosen.customers}
            connection.execute(statement, asked)

    start = time.perf_counter()
    with ThreadPoolExecutor(_HANDS) as hands:
        list(hands.map(store, range(first, last, _CHUNK)))
    return time.perf_counter() - start


def _meter_all() -> float:
    """Let two meters work the backlog off, and the server learn what its tables hold."""
    from django.db import connection

    from abaque.billing.fold_days import fold_days
    from abaque.billing.meter import drain
    from abaque.storage import clock, hot

    def work(_: int) -> None:
        try:
            drain(now=clock.now())
        finally:
            connection.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(_HANDS) as hands:
        list(hands.map(work, range(_HANDS)))
    seconds = time.perf_counter() - start
    fold_days(now=clock.now())  # as the worker does before it drafts
    hot.refresh_statistics("event", "identity", "intake", "usage", "usage_day", "trail", "fate")
    return seconds


def _measure(here: Stage, kind: str, size: int, customers: int) -> list[Row]:
    from bench import billing, door

    with web(here):
        taken, seconds = door.send(here, f"{kind}-{size}", _SENT, customers, ids=kind)
    metering = _meter_all()
    return [
        Row("door: batches of 1,000, 2 senders", rate(taken, seconds)),
        Row("meters: those events, 2 meters", rate(taken, metering)),
        billing.current_usage(customers),
    ]


def _lines(customers: int) -> list[Row]:
    """List the events of lines of drafts, each of another customer."""
    from bench import billing

    from abaque.storage import hot
    from abaque.storage.read.explain import explain
    from abaque.storage.read.proof import events_csv

    start = time.perf_counter()
    drafts = billing.run(customers)
    _say(f"sealed and drafted in {time.perf_counter() - start:.0f} s")
    found = hot.rows(
        "SELECT i.public_id, l.position FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id"
        " WHERE l.meter = 'pages' ORDER BY i.id LIMIT %s",
        [_LINES],
    )
    pages, files, events = [], [], 0
    for invoice, position in found:
        start = time.perf_counter()
        explain(invoice, line=position, events=True, limit=500)
        pages.append(time.perf_counter() - start)
        start = time.perf_counter()
        events += events_csv(invoice, position).count("\n") - 1
        files.append(time.perf_counter() - start)
    each = f"{events // len(found):,} events a line"
    return [
        drafts,
        Row(
            f"a line explained, its first 500 events ({each})",
            _worst(pages),
            budget="≤ 1 s",
            met=max(pages) <= 1,
        ),
        Row("all events of a line as CSV", _worst(files), budget="≤ 1 s", met=max(files) <= 1),
    ]


def _worst(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"p50 {percentile(ordered, 50) * 1000:,.0f} ms, worst {ordered[-1] * 1000:,.0f} ms"


def _say(what: str) -> None:
    print(f"… {what}", flush=True)


if __name__ == "__main__":
    main()
