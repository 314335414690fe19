"""Rating a price list beside everything else: no data folder, no database, nothing kept."""

from abaque.app.rating.event_file import runs_of_events
from abaque.app.rating.run import Asked, Refused, Run, choose
from abaque.app.rating.tell import as_json, as_text
from abaque.app.rating.usage_file import runs_of_usage

__all__ = [
    "Asked",
    "Refused",
    "Run",
    "as_json",
    "as_text",
    "choose",
    "runs_of_events",
    "runs_of_usage",
]
