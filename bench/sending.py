"""Senders: processes of their own that say "ready", wait for a line, send, and report as JSON.

`python -m bench.sending batches PORT KEY SOURCE COUNT CUSTOMERS IDS` or
`… singles PORT KEY SOURCE RATE SECONDS CUSTOMERS`
"""

import asyncio
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta

import uvloop
from bench.events import MONTH, SPARE, bodies, made
from bench.stage import ROOT
from bench.table import percentile

BATCH = 1000
CONNECTIONS_OF_A_SENDER = 2
SINGLES = 64
STEP = timedelta(milliseconds=10)  # the product's own pace: a hundred events a second


Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Report:
    """What a sender saw: `taken` events acknowledged as accepted, in `seconds`; how long singles waited, in ms."""

    taken: int
    seconds: float
    p50: float = 0.0
    p99: float = 0.0


class Sender:
    """A sender process that is ready to begin."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-m", "bench.sending", *map(str, arguments)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._process.stdout is None or self._process.stdout.readline() != "ready\n":
            raise RuntimeError("a sender did not start: what it said stands above")

    def begin(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()

    def report(self) -> Report:
        said, _ = self._process.communicate()
        return Report(**json.loads(said))


def _batches(port: int, key: str, source: str, *, count: int, customers: int, ids: str) -> Report:
    events = made(source, count, customers, MONTH[0] + SPARE, STEP, ids=ids)
    waiting = iter(list(bodies(events, BATCH)))
    _wait_for_go()
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS_OF_A_SENDER) as threads:
        taken = sum(threads.map(lambda _: _post_all(port, key, waiting), range(CONNECTIONS_OF_A_SENDER)))
    return Report(taken, time.perf_counter() - start)


def _post_all(port: int, key: str, waiting: Iterator[bytes]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/cloudevents-batch+json"}
    taken = 0
    for body in waiting:
        connection.request("POST", "/v1/events", body, headers)
        response = connection.getresponse()
        said = json.loads(response.read())
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"the door answered {response.status}: {said}")
        taken += said["accepted"]
    return taken


async def _singles(
    port: int, key: str, source: str, *, rate: float, seconds: float, customers: int
) -> Report:
    """Send single events over 64 connections: as fast as they are answered (rate 0), or at a steady pace.

    At a pace a wait counts from the moment the event was due, so that a slow answer is not hidden by the
    sender's own waiting.
    """
    most = int((rate or 12_000) * seconds / SINGLES) + 1
    requests = [
        [
            _request(port, key, body)
            for body in bodies(made(f"{source}-{n}", most, customers, MONTH[0] + SPARE, STEP), 1)
        ]
        for n in range(SINGLES)
    ]
    pipes = [await asyncio.open_connection("127.0.0.1", port) for _ in range(SINGLES)]
    _wait_for_go()
    start = time.perf_counter()
    pace = SINGLES / rate if rate else 0.0
    waits = await asyncio.gather(
        *(
            _one_by_one(pipe, mine, start + seconds, start + pace * n / SINGLES, pace)
            for n, (pipe, mine) in enumerate(zip(pipes, requests, strict=True))
        )
    )
    everything = sorted(wait for mine in waits for wait in mine)
    seconds = time.perf_counter() - start
    return Report(len(everything), seconds, percentile(everything, 50), percentile(everything, 99))


async def _one_by_one(
    pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    requests: list[bytes],
    end: float,
    first: float,
    pace: float,
) -> list[float]:
    reader, writer = pipe
    waits = []
    for number, request in enumerate(requests):
        due = first + number * pace if pace else time.perf_counter()
        if due >= end:
            break
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        said = await reader.readexactly(length)
        if b" 200 " not in head[:16] or b'"accepted": 1' not in said:
            raise RuntimeError(f"the door answered {head[:40]!r} {said!r}")
        waits.append((time.perf_counter() - due) * 1000)
    writer.close()
    return waits


def _request(port: int, key: str, body: bytes) -> bytes:
    one = body[1:-1]
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/cloudevents+json\r\nContent-Length: {len(one)}\r\n\r\n"
    )
    return head.encode() + one


def _wait_for_go() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def main() -> None:
    kind, port, key, source, *rest = sys.argv[1:]
    if kind == "batches":
        report = _batches(int(port), key, source, count=int(rest[0]), customers=int(rest[1]), ids=rest[2])
    else:
        rate, seconds, customers = float(rest[0]), float(rest[1]), int(rest[2])
        report = uvloop.run(_singles(int(port), key, source, rate=rate, seconds=seconds, customers=customers))
    sys.stdout.write(json.dumps(asdict(report)))


if __name__ == "__main__":
    main()
