"""The floor: what this machine's PostgreSQL can do at best with the same rows, measured in the same run.

A bare COPY by two connections into one table with the same unique index: no check, no verdict, no HTTP.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from bench.events import MONTH, SPARE, made
from bench.sending import STEP

_TABLE = """
CREATE TABLE bench_floor (
    source text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, type text NOT NULL, subject text NOT NULL,
    time timestamptz NOT NULL, data jsonb NOT NULL, PRIMARY KEY (source, id)
)
"""
_COPY = "COPY bench_floor (source, id, type, subject, time, data) FROM STDIN"
_CONNECTIONS = 2


def floor(database_url: str, count: int, customers: int) -> float:
    """Return rows per second."""
    share = count // _CONNECTIONS
    texts = [_text(f"floor-{number}", share, customers) for number in range(_CONNECTIONS)]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_TABLE)
        with ThreadPoolExecutor(_CONNECTIONS) as threads:
            start = time.perf_counter()
            list(threads.map(lambda text: _copy(database_url, text), texts))
            seconds = time.perf_counter() - start
        connection.execute("DROP TABLE bench_floor")
    return share * _CONNECTIONS / seconds


def _text(source: str, count: int, customers: int) -> bytes:
    rows = (
        "\t".join(
            (source, str(e["id"]), str(e["type"]), str(e["subject"]), str(e["time"]), json.dumps(e["data"]))
        )
        for e in made(source, count, customers, MONTH[0] + SPARE, STEP)
    )
    return "\n".join((*rows, "")).encode()


def _copy(database_url: str, text: bytes) -> None:
    with psycopg.connect(database_url) as connection, connection.cursor().copy(_COPY) as copy:
        for start in range(0, len(text), 1 << 20):
            copy.write(text[start : start + (1 << 20)])
