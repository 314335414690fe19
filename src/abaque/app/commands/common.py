"""What the commands share: a database to speak to, an actor, words for refusals, a progress bar."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from abaque.app.start import secrets_of, setup
from abaque.core.fault import Fault
from abaque.storage.server import ServerError, session


class Stop(Exception):  # noqa: N818  # it stops a command; often nobody made an error
    """A command cannot go on, with the sentence that says why and what to do."""


class Commands(Protocol):
    def add_parser(self, name: str, **options: Any) -> argparse.ArgumentParser: ...


@contextmanager
def connected(options: argparse.Namespace, *, owner: bool = False) -> Iterator[None]:
    """Speak to the folder's database, the running one or one started for this command; as its owner only to erase."""
    try:
        with session(options.data, owner=owner) as dsn:
            os.environ["ABAQUE_DATABASE_URL"] = dsn
            os.environ["ABAQUE_DATA"] = str(options.data)
            for name, value in secrets_of(options.data).items():
                os.environ.setdefault(name, value)
            os.environ.setdefault("ABAQUE_PUBLIC_URL", public_url(options))
            setup()
            _prepared(options)
            with refusals(), _closed_in_the_end():
                yield
    except ServerError as error:
        raise Stop(str(error)) from None


def _prepared(options: argparse.Namespace) -> None:
    """Stop where `abaque up` never got as far as making the tables, or as letting this version use them."""
    from abaque.storage import hot

    made, readable = hot.rows(
        "SELECT clock IS NOT NULL, has_table_privilege(clock, 'SELECT') FROM to_regclass('clock') AS clock"
    )[0]
    if not (made and readable):
        since = "never started" if not made else "last started by an earlier version"
        raise Stop(f"{options.data} was {since}: start it once with abaque up --data {options.data}")


@contextmanager
def _closed_in_the_end() -> Iterator[None]:
    from django.db import connections

    try:
        yield
    finally:
        connections.close_all()


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal into its sentence."""
    from abaque.catalogue import CatalogueErrors
    from abaque.documents.words import fault_sentence

    try:
        yield
    except Fault as fault:
        raise Stop(fault_sentence(fault, language())) from None
    except CatalogueErrors as errors:
        raise Stop("\n".join(["the file was refused:", *errors.lines(language())])) from None


def public_url(options: argparse.Namespace) -> str:
    """Return where the folder is served, as `up` wrote it down."""
    address = options.data / "address"
    return address.read_text().strip() if address.exists() else "http://127.0.0.1:8000"


def language() -> str:
    """Return the language of the terminal, French or English."""
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "fr" if said.startswith("fr") else "en"


def actor() -> Any:
    """Return who acts at this command line: whoever may read the folder's secrets is its owner."""
    from abaque.billing.permissions import Actor, Kind

    return Actor(Kind.STAFF, f"{getpass.getuser()}@command-line", frozenset({"owner"}))


def say(value: object) -> None:
    """Print JSON for machines."""
    from abaque.billing.runner import jsonable

    print(json.dumps(jsonable(value), ensure_ascii=False, indent=2))


def confirmed(question: str, *, yes: bool) -> bool:
    """Ask on a terminal; elsewhere only `--yes` is a yes."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise Stop("nothing was changed: add --yes to do it without being asked")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes", "o", "oui"}


class Bar:
    """A progress bar on standard error, where that is a terminal."""

    WIDTH = 32

    def __init__(self, label: str) -> None:
        self.label, self.shown = label, sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        if self.shown and total:
            filled = self.WIDTH * done // total
            end = "\n" if done >= total else ""
            bar = "█" * filled + "·" * (self.WIDTH - filled)
            sys.stderr.write(f"\r{self.label} {bar} {done:,}/{total:,}{end}")
            sys.stderr.flush()


def table(rows: Sequence[tuple[str, ...]], *, right: frozenset[int] = frozenset()) -> str:
    """Return rows in columns; those in `right` are aligned to the right. The first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
        if number == 0:
            lines.append("  ".join("─" * width for width in widths))
    return "\n".join(lines)
