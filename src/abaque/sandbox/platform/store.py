"""The platform's books in one SQLite file, so that they survive a restart."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    external_id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    created REAL NOT NULL
);
-- external_id is not unique here, as on most platforms: only the Idempotency-Key guards against twins.
CREATE TABLE IF NOT EXISTS invoice (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    external_id TEXT NOT NULL,
    customer TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    created REAL NOT NULL,
    visible_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS invoice_external_id ON invoice (external_id);
CREATE TABLE IF NOT EXISTS usage_event (
    identifier TEXT PRIMARY KEY,
    customer TEXT NOT NULL,
    meter TEXT NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS usage_event_at ON usage_event (at);
CREATE TABLE IF NOT EXISTS usage_rate (
    customer TEXT NOT NULL,
    hour INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (customer, hour)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS fault (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
);
"""


class Store:
    """One SQLite file behind one lock; `begin()` is a transaction that ends with its block."""

    def __init__(self, path: Path) -> None:
        # autocommit mode: transactions are opened by begin() and by nothing else
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_SCHEMA)
        self._lock = threading.Lock()

    @contextmanager
    def begin(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection inside a transaction: committed at the end, rolled back by an exception."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._db.close()


def canonical(value: object) -> str:
    """JSON with sorted names and no spaces: equal values, equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
