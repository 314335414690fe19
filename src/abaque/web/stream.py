"""The customer's live usage: server-sent events at `/portal/stream`, raw ASGI beside Django.

One connection per process listens to what the meter says (`abaque_usage`: customers' internal ids, or `*`);
it holds no transaction and comes back by itself. Figures are computed in a few threads, for each customer at
most once a second, and sent to everyone who looks at that customer's page.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any

import psycopg
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import translation

from abaque.storage import clock
from abaque.storage.read import portal
from abaque.web.middleware import LANGUAGES
from abaque.web.portal.access import COOKIE, customer_of_cookie, speak
from abaque.web.portal.usage import usage_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEARTBEAT_SECONDS = 15.0
PAUSE_SECONDS = 1.0
RETRY_SECONDS = 2.0
THREADS = 2
VISITORS_MAX = 2_000
EVERYBODY = "*"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks: the customer's public and internal id, and the language chosen, if any."""

    customer: str
    number: int
    lang: str


@dataclass(eq=False, slots=True)
class Seat:
    """One open stream; `news` holds at most the newest message, since only that matters."""

    visitor: Visitor
    news: "asyncio.Queue[str]" = field(default_factory=lambda: asyncio.Queue(maxsize=1))

    def tell(self, message: str) -> None:
        """Put the newest message in place of one that was not sent yet."""
        with contextlib.suppress(asyncio.QueueEmpty):
            self.news.get_nowait()
        self.news.put_nowait(message)


class Stream:
    """Answers `/portal/stream`. One per process; listens from the first visitor on."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="stream")
        self._seats: set[Seat] = set()
        self._changed: set[int] = set()
        self._resting: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visitor = await self._in_thread(_visitor, dict(_headers(scope)))
        if visitor is None:
            await _refuse(send, 403)
            return
        if len(self._seats) >= VISITORS_MAX:
            await _refuse(send, 503)
            return
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        seat = Seat(visitor)
        self._seats.add(seat)
        try:
            await self._serve(seat, receive, send)
        finally:
            self._seats.discard(seat)

    async def close(self) -> None:
        """Stop listening and computing; open streams end with the process."""
        tasks = [*self._tasks, *([self._listening] if self._listening else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, seat: Seat, receive: Receive, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                ],
            }
        )
        seat.tell(await self._figures(seat.visitor))
        gone = asyncio.create_task(_until_gone(receive))
        try:
            while not gone.done():
                await _send(send, await self._next(seat, gone))
        except (OSError, ConnectionError):
            return
        finally:
            gone.cancel()

    async def _next(self, seat: Seat, gone: "asyncio.Task[None]") -> str:
        """Return the next message, or a comment that keeps the way open where nothing came."""
        news = asyncio.create_task(seat.news.get())
        await asyncio.wait({news, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if news.done():
            return f"event: usage\ndata: {news.result()}\n\n"
        news.cancel()
        return ": still here\n\n"

    async def _listen(self) -> None:
        """Hear who has new figures. After a break everybody looks, since what was said meanwhile is lost."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._database_url, autocommit=True
                ) as listener:
                    await listener.execute("LISTEN abaque_usage")
                    self._hear(EVERYBODY)
                    async for notice in listener.notifies():
                        self._hear(notice.payload)
            except psycopg.Error as error:
                _log.warning("stream: not listening: %s", error)
            await asyncio.sleep(RETRY_SECONDS)

    def _hear(self, payload: str) -> None:
        present = {seat.visitor.number for seat in self._seats}
        told = (
            present
            if payload == EVERYBODY
            else {int(part) for part in payload.split(",") if part.isdecimal()}
        )
        for number in present & told:
            self._changed.add(number)
            if number not in self._resting:
                self._resting.add(number)
                task = asyncio.create_task(self._tell(number))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _tell(self, number: int) -> None:
        """Compute and send a customer's figures until nothing new is said, resting a second after each time."""
        try:
            while number in self._changed:
                self._changed.discard(number)
                for visitor in {seat.visitor for seat in self._seats if seat.visitor.number == number}:
                    await self._send_to(visitor)
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._resting.discard(number)

    async def _send_to(self, visitor: Visitor) -> None:
        try:
            message = await self._figures(visitor)
        except Exception:  # noqa: BLE001  # whatever it was, the stream must outlive it
            # The page keeps what it shows; the next notice tries again.
            _log.exception("stream: no figures")
            return
        for seat in self._seats:
            if seat.visitor == visitor:
                seat.tell(message)

    async def _figures(self, visitor: Visitor) -> str:
        return str(await self._in_thread(_figures, visitor))

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, _with_database, work, *arguments
        )


def _with_database(work: Callable[..., Any], *arguments: Any) -> Any:
    """Run in a thread of ours with a connection that works, and leave none open in a transaction."""
    close_old_connections()
    try:
        return work(*arguments)
    finally:
        if connection.in_atomic_block:
            connection.close()
        close_old_connections()


def _visitor(headers: dict[bytes, bytes]) -> Visitor | None:
    """Return whose stream this is, by the cookie of the portal, and in which language."""
    cookies: SimpleCookie = SimpleCookie()
    with contextlib.suppress(CookieError):
        cookies.load(headers.get(b"cookie", b"").decode("latin-1"))
    bound = customer_of_cookie(cookies[COOKIE].value) if COOKIE in cookies else None
    customer = portal.customer_of(bound) if bound else None
    if customer is None:
        return None
    chosen = (
        cookies[settings.LANGUAGE_COOKIE_NAME].value if settings.LANGUAGE_COOKIE_NAME in cookies else None
    )
    with translation.override(None):
        lang = speak(customer, chosen if chosen in LANGUAGES else None)
    return Visitor(customer.public_id, customer.pk, lang)


def _figures(visitor: Visitor) -> str:
    customer = portal.customer_of(visitor.customer)
    if customer is None:
        return "{}"
    return json.dumps(usage_of(customer, clock.now(), visitor.lang), separators=(",", ":"))


def _headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in scope.get("headers", [])]


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"cache-control", b"no-store"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": b""})
