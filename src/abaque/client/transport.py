"""One POST over a kept-open connection, and how long to wait before the next try."""

import http.client
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from secrets import SystemRandom
from typing import Any
from urllib.parse import urlsplit

CONTENT_TYPE = "application/cloudevents-batch+json"
PASSING = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""Statuses that another try may cure; sending an event twice is harmless, so all of them are tried again."""

_RANDOM = SystemRandom()
_DETAIL_MAX = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, the body as text, and the seconds the other side asks to be left alone."""

    status: int
    text: str
    retry_after: float | None = None

    def json(self) -> Any:
        """Decode the body; ValueError when it is not JSON."""
        return json.loads(self.text)

    def said(self) -> str:
        """Repeat what the other side said, shortened."""
        return f"{self.status}: {self.text[:_DETAIL_MAX].strip()}"


class Line:
    """A connection to one door. OSError and http.client.HTTPException tell of the network."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is not an http or https address")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)
        self._path = f"{parts.path.rstrip('/')}/v1/events"
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": CONTENT_TYPE}

    def post(self, body: bytes) -> Answer:
        try:
            self._connection.request("POST", self._path, body, self._headers)
            response = self._connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            # whatever is left of this connection cannot be trusted with the next request
            self._connection.close()
            raise
        return Answer(response.status, text, _retry_after(response.headers.get("Retry-After")))

    def close(self) -> None:
        self._connection.close()


def pause(attempt: int, retry_after: float | None, *, base: float, longest: float) -> float:
    """Seconds to wait after failed try number `attempt` (from 0): doubling, with full jitter.

    Never less than the other side asked for, and a little more, so that not everybody returns at once.
    """
    jitter = _RANDOM.uniform(0, min(longest, base * 2.0**attempt))
    return jitter if retry_after is None else retry_after + min(jitter, base)


def _retry_after(value: str | None) -> float | None:
    """Read Retry-After: seconds, or a date (RFC 9110, 10.2.3); None when absent or unreadable."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
