"""SQL with psycopg on Django's own connection, so that it shares the verb's transaction."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import sql

Row = tuple[Any, ...]


def rows(
    statement: str | sql.Composed, parameters: dict[str, Any] | Sequence[Any] | None = None
) -> list[Row]:
    """Run one statement in the current transaction and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def run(statement: str | sql.Composed, parameters: dict[str, Any] | Sequence[Any] | None = None) -> int:
    """Run one statement in the current transaction and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


FOR_EVER = "0"


def lock(number: int, *, shared: bool = False, within: str = FOR_EVER) -> None:
    """Take an advisory lock until the transaction ends, by default however long that takes: who holds it is at work.

    `within`: PostgreSQL's text of a time, such as `3s`, after which it is an `OperationalError`.
    """
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    run(
        f"SET LOCAL lock_timeout = %s; SELECT {function}(%s); SET LOCAL lock_timeout TO DEFAULT",
        [within, number],
    )


def dicts(statement: str, parameters: dict[str, Any] | Sequence[Any] | None = None) -> list[dict[str, Any]]:
    """Run one statement and return its rows by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def refresh_statistics(*tables: str) -> None:
    """Analyze tables, and partitions of theirs, that changed much since they last were.

    After a flood of events the planner would else take a month of a million rows for an empty one.
    """
    rows("SELECT abaque_refresh_statistics(%s)", [list(tables)])
