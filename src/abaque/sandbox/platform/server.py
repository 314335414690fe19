"""HTTP around the desk: reading, the bearer key, writing."""

import hmac
import json
import time
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from abaque.sandbox.platform.desk import Desk, Hangup
from abaque.sandbox.platform.reply import Refusal, Reply, Request

_BODY_MAX = 10 * 1024 * 1024
_IDLE = 60.0


class Server(ThreadingHTTPServer):
    """The platform on `address`; every request but GET /healthz needs `Authorization: Bearer <key>`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], desk: Desk, key: str) -> None:
        self.desk = desk
        self.key = key
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: a caller that hangs up in the middle is no news here."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = _IDLE
    # without this an answer in two writes waits for the caller's delayed acknowledgement
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, *_: object) -> None:
        """Stay quiet: the story prints its own progress."""

    def _handle(self) -> None:
        try:
            reply = self._reply()
        except Refusal as refusal:
            reply = refusal.reply()
        except Hangup:
            self.close_connection = True
            return
        text = json.dumps(reply.body, ensure_ascii=False).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def _reply(self) -> Reply:
        body = self._read()
        parts = urlsplit(self.path)
        if parts.path == "/healthz":
            return Reply(HTTPStatus.OK, {"status": "ok"})
        sent = self.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(sent, f"Bearer {self.server.key}".encode()):
            raise Refusal(HTTPStatus.UNAUTHORIZED, "unauthorized", "Send Authorization: Bearer <key>.")
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query)),
            body=_decode(body) if self.command == "POST" else None,
            idempotency_key=self.headers.get("Idempotency-Key"),
        )
        return self.server.desk.serve(request, now=time.time(), tick=time.monotonic())

    def _read(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _BODY_MAX or "Transfer-Encoding" in self.headers:
            # what follows on this connection can no longer be told from the body
            self.close_connection = True
            raise Refusal(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "body_too_large",
                f"Send a Content-Length up to {_BODY_MAX}.",
            )
        return self.rfile.read(int(length))


def _decode(body: bytes) -> object:
    if not body:
        return None
    try:
        # numbers with a point stay exact on their way into the books
        return json.loads(body, parse_float=lambda text: f"{Decimal(text):f}")
    except (ValueError, RecursionError) as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "bad_json", f"The body is not JSON: {error}.") from None
