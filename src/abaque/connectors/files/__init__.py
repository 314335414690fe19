"""Files become events: a web server's access log, CloudEvents as JSON, a table with a header row.

Each reader takes lines of bytes and yields, in the file's order, one `Read` per record: an event ready for
the door (a dict in the form of CloudEvents 1.0), a `Broken` record that could not be read, or a `Skipped`
one. Nothing is dropped without one of the three, and a broken record never stops the rest.
"""

from abaque.connectors.files.access_log import combined
from abaque.connectors.files.delimited import csv
from abaque.connectors.files.json_events import cloudevents
from abaque.connectors.files.reading import LINE_MAX, Broken, Event, Read, Skipped, Unreadable, encode, lines
from abaque.connectors.files.words import sentence

__all__ = [
    "LINE_MAX",
    "Broken",
    "Event",
    "Read",
    "Skipped",
    "Unreadable",
    "cloudevents",
    "combined",
    "csv",
    "encode",
    "lines",
    "sentence",
]
