"""One JSON log line per request: method, path, status, milliseconds. No query, payload or secret."""

import logging
import time

from abaque.app.bridge import Application, Message, Receive, Scope, Send

log = logging.getLogger("abaque.request")
_SECRET_PATHS = ("/portal/enter/", "/welcome/")


def logged(application: Application) -> Application:
    """Wrap an ASGI application so that it logs each request when it ends."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await application(scope, receive, noted)
        except Exception:
            log.exception("%s %s failed", scope["method"], _shown(scope["path"]))
            if not status:
                await _sorry(noted)
        finally:
            spent = (time.perf_counter() - started) * 1000
            log.info("%s %s %s %.1f ms", scope["method"], _shown(scope["path"]), status, spent)

    return run


async def _sorry(send: Send) -> None:
    """Answer that it is our fault: nothing was acknowledged."""
    body = b'{"type": "about:blank", "title": "internal error", "status": 500, "code": "internal_error"}'
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _shown(path: str) -> str:
    """Return a path without the secret a signed link carries."""
    return next((prefix + "…" for prefix in _SECRET_PATHS if path.startswith(prefix)), path)
