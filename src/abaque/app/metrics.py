"""`/metrics` in Prometheus' text format: what came, what waits, what is late. No customer is named."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from abaque.storage import clock
from abaque.storage.read.load import Load, load

Sample = tuple[str, float]  # labels as they are written, and the value


def metrics(_request: HttpRequest) -> HttpResponse:
    """Return the counters and gauges as they are now."""
    lines = [
        line
        for name, kind, means, samples in _families(load(clock.now()))
        for line in (
            f"# HELP {name} {means}",
            f"# TYPE {name} {kind}",
            *(f"{name}{labels} {value:.15g}" for labels, value in samples),
        )
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _families(now: Load) -> Iterator[tuple[str, str, str, list[Sample]]]:
    verdicts = [(f'{{verdict="{name}"}}', float(count)) for name, count in now.verdicts.items()]
    yield "abaque_events_total", "counter", "Events that came through the door, by verdict.", verdicts
    for name, means, value in (
        ("events_last_minute", "Events accepted in the last minute.", now.accepted_last_minute),
        ("metered_last_minute", "Events metered in the last minute.", now.metered_last_minute),
        ("backlog_events", "Accepted events that wait for the meter.", now.backlog),
        ("lag_seconds", "Age of the oldest event that waits for the meter.", now.lag.total_seconds()),
        ("unsealed_seconds", "Age of the oldest hour with usage not sealed.", now.unsealed.total_seconds()),
        ("holds_open", "Holds that stand.", now.holds),
        ("findings_open", "Findings that stand.", now.findings),
        ("oldest_job_seconds", "How long the oldest job that is due waits.", now.oldest_job.total_seconds()),
    ):
        yield f"abaque_{name}", "gauge", means, [("", float(value))]
    database = Path(settings.DATA_FOLDER, "pg")
    if settings.DATA_FOLDER and database.exists():
        means = "Bytes free where the embedded database lies."
        yield "abaque_disk_free_bytes", "gauge", means, [("", float(shutil.disk_usage(database).free))]
