"""`abaque retention plan|set|run|report`: how long what is kept, what is over, and its end."""

import argparse
from typing import Any

from abaque.app.commands.common import Commands, actor, confirmed, connected, say, table

NEVER = "never"


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    retention = commands.add_parser("retention", help="how long data is kept").add_subparsers(required=True)
    plan = retention.add_parser("plan", parents=[common], help="the rules, and what is over its time")
    plan.add_argument("--json", action="store_true")
    plan.set_defaults(run=run_plan)
    change = retention.add_parser("set", parents=[common], help="keep a class longer or shorter")
    change.add_argument("data_class")
    change.add_argument("months", type=_months, help=f"whole months, or {NEVER}: it is kept for ever")
    change.set_defaults(run=run_set)
    run = retention.add_parser("run", parents=[common], help="archive and erase what is over its time")
    run.add_argument("--dry-run", action="store_true", help="only say what would go")
    run.add_argument("--yes", action="store_true", help="do not ask")
    run.set_defaults(run=run_run, json=False)
    report = retention.add_parser("report", parents=[common], help="what was erased and archived so far")
    report.add_argument("--json", action="store_true")
    report.set_defaults(run=run_report)


def _months(text: str) -> int | None:
    if text == NEVER:
        return None
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text} is no number of months: write a whole number, or {NEVER}")
    return int(text)


def run_plan(options: argparse.Namespace) -> int:
    """Show every class of data, its term, its end, where that is stated, and what is over by now."""
    with connected(options, owner=True):
        from abaque.billing.retain import plan
        from abaque.storage import clock

        due = plan(now=clock.now())
    if options.json:
        say(due)
    else:
        print(_plan(due))
    return 0


def _plan(due: list[Any]) -> str:
    rows = [("data", "months", "then", "over now", "kept back", "stated in")]
    for one in due:
        rule = one.rule
        source = f"{rule.source.text} ({rule.source.since})" if rule.source else ""
        back = f"{one.against:,} months" if one.against else ""
        term = NEVER if rule.months is None else str(rule.months)
        rows.append((rule.data_class, term, rule.ends, f"{one.over:,}", back, source))
    return table(rows, right=frozenset({1, 3}))


def run_set(options: argparse.Namespace) -> int:
    """Set a term."""
    with connected(options, owner=True):
        from abaque.billing.retain import SetRetention, set_retention
        from abaque.billing.runner import perform
        from abaque.storage import clock

        perform(set_retention, SetRetention(options.data_class, options.months), now=clock.now(), by=actor())
        term = "for ever" if options.months is None else f"for {options.months} months"
        print(f"{options.data_class}: kept {term}.")
    return 0


def run_run(options: argparse.Namespace) -> int:
    """Archive and erase what is over its time, after showing it."""
    with connected(options, owner=True):
        from abaque.billing.retain import plan, retain_all
        from abaque.storage import archived, clock

        now = clock.now()
        print(_plan(plan(now=now)))
        if options.dry_run or not confirmed("Archive and erase this?", yes=options.yes):
            return 0
        for data_class, gone in retain_all(archived.archive(), now=now, by=actor()):
            print(f"{data_class}: {gone:,}", flush=True)
    return 0


def run_report(options: argparse.Namespace) -> int:
    """Show what went so far."""
    with connected(options):
        from abaque.billing.retain import report
        from abaque.storage import archived

        erased, months = report(), archived.months()
    if options.json:
        said = [{"data_class": name, "erased": count, "first": a, "last": b} for name, count, a, b in erased]
        files = [
            {"month": f"{one.starts_at:%Y-%m}", "events": one.file.rows, "sha256": one.file.sha256}
            for one in months
        ]
        say({"erased": said, "archived": files})
        return 0
    rows = [("data", "gone", "first", "last")]
    rows += [(name, f"{count:,}", f"{a:%Y-%m-%d}", f"{b:%Y-%m-%d}") for name, count, a, b in erased]
    for one in months:
        day = f"{one.archived_at:%Y-%m-%d}"
        rows.append((f"raw_events {one.starts_at:%Y-%m}", f"{one.file.rows:,} archived", day, day))
    print(table(rows, right=frozenset({1})))
    return 0
