"""ASGI applications behind the server's own protocol (RSGI): Django and the live stream beside the door.

The server speaks ASGI too, but one way for all requests; there a single event would cost the door half as much again.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from granian.rsgi import ProtocolClosed

if TYPE_CHECKING:
    from granian.rsgi import HTTPProtocol
    from granian.rsgi import Scope as RsgiScope

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


# The server hands a header on only if it is ASCII. Without the cookies nobody could stay signed in, or see why.
_UNREADABLE_COOKIES = """\
Your browser sends a cookie for this address that is not plain ASCII, so that none of its cookies can be read.
Delete the cookies of this site and of the domain it is part of, and come back.

Votre navigateur envoie à cette adresse un cookie qui n’est pas en ASCII, si bien qu’aucun de ses cookies n’est lisible.
Supprimez les cookies de ce site et du domaine dont il fait partie, puis revenez.
"""


async def answer(application: Application, scope: "RsgiScope", protocol: "HTTPProtocol") -> None:
    """Let an ASGI application answer a request."""
    if "cookie" in scope.headers and scope.headers.get("cookie") is None:
        headers = [("content-type", "text/plain; charset=utf-8")]
        protocol.response_bytes(HTTPStatus.BAD_REQUEST, headers, _UNREADABLE_COOKIES.encode())
        return
    told = _scope(scope)
    length = scope.headers.get("content-length", "")
    exchange = _Exchange(protocol, int(length) if length.isdecimal() else 0)
    try:
        await application(told, exchange.receive, exchange.send)
    finally:
        exchange.end()


def _scope(scope: "RsgiScope") -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": scope.http_version,
        "method": scope.method,
        "scheme": scope.scheme,
        "path": scope.path,
        "query_string": scope.query_string.encode(),
        "root_path": "",
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in scope.headers.items()
        ],
        "client": _address(scope.client),
        "server": _address(scope.server),
    }


def _address(text: str) -> tuple[str, int] | None:
    host, _, port = text.rpartition(":")
    return (host.strip("[]"), int(port)) if port.isdecimal() else None


class _Exchange:
    """One request and its answer."""

    def __init__(self, protocol: "HTTPProtocol", expected: int) -> None:
        self._protocol = protocol
        self._parts = protocol.__aiter__()
        self._missing = expected  # bytes of the body that were announced and have not come
        self._whole = False
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._stream: Any = None

    async def receive(self) -> Message:
        """Return the next part of the body; after the last, wait until the client leaves."""
        if self._whole:
            await self._protocol.client_disconnect()
            return {"type": "http.disconnect"}
        try:
            part = await anext(self._parts)
        except StopAsyncIteration:
            self._whole = True
            if self._missing > 0:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": b"", "more_body": False}
        self._missing -= len(part)
        return {"type": "http.request", "body": part, "more_body": True}

    async def send(self, message: Message) -> None:
        """Send a message on. An answer that comes in one part is sent in one. Raises OSError once the client left."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]
            ]
            return
        part = message.get("body", b"")
        if self._stream is None:
            if not message.get("more_body"):
                self._protocol.response_bytes(self._status, self._headers, part)
                return
            self._stream = self._protocol.response_stream(self._status, self._headers)
        if part:
            try:
                await self._stream.send_bytes(part)
            except ProtocolClosed as error:
                raise OSError(str(error)) from error
        if not message.get("more_body"):
            self.end()

    def end(self) -> None:
        """Let go of the stream, which ends it: whoever still waits for the client to leave holds this exchange."""
        self._stream = None
