"""The client itself: buffer, send in batches, try again, tell what became of each event."""

import http.client
import threading
import time as clocks
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from abaque.client import events, transport, verdicts
from abaque.client.spool import Key, Spool
from abaque.client.verdicts import Entry, Verdicts

BODY_MAX = 8 * 1024 * 1024  # the door takes 10 MiB


class UnsentError(Exception):
    """Events could not be sent; all of them are still in `client.pending`. `said` is the last cause.

    `status` is the door's, None when it could not be reached.
    """

    def __init__(self, pending: int, said: str, status: int | None) -> None:
        super().__init__(f"{pending} events are not sent and stay pending ({said})")
        self.said = said
        self.status = status


class RefusedError(Exception):
    """The door refused events for good (`conflict` or `rejected`); `entries` hold them with the reasons."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        first = entries[0]
        super().__init__(
            f"{len(entries)} events were refused; the first is {first.id}: {first.message or first.reason}"
        )
        self.entries = entries


class Client:
    """Sends events of one `source` to the door at `url`. Safe to share between threads.

    Events gather until `batch` of them wait, or until `flush()` or the end of the `with` block. `spool`
    names a file that keeps what is not acknowledged yet across the end of the process: the next client
    with that file sends it first. `tries` counts attempts per batch, waiting in between at most `longest`
    seconds, or what the door asks for in Retry-After.
    """

    def __init__(
        self,
        url: str,
        key: str,
        source: str,
        *,
        batch: int = 500,
        spool: Path | None = None,
        tries: int = 6,
        timeout: float = 10.0,
        base: float = 0.25,
        longest: float = 30.0,
        sleep: Callable[[float], None] = clocks.sleep,
    ) -> None:
        if batch < 1 or tries < 1:
            raise ValueError("batch and tries are at least 1")
        self._source = source
        self._batch = batch
        self._tries = tries
        self._base = base
        self._longest = longest
        self._sleep = sleep
        self._line = transport.Line(url, key, timeout)
        self._spool = Spool(spool)
        self._lock = threading.RLock()
        self._closed = False
        self._last = datetime.min.replace(tzinfo=UTC)
        self.refused: list[Entry] = []

    @property
    def pending(self) -> tuple[str, ...]:
        """The events not yet acknowledged, as JSON, oldest first."""
        with self._lock:
            return tuple(self._spool.waiting.values())

    def send(
        self,
        type: str,  # noqa: A002 the name CloudEvents gives it
        subject: str,
        data: Mapping[str, object],
        id: str | None = None,  # noqa: A002 the name CloudEvents gives it
        time: datetime | str | None = None,
    ) -> str:
        """Buffer one event about the customer `subject`, and send the buffer when it is full.

        Give an `id` that stays the same when your own code runs twice (say, the attempt's), and the `time`
        it happened: then the event counts once, in its own hour. An id without a time is dated by the door
        when it arrives; the clock here would make a repeat differ from the first. Without an id it is
        derived from content and time; without both, the time is now and each call is an event of its own.

        Returns the id. ValueError and TypeError: nothing was buffered. UnsentError: the event is buffered
        like the others; call `flush()` later.
        """
        with self._lock:
            if self._closed:
                raise ValueError("this client is closed")
            derived, text = events.make(
                source=self._source,
                kind=type,
                subject=subject,
                data=data,
                key=id,
                time=self._now() if time is None and id is None else time,
            )
            self._spool.add((self._source, derived), text)
            if len(self._spool.waiting) >= self._batch:
                self.flush()
            return derived

    def flush(self) -> Verdicts:
        """Send everything that waits and tell what became of it; UnsentError when that cannot be done.

        Events the door refused for good are added to `refused`.
        """
        with self._lock:
            told = Verdicts()
            while self._spool.waiting:
                keys, texts = self._next()
                met = self._deliver(texts)
                self.refused += met.refused
                self._spool.remove(keys)
                told += met
            return told

    def close(self) -> None:
        """Flush and let go of connection and file; RefusedError when events were refused meanwhile.

        What cannot be sent raises UnsentError, and is in the spool file if there is one.
        """
        with self._lock:
            try:
                self.flush()
            finally:
                self._closed = True
                self._line.close()
                self._spool.close()
            if self.refused:
                raise RefusedError(tuple(self.refused))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        spool: Spool | None = getattr(self, "_spool", None)
        if spool is not None and spool.waiting and not self._closed:
            warnings.warn(
                f"{len(spool.waiting)} events were never sent: close the client",
                ResourceWarning,
                stacklevel=2,
            )

    def _next(self) -> tuple[list[Key], list[str]]:
        """Take the oldest events that fit one request."""
        keys: list[Key] = []
        texts: list[str] = []
        size = 2
        for key, text in self._spool.waiting.items():
            size += len(text) + 1
            if texts and (len(texts) == self._batch or size > BODY_MAX):
                break
            keys.append(key)
            texts.append(text)
        return keys, texts

    def _deliver(self, texts: list[str]) -> Verdicts:
        """Post one batch until the door answers for it; UnsentError when it will not."""
        body = f"[{','.join(texts)}]".encode()
        said, status = "", None
        for attempt in range(self._tries):
            wait = None
            try:
                answer = self._line.post(body)
                status, said = answer.status, answer.said()
                if status == HTTPStatus.OK:
                    return verdicts.read(answer.json(), texts)
                if status not in transport.PASSING:
                    break
                wait = answer.retry_after
            except ValueError as error:
                said = f"the answer cannot be understood: {error}"
            except (OSError, http.client.HTTPException) as error:
                status, said = None, f"{type(error).__name__}: {error}"
            if attempt + 1 < self._tries:
                self._sleep(transport.pause(attempt, wait, base=self._base, longest=self._longest))
        raise UnsentError(len(self._spool.waiting), said, status)

    def _now(self) -> datetime:
        """Read the clock, a microsecond after the last reading at least: equal events must not merge."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return self._last
