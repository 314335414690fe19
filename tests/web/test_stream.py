"""The live stream: a customer's page hears of new usage at once, and of nobody else's."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from django.core import signing
from django.db import connection, connections

from abaque.storage import hot
from abaque.storage.models import Customer
from abaque.web import stream as streaming
from abaque.web.portal.access import COOKIE
from abaque.web.stream import Stream

pytestmark = pytest.mark.django_db(transaction=True)


def database_url() -> str:
    """Return the address of the test database."""
    settings = connection.get_connection_params()
    return psycopg.conninfo.make_conninfo(
        host=settings.get("host", ""),
        port=settings.get("port"),
        user=settings.get("user"),
        password=settings.get("password"),
        dbname=settings["dbname"],
    )


class Page:
    """A browser's end of one stream."""

    def __init__(self, customer: str, *, lang: str = "") -> None:
        cookie = f"{COOKIE}={signing.dumps({'c': customer}, salt='abaque.portal.cookie')}"
        self.scope: dict[str, Any] = {
            "type": "http",
            "path": "/portal/stream",
            "headers": [(b"cookie", (cookie + (f"; django_language={lang}" if lang else "")).encode())],
        }
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.sent.put(dict(message))

    async def next(self, within: float = 5.0) -> dict[str, Any]:
        return await asyncio.wait_for(self.sent.get(), within)

    async def usage(self) -> dict[str, Any]:
        """Return the next figures."""
        while True:
            body = (await self.next()).get("body", b"").decode()
            if body.startswith("event: usage\ndata: "):
                usage: dict[str, Any] = json.loads(body.removeprefix("event: usage\ndata: "))
                return usage

    async def until(self, wanted: str) -> None:
        """Wait until the documents counted are as many as this; news that overtake each other are one."""
        while quantity(await self.usage()) != wanted:
            pass

    async def quiet(self) -> None:
        """Wait until nothing more is said: the greeting, and the round once the listener stands, are over."""
        with contextlib.suppress(TimeoutError):
            while True:
                await self.next(within=2.5)


@asynccontextmanager
async def looking(stream: Stream, *pages: Page) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(stream(page.scope, page.receive, page.send)) for page in pages]
    try:
        yield
    finally:
        for page in pages:
            page.gone.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
        await stream.close()


@pytest.fixture
def busy(shop: Any) -> Iterator[Any]:
    """The shop, committed; its hot tables are emptied here, since Django empties only its own."""
    yield shop
    hot.run("TRUNCATE intake, identity, event, conflict, fate, trail, usage, unique_value, operation")


def quantity(usage: dict[str, Any], meter: str = "documents") -> str:
    return next(str(each["quantity"]) for each in usage["meters"] if each["code"] == meter)


def document(identity: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": "/test",
        "id": identity,
        "type": "document.processed",
        "subject": "dupont",
        "time": "2026-03-09T09:00:00Z",
        "data": {"document_id": identity, "pages": 1},
    }


def test_new_usage_reaches_the_customers_page_and_no_other(busy: Any) -> None:
    async def watch() -> None:
        stream = Stream(database_url())
        mine, theirs = Page(busy.dupont), Page(busy.martin)
        async with looking(stream, mine, theirs):
            assert (await mine.next())["status"] == 200
            assert quantity(await mine.usage()) == "2"
            assert quantity(await theirs.usage()) == "0"
            await mine.quiet()
            await theirs.quiet()
            await asyncio.to_thread(_sent, busy, document("new"))
            await mine.until("3")
            with pytest.raises(TimeoutError):
                await theirs.next(within=1.5)

    asyncio.run(watch())


def test_a_burst_is_computed_at_most_once_a_second(busy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[float] = []
    burst: list[float] = []
    figures = streaming._figures

    def counted(visitor: Any) -> str:
        computed.append(time.monotonic())
        return figures(visitor)

    monkeypatch.setattr(streaming, "_figures", counted)

    async def watch() -> None:
        stream = Stream(database_url())
        page = Page(busy.dupont)
        async with looking(stream, page):
            await page.usage()
            await page.quiet()
            before = len(computed)
            number = Customer.objects.filter(public_id=busy.dupont).values_list("pk", flat=True)
            told = str(await asyncio.to_thread(_first, number))
            for _ in range(20):
                stream._hear(told)
                await asyncio.sleep(0.01)
            await asyncio.sleep(2.5)
            burst.extend(computed[before:])

    asyncio.run(watch())
    # One computation begins the burst, one is for all that came meanwhile.
    assert len(burst) == 2
    assert burst[1] - burst[0] >= 0.9


def test_a_lost_listener_comes_back_and_everybody_looks_again(
    busy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "RETRY_SECONDS", 0.1)

    async def watch() -> None:
        stream = Stream(database_url())
        page = Page(busy.dupont)
        async with looking(stream, page):
            await page.usage()
            await page.quiet()
            await asyncio.to_thread(_sent_unheard, busy, document("while-deaf"))
            await page.until("3")

    asyncio.run(watch())


def test_silence_is_broken_by_a_comment(busy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.2)

    async def watch() -> None:
        stream = Stream(database_url())
        page = Page(busy.dupont, lang="en")
        async with looking(stream, page):
            first = await page.usage()
            assert {each["name"] for each in first["meters"]} >= {"Documents"}
            while not (await page.next()).get("body", b"").startswith(b": "):
                pass

    asyncio.run(watch())


@pytest.mark.parametrize("cookie", ["", "abaque_portal=forged", 'abaque_portal="; bad', "other=1"])
def test_a_stream_without_its_cookie_is_refused(busy: Any, cookie: str) -> None:
    async def look() -> int:
        stream = Stream(database_url())
        page = Page(busy.dupont)
        page.scope["headers"] = [(b"cookie", cookie.encode())]
        await stream(page.scope, page.receive, page.send)
        await stream.close()
        return int((await page.next())["status"])

    assert asyncio.run(look()) == 403


def _sent(shop: Any, event: dict[str, Any]) -> None:
    shop.send(event)
    connections.close_all()


def _sent_unheard(shop: Any, event: dict[str, Any]) -> None:
    """Break the listener's connection, then send: what the meter says is heard by nobody."""
    hot.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE query = 'LISTEN abaque_usage' AND datname = current_database()"
    )
    _sent(shop, event)


def _first(found: Any) -> int:
    number = int(found.get())
    connections.close_all()
    return number
