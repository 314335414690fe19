"""The door: `POST /v1/events`, raw ASGI beside Django, since this is the hot path.

A 2xx means that every accepted event is committed. Small bodies share commits: while the database
works on one lot, single events gather into the next.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from psycopg_pool import ConnectionPool

from abaque.api.problems import EVENT_WORDS, problem
from abaque.api.trouble import TROUBLE, trouble
from abaque.billing.capturing import (
    MAX_BODY,
    VERDICTS,
    BadBody,
    Form,
    Intake,
    Sent,
    Unauthorized,
    Verdict,
    capture_hopefully,
    form_of,
    prepare,
    read_body,
)
from abaque.billing.capturing.bodies import Body

if TYPE_CHECKING:
    import psycopg

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SHARED_COMMIT = 500
CONNECTIONS = 3
WAITING_BYTES_MAX = 64 * 1024 * 1024


class _Refusal(Exception):  # noqa: N818  # an answer, not a fault
    def __init__(
        self, status: int, body: dict[str, Any], headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers


@dataclass(slots=True)
class _Single:
    body: Body
    answer: "asyncio.Future[Verdict | None]"  # None: plainly accepted


@dataclass(slots=True)
class _Held:
    """What a request holds in memory, counted while it is read: what was only announced costs nothing."""

    bytes: int = 0


class Door:
    """Takes events in. One per process; opens its own small pool on first use."""

    def __init__(self, database_url: str, hashing_key: bytes) -> None:
        self._hashing_key = hashing_key
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            database_url,
            min_size=1,
            max_size=CONNECTIONS,
            open=False,
            timeout=5,
            kwargs={"autocommit": True},
            configure=prepare,
        )
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="door")
        self._waiting: dict[bytes, list[_Single]] = {}
        self._flushing: set[bytes] = set()
        self._waiting_bytes = 0
        self._opened = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = _Held()
        try:
            key_hash, form, size = self._admit(scope)
            raw = await self._read(receive, size, held)
            body = read_body(raw, form)
            every = b"verdicts=all" in scope.get("query_string", b"")
            intake = await self._take(key_hash, body, every=every)
            await _send(send, 200, _encoded(intake, every=every))
        except _Refusal as refusal:
            await _answer(send, refusal.status, refusal.body, refusal.headers)
        except BadBody as error:
            await _answer(
                send,
                400,
                problem(
                    400,
                    error.code,
                    f"{error.detail}. Nothing of this body was stored.",
                    position=error.position,
                ),
            )
        except Unauthorized:
            await _answer(send, 401, _WRONG_KEY, ((b"www-authenticate", b"Bearer"),))
        except TROUBLE as error:
            await _answer(send, *trouble(error))
        finally:
            self._waiting_bytes -= held.bytes

    def _admit(self, scope: Scope) -> tuple[bytes, Form, int]:
        """Look at what can be known before the body is read."""
        headers = dict(scope["headers"])
        if scope["method"] != "POST":
            raise _Refusal(
                405, problem(405, "method_not_allowed", "Send events by POST."), ((b"allow", b"POST"),)
            )
        scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer" or not key:
            raise Unauthorized
        form = form_of(headers.get(b"content-type", b"").decode("latin-1"))
        if form is None:
            raise _Refusal(
                415,
                problem(
                    415,
                    "unknown_content_type",
                    f"Send one of: {', '.join(Form)}.",
                ),
            )
        size = _size(headers.get(b"content-length", b""))
        if size > MAX_BODY:
            raise _TOO_LARGE
        if self._waiting_bytes + size > WAITING_BYTES_MAX:
            raise _Refusal(
                429,
                problem(
                    429,
                    "too_many_requests",
                    "More is waiting than can be stored just now. Send it again in a second.",
                ),
                ((b"retry-after", b"1"),),
            )
        return hashlib.sha256(key.strip()).digest(), form, size

    async def _read(self, receive: Receive, expected: int, held: "_Held") -> bytes:
        parts = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Refusal(
                    400, problem(400, "body_cut_short", "The connection ended before the body did.")
                )
            part = message.get("body", b"")
            parts += part
            held.bytes += len(part)
            self._waiting_bytes += len(part)
            if len(parts) > MAX_BODY:
                raise _TOO_LARGE
            if not message.get("more_body"):
                break
        if len(parts) < expected:
            raise _Refusal(
                400, problem(400, "body_cut_short", "The body is shorter than its Content-Length.")
            )
        return bytes(parts)

    async def _take(self, key_hash: bytes, body: Body, *, every: bool) -> Intake:
        if every or body.lines is None or len(body.lines) != 1:
            return await self._in_thread(key_hash, body, every=every)
        single = _Single(body, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(key_hash, []).append(single)
        if key_hash not in self._flushing:  # one lot of a key at a time: the larger, the cheaper each event
            self._flushing.add(key_hash)
            asyncio.get_running_loop().create_task(self._flush(key_hash)).add_done_callback(_look)
        verdict = await single.answer
        if verdict is None:
            return Intake(1, 1)
        return Intake(1, int(verdict.verdict == "accepted"), [verdict])

    async def _flush(self, key_hash: bytes) -> None:
        """Store single events lot after lot, each lot in one commit, until none waits."""
        try:
            while waiting := self._waiting.pop(key_hash, None):
                lot, rest = waiting[:SHARED_COMMIT], waiting[SHARED_COMMIT:]
                if rest:
                    self._waiting[key_hash] = rest
                await self._store(key_hash, lot)
        finally:
            self._flushing.discard(key_hash)

    async def _store(self, key_hash: bytes, lot: list[_Single]) -> None:
        lines = tuple(line for single in lot for line in single.body.lines or ())
        body = Body(f"[{','.join(lines)}]", lines, any(single.body.inspect for single in lot))
        try:
            intake = await self._in_thread(key_hash, body)
        except Exception as error:  # noqa: BLE001  # whatever it is, each sender must be told
            for single in lot:
                if not single.answer.done():  # its sender may have left
                    single.answer.set_exception(error)
            return
        told = {verdict.index: replace(verdict, index=0) for verdict in intake.verdicts}
        for index, single in enumerate(lot):
            if not single.answer.done():
                single.answer.set_result(told.get(index))

    async def _in_thread(self, key_hash: bytes, body: Body, *, every: bool = False) -> Intake:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._capture, key_hash, body, every
        )

    def _capture(self, key_hash: bytes, body: Body, every: bool) -> Intake:  # noqa: FBT001  # called by position
        if not self._opened:
            self._pool.open()
            self._opened = True
        with self._pool.connection() as connection:
            sent = Sent(None, key_hash, self._hashing_key, every=every)
            return capture_hopefully(connection, body, sent)


def _size(content_length: bytes) -> int:
    """Return the Content-Length, 0 where none is said."""
    return int(content_length) if content_length.isdigit() else 0


def _look(task: "asyncio.Task[None]") -> None:
    if not task.cancelled():
        task.exception()


def _encoded(intake: Intake, *, every: bool) -> bytes:
    if intake.verdicts:
        return json.dumps(report(intake, every=every), ensure_ascii=False).encode()
    return _plainly(intake.accepted)


@lru_cache(maxsize=1024)
def _plainly(accepted: int) -> bytes:
    """Return the answer where all is plainly accepted: the most frequent one, so that it is made once."""
    return json.dumps(report(Intake(accepted, accepted), every=False)).encode()


def report(intake: Intake, *, every: bool) -> dict[str, Any]:
    """Return a count per verdict, and an entry for each event that is not plainly accepted."""
    counts: dict[str, Any] = {word: intake.count(word) for word in VERDICTS}
    told = (one for one in intake.verdicts if every or one.verdict != "accepted" or one.warning)
    return {**counts, "events": [_entry(verdict) for verdict in told]}


def _entry(verdict: Verdict) -> dict[str, Any]:
    reason = verdict.reason or ("conflict" if verdict.verdict == "conflict" else None)
    warnings = [{"code": verdict.warning, "message": EVENT_WORDS[verdict.warning]}] if verdict.warning else []
    entry: dict[str, Any] = {
        "index": verdict.index,
        "id": verdict.id,
        "verdict": verdict.verdict,
        "reason": reason,
        "warnings": warnings,
    }
    if reason:
        entry["message"] = EVENT_WORDS[reason]
    return entry


async def _answer(
    send: Send,
    status: int,
    body: dict[str, Any],
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    await _send(send, status, json.dumps(body, ensure_ascii=False).encode(), headers)


async def _send(
    send: Send, status: int, content: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    kind = b"application/json" if status == 200 else b"application/problem+json"  # noqa: PLR2004  # HTTP's own number
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", kind),
                (b"content-length", str(len(content)).encode()),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": content})


_TOO_LARGE = _Refusal(
    413,
    problem(
        413,
        "body_too_large",
        "A body may have 10 MiB at most. Send several smaller ones; nothing of this one was stored.",
    ),
)
_WRONG_KEY = problem(
    401,
    "wrong_key",
    "Send `Authorization: Bearer KEY` with a key that is not revoked and may write events"
    " (`abaque keys create`).",
)
