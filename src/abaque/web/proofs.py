"""A line's events as CSV, and its proof, as downloads."""

import json
from typing import Any

from django.http import Http404, HttpResponse

from abaque.core.fault import Fault
from abaque.ports.event_archive import ArchiveError
from abaque.storage.read import proof as reading
from abaque.storage.read.explain import LineExplained


def line_csv(invoice: str, line: int) -> HttpResponse:
    """Return the events of a line; 404 where there is none, or not all its hours are sealed."""
    try:
        text = reading.events_csv(invoice, line)
    except ArchiveError:
        raise
    except Fault as fault:
        raise Http404 from fault
    return _download(text, "text/csv; charset=utf-8", f"{invoice}-{line}.csv")


def line_proof(invoice: str, line: int) -> HttpResponse:
    """Return the proof of a line; 404 as above."""
    try:
        found: Any = reading.proof(invoice, line)
    except ArchiveError:
        raise
    except Fault as fault:
        raise Http404 from fault
    return _download(json.dumps(found), "application/json", f"{invoice}-{line}.proof.json")


def provable(line: LineExplained) -> bool:
    """Whether a line's events can be handed over: it has some, and their hours are sealed."""
    return bool(line.events_count) and all(hour.state != "open" for hour in line.hours)


def _download(text: str, media_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name.replace("/", "-")}"'},
    )
