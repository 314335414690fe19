"""`abaque person export|erase`: everything that is stored of a person, and its end."""

import argparse
import json
from pathlib import Path

from abaque.app.commands.common import Commands, Stop, actor, confirmed, connected


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    person = commands.add_parser("person", help="what is stored of a person: export it, erase it")
    parts = person.add_subparsers(dest="part", metavar="WHAT", required=True)
    export = parts.add_parser("export", parents=[common], help="write everything that is stored as JSON")
    export.add_argument("person", help="a subject of events, or a customer's external or public id")
    export.add_argument("--out", type=Path, metavar="FILE", help="a file (else standard output)")
    export.set_defaults(run=run_export)
    erase = parts.add_parser(
        "erase", parents=[common], help="erase what events said; what they counted for stays"
    )
    erase.add_argument("person", help="a subject of events, or a customer's external or public id")
    erase.add_argument("--reason", required=True, help="why; it is kept in the log of actions")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.set_defaults(run=run_erase)


def run_export(options: argparse.Namespace) -> int:
    """Export."""
    with connected(options):
        from abaque.storage.read.person import stored_of

        found = stored_of(options.person)
    if found is None:
        raise Stop(f"nothing is stored of {options.person}")
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if options.out is None:
        print(text)
    else:
        options.out.write_text(text, encoding="utf-8")
        print(f"wrote {len(found['events'])} events to {options.out}")
    return 0


def run_erase(options: argparse.Namespace) -> int:
    """Erase, as the owner of the database."""
    if not confirmed(f"Erase what is stored of {options.person}, for ever?", yes=options.yes):
        raise Stop("nothing was erased")
    with connected(options, owner=True):
        from abaque.billing.erase_person import ErasePerson, erase
        from abaque.billing.meter import drain
        from abaque.storage import archived, clock

        now = clock.now()
        drain(now=now)
        done = erase(ErasePerson(options.person, options.reason), archived.archive(), now=now, by=actor())
    print(f"erased {done['events']} events; repeats of them are still duplicates")
    if done["kept"]:
        print("kept: what invoices say, as the law demands")
    return 0
