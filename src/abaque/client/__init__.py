"""What a product imports to send events to Abaque. Standard library only.

    with Client("https://abaque.example", key, "/docs/eu-1", spool=Path("events.jsonl")) as abaque:
        data = {"document_id": "d-1", "outcome": "success"}
        abaque.send("document.processed", "cabinet-morel", data, id="d-1/1", time=done_at)

Nothing is dropped in silence: an event is acknowledged by the door, or in `client.pending`, or was refused
by the door and is in `client.refused`.
"""

from abaque.client.sending import Client, RefusedError, UnsentError
from abaque.client.verdicts import Entry, Verdicts

__all__ = ["Client", "Entry", "RefusedError", "UnsentError", "Verdicts"]
