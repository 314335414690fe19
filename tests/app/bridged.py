"""An ASGI application that says what it was told, served as ours is: `python bridged.py PORT`, in this folder."""

import asyncio
import json
import sys
from typing import Any

from granian import Granian
from granian.constants import Interfaces, Loops

from abaque.app.bridge import Receive, Scope, Send, answer

heard: list[str] = []


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    match scope["path"]:
        case "/heard":
            await _say(scope, send, heard)
        case "/stream":
            await _body_of(receive)
            await _stream(scope["query_string"] == b"long", receive, send)
        case _:
            body = await _body_of(receive)
            if body is not None:
                told = {
                    name: scope[name]
                    for name in ("type", "method", "scheme", "path", "http_version", "client")
                }
                told["query"] = scope["query_string"].decode()
                told["headers"] = [[name.decode(), value.decode()] for name, value in scope["headers"]]
                await _say(scope, send, told | {"body": body.decode()})


async def _body_of(receive: Receive) -> bytes | None:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            heard.append("cut short")
            return None
        body += message["body"]
        if not message["more_body"]:
            return body


async def _say(scope: Scope, send: Send, told: Any) -> None:
    content = json.dumps(told).encode()
    headers = [
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": 418, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})


async def _stream(long: bool, receive: Receive, send: Send) -> None:  # noqa: FBT001  # a test's helper
    await send({"type": "http.response.start", "status": 200, "headers": []})
    gone = asyncio.ensure_future(receive())
    for number in range(1000 if long else 3):
        try:
            await send(
                {"type": "http.response.body", "body": f"{number};".encode(), "more_body": long or number < 2}
            )
        except OSError:
            heard.append("OSError")
            return
        if gone.done():
            heard.append(gone.result()["type"])
            return
        await asyncio.sleep(0.01)


async def bridged(scope: Any, protocol: Any) -> None:
    await answer(application, scope, protocol)


if __name__ == "__main__":
    Granian(
        "bridged:bridged",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        workers=1,
        loop=Loops.uvloop,
        websockets=False,
        log_enabled=False,
    ).serve()
