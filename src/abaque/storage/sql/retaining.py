"""What is kept for a time only: how much of it is over its time, and a statement that erases some of that."""

# The folder's clock for what business does, the real one for sessions, links and jobs, as they live on it.
_FOLDER = "%(now)s::timestamptz - make_interval(months => %(months)s)"
_REAL = "now() - make_interval(months => %(months)s)"

_DONE = f"""status IN ('succeeded', 'cancelled', 'aborted')
    AND EXISTS (SELECT FROM procrastinate_events e WHERE e.job_id = procrastinate_jobs.id)
    AND NOT EXISTS (SELECT FROM procrastinate_events e WHERE e.job_id = procrastinate_jobs.id AND e.at >= {_REAL})"""

#: By class: the table, its key, and which of its rows are over.
OVER = {
    "conflicts": ("conflict", "ctid", f"received_at < {_FOLDER}"),
    "alerts": ("alert", "id", f"at < {_FOLDER}"),
    "invitations": ("invitation", "id", f"expires_at < {_REAL}"),
    "sessions": ("django_session", "session_key", f"expire_date < {_REAL}"),
    "jobs": ("procrastinate_jobs", "id", _DONE),
}

RULES = "SELECT data_class, months FROM retention"
SET = """
INSERT INTO retention (data_class, months, set_at, set_by) VALUES (%(data_class)s, %(months)s, %(now)s, %(by)s)
ON CONFLICT (data_class) DO UPDATE SET months = excluded.months, set_at = excluded.set_at, set_by = excluded.set_by
"""
REPORT = """
SELECT data_class, sum(gone), min(at), max(at) FROM (
    SELECT subject AS data_class, (result ->> 'erased')::bigint AS gone, at FROM action WHERE verb = 'retain'
    UNION ALL
    SELECT 'archived_events', (result ->> 'events')::bigint, at FROM action WHERE verb = 'reduce_month'
) done GROUP BY data_class ORDER BY data_class
"""


def count(data_class: str) -> str:
    """Return the query for how many rows of a class are over their time."""
    table, _, over = OVER[data_class]
    return f"SELECT count(*) FROM {table} WHERE {over}"


def erase(data_class: str) -> str:
    """Return the statement that erases some of them, up to `limit`."""
    table, key, over = OVER[data_class]
    return f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {over} LIMIT %(limit)s)"
