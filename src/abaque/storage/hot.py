"""SQL with psycopg on Django's own connection, so that it shares the verb's transaction."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

Row = tuple[Any, ...]


def rows(sql: str, parameters: dict[str, Any] | Sequence[Any] | None = None) -> list[Row]:
    """Run one statement in the current transaction and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def run(sql: str, parameters: dict[str, Any] | Sequence[Any] | None = None) -> int:
    """Run one statement in the current transaction and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def dicts(sql: str, parameters: dict[str, Any] | Sequence[Any] | None = None) -> list[dict[str, Any]]:
    """Run one statement and return its rows by column name."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
