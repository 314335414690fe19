"""A month to archive, and all that is said of it before and after."""

import os
import signal
import subprocess
import sys
import time

from abaque.storage.read.events import one_event
from abaque.storage.read.explain import explain


def february(house):
    """A month of documents, some failed, one voided, one amended; sealed, invoiced, and March begun."""
    house.shop("dupont", "martin")
    for day in ("2026-02-01", "2026-02-14", "2026-02-28"):
        house.documents(3, day, pages=2)
        house.documents(2, day, subject="martin", pages="0.5")
    house.capture(
        house.event("again", "2026-02-14T12:00:00Z", document_id="d0", pages=9),
        house.event("void", "2026-02-15T10:00:00Z", type="abaque.void", source="/test") | {
            "data": {"source": "/test", "id": "d1", "reason": "sent in error"}
        },
        house.event("amend", "2026-02-15T10:00:00Z", type="abaque.amend") | {
            "data": {
                "source": "/test", "id": "d2", "reason": "pages missing",
                "replacement": {"data": {"document_id": "d2", "pages": 7}},
            }
        },
        house.event("recorded", "2026-02-15T10:00:00Z", type="nobody.counts"),
    )  # fmt: skip
    house.documents(1, "2026-03-02", pages=1)
    house.meter()
    house.seal()
    house.close("2026-03-01")
    house.approve_all()
    house.issue_approved()
    house.check()


def said(house):
    """All that is said of February: its invoices down to the events, the events one by one, their fates."""
    from abaque.storage.models import Invoice

    invoices = [
        explain(public, events=True, limit=500)
        for public in Invoice.objects.order_by("pk").values_list("public_id", flat=True)
    ]
    identities = house.rows("SELECT source, id FROM identity ORDER BY source, id")
    return invoices, [one_event(*identity) for identity in identities]


def usages(house):
    return house.rows("SELECT * FROM usage ORDER BY 1, 2, 3, 4")


# A process that dies at a chosen moment; what it would do follows.
_DYING = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from datetime import date, datetime
from abaque.billing import archive, erase_person
from abaque.billing.permissions import SYSTEM
from abaque.connectors.parquet import ParquetArchive
from abaque.storage import archived, hot

kept, when, now = ParquetArchive(Path(sys.argv[1])), sys.argv[2], datetime.fromisoformat(sys.argv[3])
archived.connect(kept)

def die(*_given, **_named):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(house, kept, work, when):
    """Run `work` in a process that kills itself at the moment `when`; wait until PostgreSQL has noticed."""
    from django.conf import settings
    from django.db import connection

    known = connection.settings_dict
    place = f"host={known['HOST']}&port={known['PORT']}&user={known['USER']}&password={known['PASSWORD']}"
    done = subprocess.run(
        [sys.executable, "-c", _DYING + work, str(kept.folder), when, house.now.isoformat()],
        env={
            **os.environ,
            "ABAQUE_DATABASE_URL": f"postgresql:///{known['NAME']}?{place}",
            "ABAQUE_HASHING_KEY": settings.HASHING_KEY.hex(),
            "DJANGO_SETTINGS_MODULE": "abaque.app.settings",
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    while house.rows("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") != [(0,)]:
        time.sleep(0.05)
