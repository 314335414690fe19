"""One ASGI application: the door and the live stream beside Django."""

import gc
import os
from typing import cast

from abaque.storage.server import die_with_parent

# Before all that takes seconds to import: an orphan is to be gone before the next start.
die_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abaque.app.settings")

from django.core.asgi import get_asgi_application  # noqa: E402  # the parent may die meanwhile

django_application = get_asgi_application()

from django.conf import settings  # noqa: E402  # Django must be set up first
from psycopg.conninfo import make_conninfo  # noqa: E402  # as above

from abaque.api.door import Door, Receive, Scope, Send  # noqa: E402  # as above
from abaque.app.requests import Application, logged  # noqa: E402  # as above
from abaque.app.start import connect_archive  # noqa: E402  # as above
from abaque.web.stream import Stream  # noqa: E402  # as above

# Django's types are narrower than ASGI's own.
django = cast("Application", django_application)
connect_archive()
stream = Stream(os.environ["ABAQUE_DATABASE_URL"])
# A statement that waits for a lock, or that a sick disk keeps, must not keep its sender: it is told to come back.
_PATIENCE = "-c lock_timeout=10s -c statement_timeout=60s"
door = Door(make_conninfo(os.environ["ABAQUE_DATABASE_URL"], options=_PATIENCE), settings.HASHING_KEY)


@logged
async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Send each request where it belongs."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["path"] == "/v1/events" and scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
        await door(scope, receive, send)
    elif scope["path"] == "/portal/stream":
        await stream(scope, receive, send)
    else:
        await django(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            # What is imported stays: the collector need not walk over it again and again, which holds every sender up.
            gc.collect()
            gc.freeze()
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
