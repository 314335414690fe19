"""Two roles: the owner migrates, makes partitions and erases; the application adds facts and cannot unmake them."""

from pathlib import Path

from django.db import transaction
from psycopg import sql

from abaque.storage import hot

_GRANTS = Path(__file__).parent / "sql" / "grants.sql"


@transaction.atomic
def grant(application: str) -> None:
    """Give the application's role what `sql/grants.sql` says and nothing else. To be run as the owner.

    Idempotent, and seen by others all at once.
    """
    schema, database = hot.rows("SELECT current_schema(), current_database()")[0]
    statements = sql.SQL(_GRANTS.read_text(encoding="utf-8"))
    hot.run(
        statements.format(
            application=sql.Identifier(application),
            schema=sql.Identifier(schema),
            database=sql.Identifier(database),
        )
    )


def keeps_facts(role: str | None = None) -> bool:
    """Whether a role (this connection's, if none is named) cannot change or delete events.

    False for the owner of the tables, for a superuser, and for who may act as one of them.
    """
    who = sql.SQL("current_user") if role is None else sql.Literal(role)
    may = sql.SQL("SELECT has_table_privilege({}, 'event', 'UPDATE, DELETE, TRUNCATE')").format(who)
    return not hot.rows(may)[0][0]
