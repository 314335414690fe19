"""`abaque catalog apply|describe|schema`: what is sold, from one file kept in git."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from abaque.app.commands.common import Commands, Stop, actor, confirmed, connected, language, refusals

if TYPE_CHECKING:
    from abaque.catalogue import Catalogue

SIGNS = {"added": "+", "new_version": "+", "unchanged": "=", "changed_published": "!"}


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    catalog = commands.add_parser("catalog", help="meters, plans and prices").add_subparsers(required=True)
    apply = catalog.add_parser("apply", parents=[common], help="publish what a file adds")
    apply.add_argument("file", type=Path)
    apply.add_argument("--yes", action="store_true", help="do not ask")
    apply.set_defaults(run=run_apply)
    describe = catalog.add_parser("describe", help="say each price of a file in words")
    describe.add_argument("file", type=Path)
    describe.add_argument("--lang", choices=("en", "fr"), default=None)
    describe.set_defaults(run=run_describe, data=Path())
    schema = catalog.add_parser("schema", help="print the JSON Schema of a file, for editors")
    schema.set_defaults(run=run_schema, data=Path())


def run_apply(options: argparse.Namespace) -> int:
    """Show what would change, ask, publish."""
    text = _read(options.file)
    with connected(options):
        from abaque.billing.apply_catalogue import ApplyCatalogue, apply_catalogue, preview
        from abaque.billing.runner import perform
        from abaque.storage import clock

        command = ApplyCatalogue(text, options.file.name)
        catalogue, changes = preview(command)
        _warn(catalogue, options.file.name, language())
        for change in changes:
            version = f" version {change.version}" if change.version else ""
            print(
                f"{SIGNS[change.kind]} {change.what} {change.code}{version} ({change.kind.replace('_', ' ')})"
            )
            for detail in change.details:
                print(f"    {detail.path}: {detail.before} → {detail.after}")
        if all(change.kind == "unchanged" for change in changes) and not catalogue.personal:
            print("Nothing to publish.")
            return 0
        if not confirmed("Publish this?", yes=options.yes):
            return 1
        perform(apply_catalogue, command, now=clock.now(), by=actor())
        print("Published.")
    return 0


def run_describe(options: argparse.Namespace) -> int:
    """Say each price in one sentence."""
    from abaque.catalogue import load
    from abaque.documents.words import price_sentence

    lang = options.lang or language()
    with refusals():
        catalogue = load(_read(options.file), name=options.file.name)
    _warn(catalogue, options.file.name, lang)
    for entry in catalogue.plans.values():
        plan = entry.plan
        print(f"{plan.names.get(lang, plan.code)} ({plan.code}, version {plan.version})")
        for charge in plan.charges:
            units = catalogue.meters[charge.meter].units if charge.meter in catalogue.meters else {}
            name = charge.names.get(lang, charge.code)
            print(f"  {name}: {price_sentence(charge, plan.currency, units, lang, interval=plan.interval)}")
    return 0


def run_schema(options: argparse.Namespace) -> int:
    """Print the published schema."""
    from abaque.catalogue.schema import schema_text

    del options
    print(schema_text(), end="")
    return 0


def _warn(catalogue: "Catalogue", name: str, lang: str) -> None:
    for warning in catalogue.warnings:
        print(f"{name}:{warning.line}:{warning.column}: {warning.sentence(lang)}", file=sys.stderr)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Stop(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
