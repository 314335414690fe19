"""Before the processes start: migrations under a lock, the application's rights, the first rows.

The only process of a running platform that signs in as the owner of the tables.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from abaque.storage.grants import grant, keeps_facts

_LOCK = 0x6D696772617465

_ONE_ROLE = (
    "The role of ABAQUE_DATABASE_URL may change and delete events, postings and documents: only Abaque itself "
    "keeps it from doing so. With a second role, PostgreSQL does (docs/operations.md, A PostgreSQL of your own)."
)

SPECIMEN_ISSUER = {
    "legal_name": "SPECIMEN SAS",
    "legal_form": "SAS",
    "capital": "10 000 €",
    "street": "1 rue du Spécimen",
    "postcode": "75001",
    "city": "Paris",
    "country": "FR",
    "vat_number": "FR32123456789",
    "company_number": "123456789",
    "register": "RCS Paris",
    "email": "facturation@example.org",
}


def prepare(*, test: bool, application: str | None = None) -> None:
    """Bring the database up to date, as its owner; another process that does the same waits.

    `application` is the role the others sign in with; None where they sign in as the owner.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
            if application is not None:
                grant(application)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    _first_rows(test=test)


def _first_rows(*, test: bool) -> None:
    from abaque.billing.permissions import SYSTEM
    from abaque.billing.put_issuer import PutIssuer, put_issuer
    from abaque.billing.runner import perform
    from abaque.storage import clock
    from abaque.storage.models import Clock, Issuer
    from abaque.worker.clock import make_partitions

    Clock.objects.get_or_create(
        id=1, defaults={"test": test, "offset": _first_offset() if test else timedelta(0)}
    )
    make_partitions(datetime.now(UTC))
    if test and not Issuer.objects.exists():
        perform(
            put_issuer,
            PutIssuer("specimen", dict(SPECIMEN_ISSUER)),
            now=clock.now(),
            by=SYSTEM,
            key="specimen",
        )


def _first_offset() -> timedelta:
    """Return how a new test folder's clock differs from the real one: a demonstration begins in the past."""
    first = os.environ.get("ABAQUE_FIRST_MOMENT")
    return datetime.fromisoformat(first) - datetime.now(UTC) if first else timedelta(0)


def main() -> None:
    """Run as the supervisor's first child."""
    from abaque.app.start import setup

    application = become_owner()
    setup()
    # Only who holds the folder comes this far, so that a refused second start changes no link.
    (Path(os.environ["ABAQUE_DATA"]) / "address").write_text(
        os.environ["ABAQUE_PUBLIC_URL"] + "\n", encoding="utf-8"
    )
    prepare(test="--test" in sys.argv, application=application)
    if not keeps_facts(application):
        print(_ONE_ROLE, file=sys.stderr, flush=True)
    if "ABAQUE_QUIET" not in os.environ:
        _owner_link()


def become_owner() -> str | None:
    """Sign in by ABAQUE_OWNER_DATABASE_URL from here on, if it is set; return the name of the application's role.

    None where both are one.
    """
    owner = os.environ.pop("ABAQUE_OWNER_DATABASE_URL", None)
    if owner is None:
        return None
    roles = [_role(os.environ["ABAQUE_DATABASE_URL"]), _role(owner)]
    os.environ["ABAQUE_DATABASE_URL"] = owner
    return None if roles[0] == roles[1] else roles[0]


def _role(url: str) -> str:
    return str(conninfo_to_dict(url).get("user", ""))


def _owner_link() -> None:
    """Print a one-time link for the owner as long as nobody has a password."""
    from abaque.billing.invite import new_invitation
    from abaque.billing.permissions import SYSTEM
    from abaque.storage import clock
    from abaque.storage.models import User

    if any(user.has_usable_password() for user in User.objects.filter(role="owner")):
        return
    owner = User.objects.filter(role="owner").first()
    email = owner.email if owner is not None else os.environ.get("ABAQUE_OWNER") or "owner@example.org"
    link = new_invitation(email, "owner", now=clock.now(), by=SYSTEM)
    print(f"Sign in as {email}: choose a password here (once, within seven days): {link}", flush=True)


if __name__ == "__main__":
    main()
