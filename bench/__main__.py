"""`python -m bench`: the benchmarks, each beside a floor measured in the same run."""

import argparse
import os
import platform
import statistics
import time

from bench.invoices import invoices as rated
from bench.stage import stage, web
from bench.table import Row, printed

_FLOOR_AT_LEAST = 200_000
_FLOORS = 3


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--events", type=int, default=120_000, help="events per flow through the door")
    options.add_argument("--customers", type=int, default=500, help="customers, each with one subscription")
    options.add_argument("--invoices", type=int, default=150, help="invoices to issue")
    chosen = options.parse_args()
    began = time.perf_counter()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"Abaque bench · {machine}, Python {platform.python_version()}")
    rows = _measure(chosen.events, chosen.customers, chosen.invoices)
    print(
        f"\n{printed(rows)}\n\nTook {time.perf_counter() - began:.0f} s. The load generator runs on the same cores."
    )


def _measure(events: int, customers: int, invoices: int) -> list[Row]:
    _say("starting PostgreSQL")
    with stage(customers) as here:
        from bench import beside, billing, door, floor
        from bench.starting import starting

        _say("the floor")
        best = statistics.median(
            floor.floor(here.database_url, max(events, _FLOOR_AT_LEAST), customers) for _ in range(_FLOORS)
        )
        rows = [Row("floor: bare COPY, 2 connections, one unique index", f"{best:,.0f} rows/s", 1.0)]
        with web(here):
            _say("the door, in batches")
            rows += door.batches(here, events, customers, best)
            _say("the door to usage")
            rows.append(door.door_to_usage(here, events, customers, best))
            _say("the door, one event at a time")
            alone, half = door.singles(here, customers, best)
            rows += alone
            _say("the door and a page beside other work")
            rows += [beside.undisturbed(here, half, customers), beside.page(here, half, customers)]
        _say("a month of stored events")
        rows.append(
            billing.metering_row(events, billing.meter_month(here.database_url, events, customers), best)
        )
        rows.append(billing.current_usage(customers))
        _say("a run, issue, PDF")
        rows += [billing.run(customers), billing.issue(invoices), billing.pdf()]
    _say("invoices in core")
    rows += rated()
    _say("starting the house")
    return rows + starting()


def _say(what: str) -> None:
    print(f"… {what}", flush=True)


if __name__ == "__main__":
    main()
