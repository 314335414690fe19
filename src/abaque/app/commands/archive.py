"""`abaque events archive`: sealed months leave the hot tables for the archive, and stay readable."""

import argparse
from datetime import UTC, date, datetime
from typing import Any

from abaque.app.commands.common import Commands, actor, connected, say, table

#: What stands against archiving a month, as a person reads it beside a number.
REASONS = {
    "earlier": "earlier months that stay",
    "to_meter": "requests to meter",
    "backfills": "back-fills open or being reverted",
    "to_recount": "recounts under way",
    "candidates": "meter versions neither adopted nor discarded",
    "to_correct": "corrections to apply",
    "quarantined": "events quarantined",
    "correction_waits": "corrections whose target never came",
    "lateness": "meters that still take late events",
    "unsealed": "hours to seal",
    "inconsistent": "hours not consistent",
    "unverified": "hours not verified",
    "unissued": "subscriptions with usage no invoice covers",
    "drafts": "drafts not issued",
}


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    archived = commands.add_parser("archive", parents=[common], help="move sealed months into the archive")
    archived.add_argument(
        "--before",
        type=_month,
        metavar="YYYY-MM",
        help="only months before this one (default: the current one)",
    )
    archived.add_argument(
        "--dry-run", action="store_true", help="say what would go, and what stands against it"
    )
    archived.add_argument(
        "--with-quarantined",
        action="store_true",
        help="also months with events that will then never be counted",
    )
    archived.add_argument(
        "--with-unissued", action="store_true", help="also months that are not wholly invoiced"
    )
    archived.add_argument("--json", action="store_true")
    archived.set_defaults(run=run)


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no month: write it like 2026-01") from None


def run(options: argparse.Namespace) -> int:
    """Archive what may be; exits with 1 where a month was asked for and none could go."""
    with connected(options, owner=True):
        from abaque.billing.archive import archive_months, months
        from abaque.storage import archived, clock

        now = clock.now()
        aside = frozenset(name for name in ("quarantined", "unissued") if getattr(options, f"with_{name}"))
        found = months(options.before or now.date(), now=now, aside=aside)
        files = {}
        if not options.dry_run:
            for month, done in archive_months(found, archived.archive(), now=now, by=actor()):
                files[month.first] = done["path"]
                if not options.json:
                    print(f"{month.first:%Y-%m}: {month.events:,} events are in {done['path']}", flush=True)
        left = [month for month in found if month.first not in files]
        if options.json:
            say([_said(month, files.get(month.first)) for month in found])
        elif left:
            print(_left(left))
        elif not found:
            print("No month before that holds events that are not archived.")
    return 0


def _said(month: Any, path: str | None) -> dict[str, Any]:
    return {"month": f"{month.first:%Y-%m}", "events": month.events, "against": month.reasons, "path": path}


def _left(months: list[Any]) -> str:
    rows = [("month", "events", "what stands against it")]
    for month in months:
        against = ", ".join(f"{count:,} {REASONS[name]}" for name, count in month.reasons.items())
        rows.append((f"{month.first:%Y-%m}", f"{month.events:,}", against or "nothing"))
    return table(rows, right=frozenset({1}))
