"""`abaque events import`: a file's records become events, through the same capture as the door."""

import argparse
import hashlib
import hmac
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from abaque.app.commands import archive
from abaque.app.commands.common import Bar, Commands, Stop, actor, connected, language
from abaque.connectors.files import (
    Broken,
    Event,
    Read,
    Skipped,
    Unreadable,
    cloudevents,
    combined,
    csv,
    encode,
    lines,
    sentence,
)

CHUNK = 2000
SHOWN = 20
CUSTOMERS_AT_ONCE = 500


@dataclass(slots=True)
class Tally:
    """What became of a file's records."""

    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0
    skipped: int = 0
    broken: list[Broken] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=dict)
    first_seen: dict[str, datetime] = field(default_factory=dict)


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    events = commands.add_parser("events", help="events from files").add_subparsers(required=True)
    imported = events.add_parser(
        "import", parents=[common], help="import a file; again gives only duplicates"
    )
    imported.add_argument("file", type=Path)
    imported.add_argument("--format", choices=("combined", "cloudevents", "csv"), required=True)
    imported.add_argument(
        "--source", default="/import", help="under which identities are kept (default: /import)"
    )
    imported.add_argument("--clear", action="store_true", help="keep addresses, users and agents readable")
    imported.add_argument(
        "--skip-agents", action="append", default=[], metavar="TEXT", help="leave out agents with it"
    )
    imported.add_argument(
        "--create-customers", action="store_true", help="make a customer of each unknown subject"
    )
    imported.add_argument("--plan", help="subscribe each, from its first billing period in the file")
    imported.add_argument("--backfill", metavar="ID", help="keep them aside in this open back-fill")
    imported.set_defaults(run=run)
    archive.add(events, common)


def run(options: argparse.Namespace) -> int:
    """Import a file, then meter it."""
    if options.plan and not options.create_customers:
        raise Stop("--plan subscribes the customers that --create-customers makes: give both")
    if options.clear and options.format == "combined":
        print("Addresses, users and agents are kept readable: they are personal data.", file=sys.stderr)
    with connected(options):
        from abaque.billing.meter import drain
        from abaque.storage import clock

        tally = Tally()
        try:
            with _opened(options.file) as stream:
                _import(options, stream, tally)
        except Unreadable as unreadable:
            raise Stop(f"{options.file}: {sentence(unreadable, language())}") from None
        if options.create_customers:
            _enrol(tally, options.plan)
        drain(now=clock.now())
        _report(tally)
    return 0


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as stream:
            yield stream
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}") from None


def _import(options: argparse.Namespace, stream: BinaryIO, tally: Tally) -> None:
    bar, size = Bar(options.file.name), options.file.stat().st_size
    chunk: list[Event] = []
    for record in _records(options, stream):
        if isinstance(record, Broken):
            tally.broken.append(record)
        elif isinstance(record, Skipped):
            tally.skipped += 1
        else:
            tally.read += 1
            chunk.append(record)
        if len(chunk) >= CHUNK:
            _store(chunk, options, tally)
            chunk = []
            bar(min(stream.tell(), size - 1), size)
    if chunk:
        _store(chunk, options, tally)
    bar(size, size)


def _records(options: argparse.Namespace, stream: BinaryIO) -> Iterator[Read]:
    match options.format:
        case "combined":
            return combined(
                lines(stream),
                source=options.source,
                clear=options.clear,
                pseudonym=_pseudonym,
                skip_agents=options.skip_agents,
            )
        case "csv":
            return csv(lines(stream), source=options.source)
        case _:
            return cloudevents(lines(stream))


def _pseudonym(text: str) -> str:
    """Return a keyed pseudonym: the same text gives the same one in this folder, and nowhere else."""
    from django.conf import settings

    return "p_" + hmac.new(settings.HASHING_KEY, text.encode(), hashlib.sha256).hexdigest()[:32]


def _store(chunk: list[Event], options: argparse.Namespace, tally: Tally) -> None:
    from django.conf import settings
    from django.db import connection

    from abaque.billing.backfills import filling
    from abaque.billing.capturing import Form, Sent, capture, read_body
    from abaque.storage import clock

    months = {
        (event_time.year, event_time.month) for event in chunk if (event_time := _time(event)) is not None
    }
    _partitions(months)
    connection.ensure_connection()
    sent = Sent(
        clock.now(), None, settings.HASHING_KEY, id_is_content=options.format == "combined", every=True
    )
    body = read_body(b"[" + b",".join(encode(event) for event in chunk) + b"]", Form.BATCH)
    with filling(options.backfill) if options.backfill else nullcontext():
        verdicts = capture(connection.connection, body, sent).verdicts
    for verdict, event in zip(verdicts, chunk, strict=True):
        setattr(tally, verdict.verdict, getattr(tally, verdict.verdict) + 1)
        if verdict.reason:
            tally.refusals[verdict.reason] = tally.refusals.get(verdict.reason, 0) + 1
        moment = _time(event)
        if verdict.verdict in {"accepted", "duplicate"} and moment is not None:
            subject = str(event["subject"])
            tally.first_seen[subject] = min(moment, tally.first_seen.get(subject, moment))


def _time(event: Event) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(event["time"]))
    except (KeyError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None


def _partitions(months: set[tuple[int, int]]) -> None:
    """Make the months of the file before its rows come, so that they do not all lie in one place."""
    from abaque.storage import hot

    for year, month in sorted(months):
        hot.rows("SELECT abaque_make_partitions(make_date(%s, %s, 1), 1)", [year, month])


def _enrol(tally: Tally, plan: str | None) -> None:
    from abaque.billing.enrol import Enrol, enrol
    from abaque.billing.runner import perform
    from abaque.storage import clock

    seen = _of_stored(tally.first_seen)
    bar = Bar("customers")
    for start in range(0, len(seen), CUSTOMERS_AT_ONCE):
        part = tuple(seen[start : start + CUSTOMERS_AT_ONCE])
        perform(enrol, Enrol(part, plan), now=clock.now(), by=actor())
        bar(start + len(part), len(seen))


def _of_stored(first_seen: dict[str, datetime]) -> list[tuple[str, datetime]]:
    """Keep the subjects that events are stored under: a file read again under pseudonyms makes no customers."""
    from abaque.storage import hot

    stored = {
        row[0]
        for row in hot.rows("SELECT DISTINCT subject FROM event WHERE subject = ANY (%s)", [list(first_seen)])
    }
    return sorted((subject, moment) for subject, moment in first_seen.items() if subject in stored)


def _report(tally: Tally) -> None:
    print(
        f"{tally.read:,} records read: {tally.accepted:,} accepted, {tally.duplicate:,} duplicates,"
        f" {tally.conflict:,} conflicts, {tally.rejected:,} rejected;"
        f" {tally.skipped:,} skipped, {len(tally.broken):,} broken."
    )
    for reason, count in sorted(tally.refusals.items()):
        print(f"  rejected, {reason.replace('_', ' ')}: {count:,}")
    for broken in tally.broken[:SHOWN]:
        print(f"  line {broken.line_number}: {sentence(broken, language())}: {broken.excerpt}")
    if len(tally.broken) > SHOWN:
        print(f"  … and {len(tally.broken) - SHOWN:,} more")
