"""Speaking to the door as a product does: HTTP requests in, verdicts out."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from granian.rsgi import ProtocolClosed

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HASHING_KEY = b"1" * 32
BATCH = "application/cloudevents-batch+json"
ONE = "application/cloudevents+json"
LINES = "application/x-ndjson"


@dataclass(slots=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]
    content: bytes

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Accepted, duplicate, conflict, rejected."""
        return tuple(self.body[word] for word in ("accepted", "duplicate", "conflict", "rejected"))

    @property
    def reasons(self) -> dict[int, str | None]:
        return {entry["index"]: entry["reason"] for entry in self.body["events"] if entry["reason"]}

    @property
    def warnings(self) -> dict[int, str]:
        return {e["index"]: e["warnings"][0]["code"] for e in self.body["events"] if e["warnings"]}


class Client:
    """Speaks to the door as the server does (RSGI)."""

    def __init__(self, url: str, key: str) -> None:
        from abaque.api.door import Door

        self.door = Door(url, HASHING_KEY)
        self.key = key

    def post(self, content: bytes | str, kind: str = BATCH, **options: Any) -> Answer:
        return asyncio.run(self.send(content, kind, **options))

    def together(self, *requests: tuple[bytes | str, str]) -> list[Answer]:
        """Send requests at the same moment."""

        async def all_of_them() -> list[Answer]:
            return list(await asyncio.gather(*(self.send(content, kind) for content, kind in requests)))

        return asyncio.run(all_of_them())

    async def send(
        self,
        content: bytes | str,
        kind: str = BATCH,
        *,
        key: str | None = None,
        query: str = "",
        method: str = "POST",
        length: int | None = -1,
        part: int = 1 << 20,
    ) -> Answer:
        raw = content.encode() if isinstance(content, str) else content
        headers = {
            "content-type": kind,
            "authorization": f"Bearer {self.key if key is None else key}",
        }
        if length is not None:
            headers["content-length"] = str(len(raw) if length < 0 else length)
        exchange = Exchange(raw, part, announced=length)
        await self.door(Asked(method, "/v1/events", query, headers), exchange)
        assert exchange.answer is not None
        return exchange.answer


@dataclass(frozen=True, slots=True)
class Asked:
    """What the server tells of a request before its body."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]


@dataclass(slots=True)
class Exchange:
    """A body that comes in parts, or in one go, and the answer. Of a body cut short nothing comes in one go."""

    raw: bytes
    part: int
    announced: int | None
    answer: Answer | None = None

    async def __call__(self) -> bytes:
        if self.announced is not None and self.announced > len(self.raw):
            raise ProtocolClosed
        return self.raw

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.raw), self.part):
            yield self.raw[start : start + self.part]

    def response_bytes(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        assert self.answer is None, "answered twice"
        self.answer = Answer(int(status), json.loads(content), dict(headers), content)


def new_key(*scopes: str, sources: tuple[str, ...] | None = None) -> dict[str, Any]:
    from abaque.billing import create_key
    from abaque.billing.permissions import SYSTEM

    return create_key.new_key("test", scopes, sources, now=NOW, by=SYSTEM)


def event(identity: str = "1", **changes: Any) -> dict[str, Any]:
    """An event in good order; a field changed to None is left out."""
    fields = {
        "specversion": "1.0",
        "source": "/test",
        "id": identity,
        "type": "document.processed",
        "subject": "dupont",
        "time": "2026-03-10T08:00:00Z",
        "data": {"pages": 1},
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def text(**changes: Any) -> str:
    return json.dumps(event(**changes))


def batch(*events: dict[str, Any] | str) -> str:
    return f"[{','.join(each if isinstance(each, str) else json.dumps(each) for each in events)}]"


def stored() -> set[str]:
    return {row[0] for row in rows("SELECT id FROM event")}


def rows(statement: str) -> list[tuple[Any, ...]]:
    from abaque.storage import hot

    return hot.rows(statement)


def forget() -> None:
    """Empty the tables the door writes to."""
    from django.db import connection

    for table in ("intake", "identity", "event", "conflict"):
        connection.cursor().execute(f"DELETE FROM {table}")


DEEP = "[" * 20_000 + "]" * 20_000
