"""`abaque clock show|advance`: a test folder's clock."""

import argparse
import re
from datetime import datetime, timedelta

from abaque.app.commands.common import Commands, Stop, actor, connected

_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    clock = commands.add_parser("clock", help="the folder's clock").add_subparsers(required=True)
    advance = clock.add_parser(
        "advance", parents=[common], help="advance a test folder's clock, e.g. 1 month"
    )
    advance.add_argument("amount", nargs="+", help="1 month · 2 days · 90 minutes · 2026-03-01T00:00:00Z")
    advance.set_defaults(run=run_advance)
    show = clock.add_parser("show", parents=[common], help="show it")
    show.set_defaults(run=run_show)


def run_show(options: argparse.Namespace) -> int:
    """Show the folder's time."""
    with connected(options):
        from abaque.storage import clock

        print(clock.now().isoformat(timespec="seconds"))
    return 0


def run_advance(options: argparse.Namespace) -> int:
    """Drain what is due, advance, and do what falls due then."""
    with connected(options):
        from abaque.billing.advance_clock import AdvanceClock, advance_clock
        from abaque.billing.meter import drain
        from abaque.billing.runner import perform
        from abaque.storage import clock
        from abaque.worker.clock import due_work

        now = clock.now()
        drain(now=now)
        due_work()
        done = perform(
            advance_clock, AdvanceClock(target(" ".join(options.amount), now)), now=now, by=actor()
        )
        drain(now=clock.now())
        due_work()
        print(f"The folder's clock went from {done['from']} to {done['to']}.")
    return 0


def target(text: str, now: datetime) -> datetime:
    """Return the moment an amount of time leads to. Months and years keep the day where it exists."""
    found = re.fullmatch(r"(\d{1,4}) ?(minute|hour|day|week|month|year)s?", text.strip())
    if found is None:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            raise Stop(
                f"{text!r} is no amount of time: write 1 month, 2 days, or 2026-03-01T00:00:00Z"
            ) from None
        if moment.tzinfo is None:
            raise Stop(f"{text!r} has no offset: write 2026-03-01T00:00:00Z")
        return moment
    count, unit = int(found[1]), found[2]
    if unit in _UNITS:
        return now + count * _UNITS[unit]
    from abaque.core.period import Cycle, Interval, Unit

    day = Cycle(now.date(), Interval(Unit(unit)), "UTC").day(count)
    return now.replace(year=day.year, month=day.month, day=day.day)
