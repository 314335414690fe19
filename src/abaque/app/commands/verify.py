"""`abaque verify`: whether the sealed hours are still made of the events they were made of."""

import argparse
import sys
from datetime import UTC, date, datetime, time
from typing import Any

from abaque.app.commands.common import Commands, connected, say

SHOWN = 20


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    verify = commands.add_parser("verify", parents=[common], help="recompute the chain of sealed hours")
    verify.add_argument("--from", dest="start", type=_day, metavar="DATE", help="from this day on, UTC")
    verify.add_argument(
        "--to", dest="end", type=_day, metavar="DATE", help="up to this day, UTC, not included"
    )
    verify.add_argument("--head", action="store_true", help="only print the head of the chain")
    verify.add_argument("--expect", metavar="HASH", help="a head that was printed must be in the chain")
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=run)


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-01-31") from None


def run(options: argparse.Namespace) -> int:
    """Verify; exit with 1 where something differs."""
    with connected(options):
        from abaque.storage.read import chain

        if options.head:
            head = chain.head()
            say(head) if options.json else print(head.hash if head else "no hour is sealed yet")
            return 0
        found = chain.verify(options.start, options.end)
        known = options.expect is None or chain.knows(options.expect)
    good = known and not found.differences
    if options.json:
        say({"good": good, "expected_head_known": known, "found": found})
    else:
        print(
            f"{found.hours} sealed hours, {found.events} entries of events,"
            f" {found.erased} of erased ones, {found.reduced} reduced by retention"
        )
        for one in found.differences[:SHOWN]:
            print(f"✗ {_sentence(one)}")
        if len(found.differences) > SHOWN:
            print(f"  and {len(found.differences) - SHOWN} more")
        if not known:
            print(
                "✗ the head you expect is not in the chain: hours were taken away, or the chain was made anew"
            )
        print(
            f"✓ head {found.head.hash}" if good and found.head else "✓ nothing is sealed" if good else "",
            end="",
        )
        print(file=sys.stdout)
    return 0 if good else 1


_SAID = {
    "events": "an event is not what was sealed",
    "nodes": "the hour is not made of its nodes any more",
    "chain": "the hour, or one before it, was changed or taken away",
    "archive_changed": "the archived month's file is not what was written",
    "archive_missing": "the archived month's file is missing",
    "stray": "the hour was taken away, its nodes are still there",
}


def _sentence(one: Any) -> str:
    if one.kind.startswith("archive_"):
        return f"{one.hour:%Y-%m}: {_SAID[one.kind]}"
    where = f"{one.meter or 'events no meter counts'}, {one.hour:%Y-%m-%d %H:00}Z, revision {one.revision}"
    part = f" (customer {one.customer}, {one.slot:%H:%M}Z)" if one.customer else ""
    events = "; ".join(
        f"{event.source} {event.id}{'' if event.there else ' is missing'}" for event in one.events
    )
    return f"{where}: {_SAID[one.kind]}{part}{': ' + events if events else ''}"
