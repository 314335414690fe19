"""What the door answers while the database is in trouble: never a 2xx, and when to send again.

Whatever the database raises, the transaction is undone: nothing of the body is stored. The one thing that cannot
be known is a commit whose answer was lost; sent again, its events are duplicates.
"""

import logging
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from abaque.api.problems import problem

#: All that may come out of the database or of the wait for a connection to it.
TROUBLE = (psycopg.Error, PoolTimeout)

SOON_SECONDS = 2  # it restarts, is busy, or two statements stood in each other's way
LATER_SECONDS = 30  # somebody must act first

# SQLSTATEs, by their whole code or their class, that pass only when a person has acted.
_STANDING = (
    "53100",  # disk full
    "53400",  # a configured limit is reached
    "58",  # the system below: input and output
    "25006",  # read only: a standby, or an administrator's choice
    "XX",  # damaged data, internal errors
    "42",  # a right, a table or a column is missing: a restore or an upgrade is under way
    "3D000",  # the database itself is
    "28",  # the password was changed
)

_log = logging.getLogger(__name__)


def trouble(error: Exception) -> tuple[int, dict[str, Any], tuple[tuple[str, str], ...]]:
    """Return status, body and headers of the answer. What was sent never gets into the log."""
    state = getattr(error, "sqlstate", None) or ""
    _log.warning("door: %s %s", type(error).__name__, state)
    seconds = LATER_SECONDS if state.startswith(_STANDING) else SOON_SECONDS
    body = problem(
        503,
        "database_unavailable",
        "The database does not answer, or cannot store. Nothing is acknowledged: send it again.",
    )
    return 503, body, (("retry-after", str(seconds)),)
