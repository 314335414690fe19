"""`abaque totals state|list`: what the product itself counted."""

import argparse
import csv
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from abaque.app.commands.common import Commands, Stop, actor, connected, language, table
from abaque.core.fault import Fault

_NEEDED = ("meter", "starts_at", "ends_at", "quantity")
_KNOWN = (*_NEEDED, "customer", "tolerance")


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    totals = commands.add_parser("totals", help="control totals").add_subparsers(required=True)
    state = totals.add_parser(
        "state",
        parents=[common],
        help="state totals out of a CSV file; a later statement replaces an earlier one",
        description=f"The first line names the columns: {', '.join(_NEEDED)}; customer and tolerance may follow."
        " An empty customer stands for all together. Moments are RFC 3339, or days, which begin at midnight"
        " in --zone and end before ends_at.",
    )
    state.add_argument("file", help="a CSV file, or - for standard input")
    state.add_argument("--zone", default="UTC", help="where days begin at midnight (default: UTC)")
    state.set_defaults(run=run_state)
    listed = totals.add_parser("list", parents=[common], help="list totals, the newest statement first")
    listed.add_argument("--meter", help="only of this meter")
    listed.add_argument("--customer", help="only of this customer")
    listed.add_argument("--replaced", action="store_true", help="those replaced by later ones too")
    listed.set_defaults(run=run_list)


def run_state(options: argparse.Namespace) -> int:
    """State every total of a file: all of them, or, where one is refused, none."""
    rows = list(_rows(options.file))
    with connected(options):
        from abaque.billing.runner import perform
        from abaque.billing.state_control_total import StateControlTotals, state_control_total
        from abaque.storage import clock

        totals = tuple(_total(line, row, options.zone) for line, row in rows)
        done = perform(state_control_total, StateControlTotals(totals), now=clock.now(), by=actor())
    print(f"Stated {len(done['ids'])}.")
    return 0


def run_list(options: argparse.Namespace) -> int:
    """List totals."""
    with connected(options):
        from abaque.documents.words.figures import number_text
        from abaque.storage.read.control import list_control_totals

        rows = [("meter", "customer", "from", "until", "quantity", "stated", "replaced")]
        cursor: str | None = None
        while True:
            page = list_control_totals(
                meter=options.meter, customer=options.customer, replaced=options.replaced, cursor=cursor
            )
            rows += [
                (
                    one.meter,
                    one.customer or "all",
                    f"{one.starts_at:%Y-%m-%dT%H:%MZ}",
                    f"{one.ends_at:%Y-%m-%dT%H:%MZ}",
                    number_text(one.quantity, "en"),
                    f"{one.stated_at:%Y-%m-%dT%H:%MZ}",
                    "" if one.replaced_at is None else f"{one.replaced_at:%Y-%m-%dT%H:%MZ}",
                )
                for one in page.items
            ]
            cursor = page.cursor
            if cursor is None:
                break
    print(table(rows, right=frozenset({4})))
    return 0


def _rows(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV file with their line numbers."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{name} cannot be read: {error}") from None
    reader = csv.DictReader(text.splitlines())
    columns = reader.fieldnames or ()
    missing = [column for column in _NEEDED if column not in columns]
    unknown = [column for column in columns if column not in _KNOWN]
    if missing or unknown:
        raise Stop(
            f"{name}: the first line names the columns {', '.join(_KNOWN)}; the last two may be left out"
        )
    for row in reader:
        if None in row or None in row.values():
            raise Stop(f"{name}:{reader.line_num}: as many values as columns are needed")
        yield reader.line_num, row


def _total(line: int, row: dict[str, str], zone: str) -> Any:
    from abaque.billing.state_control_total import Total
    from abaque.documents.words import fault_sentence

    try:
        return Total(
            row["meter"].strip(),
            row.get("customer", "").strip() or None,
            _moment(row["starts_at"].strip(), zone),
            _moment(row["ends_at"].strip(), zone),
            Decimal(row["quantity"].strip()),
            Decimal(row["tolerance"].strip()) if row.get("tolerance", "").strip() else None,
        )
    except Fault as fault:
        raise Stop(f"line {line}: {fault_sentence(fault, language())}") from None
    except (ValueError, InvalidOperation):
        raise Stop(f"line {line}: a day is written 2026-03-01, a quantity with digits and a point") from None


def _moment(text: str, zone: str) -> datetime:
    from abaque.core.period import local_midnight, parse_instant

    return (
        local_midnight(date.fromisoformat(text), zone)
        if len(text) == len("2026-01-01")
        else parse_instant(text)
    )
