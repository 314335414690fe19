"""`abaque rate`: what usage costs under a plan of a file, said step by step. No database, nothing kept."""

import argparse
import json
import sys
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from abaque.app.commands.common import Commands, language

if TYPE_CHECKING:
    from abaque.core.tax import Rate

REFUSED = 2


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    del common  # it needs no data folder
    rate = commands.add_parser("rate", help="say what usage costs under a plan, without a database")
    rate.add_argument("--plan", type=Path, required=True, metavar="FILE", help="the catalogue file")
    given = rate.add_mutually_exclusive_group(required=True)
    given.add_argument("--events", type=Path, metavar="FILE", help="CloudEvents: JSON lines or one array")
    given.add_argument("--usage", type=Path, metavar="FILE", help="quantities by meter, in YAML")
    rate.add_argument("--plan-code", metavar="CODE", help="which plan, where the file has several")
    rate.add_argument("--from", dest="first", metavar="DATE", help="the first local day, as 2026-01-31")
    rate.add_argument("--to", dest="after", metavar="DATE", help="the local day after the last one")
    rate.add_argument("--zone", default="UTC", help="the customers' time zone (default: UTC)")
    rate.add_argument("--tax", default="20", metavar="PERCENT", help="tax on all lines (default: 20)")
    rate.add_argument("--json", action="store_true")
    rate.set_defaults(run=run, data=Path())


def run(options: argparse.Namespace) -> int:
    """Rate, and print what each period costs. Exits with 2 where something given cannot be used."""
    from abaque.app.rating import Refused
    from abaque.catalogue import CatalogueErrors
    from abaque.core.fault import Fault
    from abaque.documents.words import fault_sentence

    lang = language()
    try:
        print(_rated(options, lang))
    except Refused as refused:
        said = str(refused)
    except CatalogueErrors as errors:
        said = "\n".join(["the file was refused:", *errors.lines(lang)])
    except Fault as fault:
        said = fault_sentence(fault, lang)
    else:
        return 0
    print(f"abaque: {said}", file=sys.stderr)
    return REFUSED


def _rated(options: argparse.Namespace, lang: str) -> str:
    from abaque.app.rating import Asked, as_json, as_text, runs_of_events, runs_of_usage
    from abaque.catalogue import load
    from abaque.core.period import check_zone

    catalogue = load(_read(options.plan), name=options.plan.name)
    first, after = _day(options.first), _day(options.after)
    asked = Asked(catalogue, options.plan_code, first, after, check_zone(options.zone))
    tax = _tax(options.tax)
    if options.events is None:
        runs = runs_of_usage(options.usage, asked, lang)
    else:
        runs = runs_of_events(options.events, asked, lang)
    results = [(run, run.played(tax)) for run in runs]
    if options.json:
        return json.dumps(as_json(results, catalogue), ensure_ascii=False, indent=2)
    return as_text(results, catalogue, lang)


def _tax(text: str) -> "Rate":
    from abaque.app.rating import Refused
    from abaque.core.tax import Rate

    try:
        percent = Decimal(text)
    except InvalidOperation:
        raise Refused(f"--tax {text} is no percentage: write it as 20 or 5.5") from None
    return Rate("S" if percent else "Z", percent)


def _day(text: str | None) -> date | None:
    from abaque.app.rating import Refused

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text} is no date: write it as 2026-01-31") from None


def _read(file: Path) -> bytes:
    from abaque.app.rating import Refused

    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None
