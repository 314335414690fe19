"""`abaque meters`, `abaque backfill`: changes of the past, looked at before they count."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abaque.app.commands.common import Commands, actor, confirmed, connected, language, say, table

if TYPE_CHECKING:
    from abaque.billing.preview import Preview


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    meters = commands.add_parser("meters", help="new versions of meters").add_subparsers(required=True)
    propose = meters.add_parser("propose", parents=[common], help="propose the meters that a file changes")
    propose.add_argument("file", type=Path)
    propose.set_defaults(run=run_propose)
    _listed(meters.add_parser("list", parents=[common], help="list the versions"), run_versions)
    seen = meters.add_parser("preview", parents=[common], help="what adopting a version would change")
    _listed(seen, run_preview_meter)
    seen.add_argument("version")
    for name, words, run in (
        ("adopt", "let a version stand", run_adopt),
        ("discard", "give a version up", run_discard),
    ):
        one = meters.add_parser(name, parents=[common], help=words)
        one.add_argument("version")
        one.add_argument("--yes", action="store_true", help="do not ask")
        one.set_defaults(run=run)
    _add_backfill(
        commands.add_parser("backfill", help="events of the past").add_subparsers(required=True), common
    )


def _add_backfill(backfill: Commands, common: argparse.ArgumentParser) -> None:
    opened = backfill.add_parser("open", parents=[common], help="open one; fill it by abaque events import")
    opened.add_argument("name")
    opened.add_argument("--from", dest="start", type=_instant, required=True, metavar="INSTANT")
    opened.add_argument("--to", dest="end", type=_instant, required=True, metavar="INSTANT", help="exclusive")
    opened.add_argument("--reason", required=True)
    opened.add_argument("--source", action="append", default=[], help="only of it; may be repeated")
    opened.add_argument("--type", action="append", default=[], help="only of it; may be repeated")
    opened.set_defaults(run=run_open)
    _listed(backfill.add_parser("list", parents=[common], help="list them"), run_backfills)
    seen = backfill.add_parser("preview", parents=[common], help="what closing one would change")
    _listed(seen, run_preview_backfill)
    seen.add_argument("backfill")
    closed = backfill.add_parser("close", parents=[common], help="let its events be metered")
    closed.add_argument("backfill")
    closed.add_argument("--yes", action="store_true", help="do not ask")
    closed.set_defaults(run=run_close)
    reverted = backfill.add_parser("revert", parents=[common], help="take it back whole")
    reverted.add_argument("backfill")
    reverted.add_argument("--reason", required=True)
    reverted.set_defaults(run=run_revert)


def _listed(parser: argparse.ArgumentParser, run: Any) -> None:
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def _instant(text: str) -> datetime:
    from abaque.core.fault import Fault
    from abaque.core.period import parse_instant

    try:
        return parse_instant(text)
    except Fault:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no instant; write it as 2026-01-31T00:00:00Z"
        ) from None


def run_propose(options: argparse.Namespace) -> int:
    """Propose, fill, show what would change."""
    from abaque.app.commands.catalogue import read

    text = read(options.file)
    with connected(options):
        from abaque.billing.meter import drain
        from abaque.billing.preview import preview_meter
        from abaque.billing.versions import ProposeMeters, propose_meters
        from abaque.storage import clock

        for one in _did(propose_meters, ProposeMeters(text, options.file.name))["candidates"]:
            drain(now=clock.now())
            print(f"{one['code']} version {one['version']}: {one['id']}")
            _show(preview_meter(one["id"], now=clock.now()), as_json=False)
    return 0


def run_versions(options: argparse.Namespace) -> int:
    """List the versions of meters."""
    with connected(options):
        from abaque.storage.read.catalogue import list_meter_versions

        rows = list_meter_versions().items
        if options.json:
            say(rows)
            return 0
        head = ("id", "meter", "version", "standing")
        print(
            table(
                [head]
                + [
                    (
                        one.id,
                        one.code,
                        str(one.version),
                        "candidate, filling" if one.filling else one.standing,
                    )
                    for one in rows
                ]
            )
        )
    return 0


def run_preview_meter(options: argparse.Namespace) -> int:
    """Show what adopting a version would change."""
    with connected(options):
        from abaque.billing.preview import preview_meter
        from abaque.storage import clock

        _show(preview_meter(options.version, now=clock.now()), as_json=options.json)
    return 0


def run_adopt(options: argparse.Namespace) -> int:
    """Show, ask, adopt."""
    with connected(options):
        from abaque.billing.preview import preview_meter
        from abaque.billing.versions import AdoptMeter, adopt_meter
        from abaque.storage import clock

        _show(preview_meter(options.version, now=clock.now()), as_json=False)
        if not confirmed("Adopt this version?", yes=options.yes):
            return 1
        _did(adopt_meter, AdoptMeter(options.version))
        print("Adopted.")
    return 0


def run_discard(options: argparse.Namespace) -> int:
    """Ask, discard."""
    with connected(options):
        from abaque.billing.versions import DiscardMeter, discard_meter

        if not confirmed("Give this version up?", yes=options.yes):
            return 1
        _did(discard_meter, DiscardMeter(options.version))
        print("Discarded.")
    return 0


def run_open(options: argparse.Namespace) -> int:
    """Open a back-fill and print its id."""
    with connected(options):
        from abaque.billing.backfills import OpenBackfill, open_backfill

        command = OpenBackfill(
            options.name,
            options.start,
            options.end,
            options.reason,
            tuple(options.source),
            tuple(options.type),
        )
        print(_did(open_backfill, command)["id"])
    return 0


def run_backfills(options: argparse.Namespace) -> int:
    """List back-fills."""
    with connected(options):
        from abaque.storage.read.backfills import list_backfills

        rows = list_backfills().items
        if options.json:
            say(rows)
            return 0
        head = ("id", "name", "from", "to", "state", "events")
        print(
            table(
                [head]
                + [
                    (
                        one.id,
                        one.name,
                        one.starts_at.isoformat(),
                        one.ends_at.isoformat(),
                        one.state,
                        f"{one.events:,}",
                    )
                    for one in rows
                ],
                right=frozenset({5}),
            )
        )
    return 0


def run_preview_backfill(options: argparse.Namespace) -> int:
    """Show what closing a back-fill would change."""
    with connected(options):
        from abaque.billing.preview import preview_backfill
        from abaque.storage import clock

        _show(preview_backfill(options.backfill, now=clock.now()), as_json=options.json)
    return 0


def run_close(options: argparse.Namespace) -> int:
    """Show, ask, close, meter."""
    with connected(options):
        from abaque.billing.backfills import CloseBackfill, close_backfill
        from abaque.billing.meter import drain
        from abaque.billing.preview import preview_backfill
        from abaque.storage import clock

        _show(preview_backfill(options.backfill, now=clock.now()), as_json=False)
        if not confirmed("Let these events count?", yes=options.yes):
            return 1
        _did(close_backfill, CloseBackfill(options.backfill))
        drain(now=clock.now())
        print("Closed.")
    return 0


def run_revert(options: argparse.Namespace) -> int:
    """Revert a back-fill whole."""
    with connected(options):
        from abaque.billing.backfills import RevertBackfill, revert_backfill
        from abaque.billing.meter import drain
        from abaque.storage import clock

        _did(revert_backfill, RevertBackfill(options.backfill, options.reason))
        drain(now=clock.now())
        print("Reverted.")
    return 0


def _did(verb: Any, command: Any) -> dict[str, Any]:
    from abaque.billing.runner import perform
    from abaque.storage import clock

    return perform(verb, command, now=clock.now(), by=actor())


def _show(found: "Preview", *, as_json: bool) -> None:
    from abaque.billing.effects import sums
    from abaque.documents.words.figures import money_text, number_text

    if as_json:
        say(found)
        return
    lang = language()
    head = ("customer", "meter", "now", "then", "not invoiced yet", "invoiced")
    rows = [
        (
            one.customer,
            one.meter,
            number_text(one.before, lang),
            number_text(one.after, lang),
            money_text(one.open, lang),
            money_text(one.issued, lang),
        )
        for one in found.effects
    ]
    totals = [
        ("", "", "", "", money_text(opened, lang), money_text(issued, lang))
        for opened, issued in sums(found.effects).values()
    ]
    print(table([head, *rows, *totals], right=frozenset({2, 3, 4, 5})) if rows else "Nothing would change.")
    for reason, count in found.aside.items():
        print(f"{count:,} events would be kept aside: {reason.replace('_', ' ')}")
    if found.filling:
        print("Not all earlier events are counted yet: this is what is known so far.")
