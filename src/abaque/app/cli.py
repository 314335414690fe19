"""The command line: `abaque COMMAND`. Each command says what it does with `--help`."""

import argparse
import os
import sys
from pathlib import Path

from abaque.app.commands import (
    billing,
    catalogue,
    changes,
    clock,
    demo,
    events,
    explain,
    keys,
    people,
    person,
    rate,
    retention,
    totals,
    up,
    verify,
)
from abaque.app.commands.common import Stop

DATA = "abaque-data"


def parser() -> argparse.ArgumentParser:
    """Return the whole command line."""
    main_parser = argparse.ArgumentParser(
        prog="abaque", description="From what customers really got to invoices."
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("ABAQUE_DATA", DATA)),
        metavar="DIR",
        help=f"the data folder (else ABAQUE_DATA, else ./{DATA})",
    )
    commands = main_parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in (
        *(up, catalogue, events, changes, billing, totals, explain),
        *(verify, rate, retention, keys, people, person, clock, demo),
    ):
        module.add(commands, common)
    return main_parser


def main(arguments: list[str] | None = None) -> None:
    """Run one command. Exits with 1 and one sentence on standard error where it is refused."""
    options = parser().parse_args(arguments)
    options.data = options.data.absolute()
    try:
        sys.exit(options.run(options) or 0)
    except Stop as stop:
        sys.exit(f"abaque: {stop}")
    except BrokenPipeError:
        # The reader of our output left, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
