"""The worker process: the job queue in the main thread, metering and the clock beside it."""

import threading
from collections.abc import Sequence
from typing import Any

from procrastinate.contrib.django import app as queue

from abaque.ports.platform import Platform
from abaque.worker.clock import due_forever, meter_forever
from abaque.worker.tasks import Jobs

CONCURRENCY = 2


def run(platforms: Sequence[Platform]) -> None:
    """Run until told to end. Any number of workers may run on one database."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=meter_forever, args=(stop,), name="meter"),
        threading.Thread(target=due_forever, args=(stop,), name="clock"),
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()
    try:
        jobs_app(platforms).run_worker(concurrency=CONCURRENCY, listen_notify=True, delete_jobs="successful")
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)


def jobs_app(platforms: Sequence[Platform]) -> Any:
    """Return the queue with its tasks, on a connector of the worker's own."""
    Jobs(platforms).register(queue)
    return queue.with_connector(queue.connector.get_worker_connector())  # type: ignore[attr-defined]  # Django's
