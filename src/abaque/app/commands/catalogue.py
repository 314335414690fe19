"""`abaque catalog apply|describe|schema`: what is sold, from one file kept in git."""

import argparse
import sys
from collections.abc import Iterator
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
    describe = catalog.add_parser("describe", help="say what a file sells in words")
    describe.add_argument("file", type=Path)
    describe.add_argument("--lang", choices=("en", "fr"), default=None)
    describe.set_defaults(run=run_describe, data=Path())
    schema = catalog.add_parser("schema", help="print the JSON Schema of a file, for editors")
    schema.set_defaults(run=run_schema, data=Path())


def run_apply(options: argparse.Namespace) -> int:
    """Show what would change, ask, publish."""
    text = read(options.file)
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
    """Say what a file sells, a sentence for each thing that a customer has to know."""
    from abaque.catalogue import load

    lang = options.lang or language()
    with refusals():
        catalogue = load(read(options.file), name=options.file.name)
    _warn(catalogue, options.file.name, lang)
    for line in _described(catalogue, lang):
        print(line)
    return 0


def _described(catalogue: "Catalogue", lang: str) -> Iterator[str]:
    """Yield plans and add-ons with their sentences under them, then credit packs and promotions in one line each."""
    from abaque.documents.words import (
        charge_sentences,
        credit_sentence,
        plan_sentences,
        promotion_sentence,
        words,
    )

    say = words(lang)
    units = {code: entry.units for code, entry in catalogue.meters.items()}
    for code, offer in catalogue.plans.items():
        yield f"{offer.names.get(lang, code)} ({code}, version {offer.plan.version})"
        yield from (f"  {sentence}" for sentence in plan_sentences(offer.plan, units, lang))
    for code, extra in catalogue.addons.items():
        plans, money = extra.plans or (), extra.currency
        form = "addon.of_any" if extra.plans is None else "addon.of_plans"
        beside = say.say(form, plans=", ".join(plans), currency=money.code)
        yield f"{extra.names.get(lang, code)} ({code}, {beside})"
        yield from (f"  {sentence}" for sentence in charge_sentences(extra.addon.charges, money, units, lang))
    named = [
        *(
            (code, entry.names, credit_sentence(entry.pack, lang))
            for code, entry in catalogue.credits.items()
        ),
        *(
            (code, entry.names, promotion_sentence(entry.promotion, lang))
            for code, entry in catalogue.promotions.items()
        ),
    ]
    for code, names, sentence in named:
        name = names.get(lang, code)
        yield say.say("plan.charge", name=name if name == code else f"{name} ({code})", price=sentence)


def run_schema(options: argparse.Namespace) -> int:
    """Print the published schema."""
    from abaque.catalogue.schema import schema_text

    del options
    print(schema_text(), end="")
    return 0


def _warn(catalogue: "Catalogue", name: str, lang: str) -> None:
    for warning in catalogue.warnings:
        print(f"{name}:{warning.line}:{warning.column}: {warning.sentence(lang)}", file=sys.stderr)


def read(file: Path) -> str:
    """Return a file's text, or stop with what is wrong with it."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Stop(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
