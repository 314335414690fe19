"""The web application: the door, and beside it Django and the live stream."""

import asyncio
import gc
import os
from typing import TYPE_CHECKING, cast

from abaque.storage.server import die_with_parent

# Before all that takes seconds to import: an orphan is to be gone before the next start.
die_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abaque.app.settings")

from django.core.asgi import get_asgi_application  # noqa: E402  # the parent may die meanwhile

django_application = get_asgi_application()

from django.conf import settings  # noqa: E402  # Django must be set up first
from psycopg.conninfo import make_conninfo  # noqa: E402  # as above

from abaque.api.door import Door  # noqa: E402  # as above
from abaque.app.bridge import Application, answer  # noqa: E402  # as above
from abaque.app.requests import logged  # noqa: E402  # as above
from abaque.app.start import connect_archive  # noqa: E402  # as above
from abaque.web.stream import Stream  # noqa: E402  # as above

if TYPE_CHECKING:
    from granian.rsgi import HTTPProtocol, Scope

# A statement that waits for a lock, or that a sick disk keeps, must not keep its sender: it is told to come back.
_PATIENCE = "-c lock_timeout=10s -c statement_timeout=60s"
# What a request leaves is mostly gone by itself; to look for circles at each 700th object costs the door its pace.
_OBJECTS_BEFORE_COLLECTING = 20_000


class Web:
    """Sends each request where it belongs."""

    def __init__(self) -> None:
        url = os.environ["ABAQUE_DATABASE_URL"]
        self._door = Door(make_conninfo(url, options=_PATIENCE), settings.HASHING_KEY)
        # Django's types are narrower than ASGI's own.
        self._django = logged(cast("Application", django_application))
        self._stream = logged(Stream(url))

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # What is imported stays: the collector need not walk over it again and again, which holds every sender up.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)

    async def __rsgi__(self, scope: "Scope", protocol: "HTTPProtocol") -> None:
        if scope.path == "/v1/events" and scope.method not in {"GET", "HEAD", "OPTIONS"}:
            await self._door(scope, protocol)
        elif scope.path == "/portal/stream":
            await answer(self._stream, scope, protocol)
        else:
            await answer(self._django, scope, protocol)


connect_archive()
application = Web()
