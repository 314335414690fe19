"""The door: `POST /v1/events`, in the server's own protocol (RSGI) beside Django, since this is the hot path.

A 2xx means that every accepted event is committed. Small bodies share commits: while the database
works on one lot, single events gather into the next.
"""

import asyncio
import hashlib
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from granian.rsgi import ProtocolClosed
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
    from granian.rsgi import HTTPProtocol, Scope

Headers = tuple[tuple[str, str], ...]

SHARED_COMMIT = 500
CONNECTIONS = 3
WAITING_BYTES_MAX = 64 * 1024 * 1024
_SMALL = 64 * 1024  # bytes; a body so small is read in one go

_log = logging.getLogger("abaque.request")


@dataclass(frozen=True, slots=True)
class _Refusal:
    """An answer to a request of which nothing is taken in."""

    status: int
    body: dict[str, Any]
    headers: Headers = ()


class _Refused(Exception):  # noqa: N818  # an answer, not a fault
    def __init__(self, refusal: _Refusal) -> None:
        super().__init__(refusal.status)
        self.refusal = refusal


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

    async def __call__(self, scope: "Scope", protocol: "HTTPProtocol") -> None:
        """Answer one request. What is taken in is counted, not logged: a line each would drown all others."""
        try:
            content = await self._taken_in(scope, protocol)
        except _Refused as refused:
            _refuse(scope, protocol, refused.refusal)
        except BadBody as error:
            detail = f"{error.detail}. Nothing of this body was stored."
            body = problem(HTTPStatus.BAD_REQUEST, error.code, detail, position=error.position)
            _refuse(scope, protocol, _Refusal(HTTPStatus.BAD_REQUEST, body))
        except Unauthorized:
            _refuse(scope, protocol, _WRONG_KEY)
        except TROUBLE as error:
            _refuse(scope, protocol, _Refusal(*trouble(error)))
        except Exception:  # noqa: BLE001  # whatever it is, the sender must be told
            _log.exception("%s %s failed", scope.method, scope.path)
            _refuse(scope, protocol, _OUR_FAULT)
        else:
            protocol.response_bytes(HTTPStatus.OK, _JSON, content)

    async def _taken_in(self, scope: "Scope", protocol: "HTTPProtocol") -> bytes:
        held = _Held()
        try:
            key_hash, form, size = self._admit(scope)
            raw = await self._read(protocol, size, held)
            every = "verdicts=all" in scope.query_string
            intake = await self._take(key_hash, read_body(raw, form), every=every)
            return _encoded(intake, every=every)
        finally:
            self._waiting_bytes -= held.bytes

    def _admit(self, scope: "Scope") -> tuple[bytes, Form, int | None]:
        """Look at what can be known before the body is read: the key's hash, the form, the size where it is said."""
        if scope.method != "POST":
            raise _Refused(_ONLY_POST)
        header = scope.headers.get
        scheme, _, key = header("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Unauthorized
        form = form_of(header("content-type", ""))
        if form is None:
            raise _Refused(_UNKNOWN_FORM)
        length = header("content-length", "")
        size = int(length) if length.isdecimal() else None
        if size is not None and size > MAX_BODY:
            raise _Refused(_TOO_LARGE)
        if self._waiting_bytes + (size or 0) > WAITING_BYTES_MAX:
            raise _Refused(_TOO_MUCH)
        return hashlib.sha256(key.strip().encode()).digest(), form, size

    async def _read(self, protocol: "HTTPProtocol", expected: int | None, held: _Held) -> bytes:
        if expected is not None and expected <= _SMALL:
            try:
                whole = await protocol()
            except ProtocolClosed:
                raise _Refused(_CUT_SHORT) from None
            self._hold(len(whole), held)
            return whole
        parts = bytearray()
        async for part in protocol:
            parts += part
            self._hold(len(part), held)
            if len(parts) > MAX_BODY:
                raise _Refused(_TOO_LARGE)
        if expected is not None and len(parts) < expected:
            raise _Refused(_CUT_SHORT)
        return bytes(parts)

    def _hold(self, size: int, held: _Held) -> None:
        held.bytes += size
        self._waiting_bytes += size

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


def _refuse(scope: "Scope", protocol: "HTTPProtocol", refusal: _Refusal) -> None:
    _log.info("%s %s %s", scope.method, scope.path, refusal.status)
    content = json.dumps(refusal.body, ensure_ascii=False).encode()
    protocol.response_bytes(
        refusal.status, [("content-type", "application/problem+json"), *refusal.headers], content
    )


def _refusal(status: HTTPStatus, code: str, detail: str, *headers: tuple[str, str]) -> _Refusal:
    return _Refusal(status, problem(status, code, detail), headers)


_JSON = [("content-type", "application/json")]
_ONLY_POST = _refusal(
    HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "Send events by POST.", ("allow", "POST")
)
_WRONG_KEY = _refusal(
    HTTPStatus.UNAUTHORIZED,
    "wrong_key",
    "Send `Authorization: Bearer KEY` with a key that is not revoked and may write events"
    " (`abaque keys create`).",
    ("www-authenticate", "Bearer"),
)
_UNKNOWN_FORM = _refusal(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown_content_type", f"Send one of: {', '.join(Form)}."
)
_TOO_LARGE = _refusal(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "body_too_large",
    "A body may have 10 MiB at most. Send several smaller ones; nothing of this one was stored.",
)
_TOO_MUCH = _refusal(
    HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_requests",
    "More is waiting than can be stored just now. Send it again in a second.",
    ("retry-after", "1"),
)
_CUT_SHORT = _refusal(HTTPStatus.BAD_REQUEST, "body_cut_short", "The connection ended before the body did.")
_OUR_FAULT = _refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "Nothing is acknowledged: send it again."
)
