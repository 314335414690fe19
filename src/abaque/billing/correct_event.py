"""Correct events by hand: voids and amendments that go through the door's own statement, as the product's do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import connection

from abaque.billing.capturing import Form, Sent, capture, read_body
from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.core.metering import CorrectionKind, check_path
from abaque.storage.read.quarantine import (
    AT_ONCE,
    Picked,
    Which,
    amended_data,
    archived_of,
    correctable,
    picked,
)


@dataclass(frozen=True, slots=True)
class CorrectEvents:
    """`which`: events by source and id, or what a cause keeps in quarantine.

    An amendment says what differs: `replacement` may have `type`, `subject`, `time` (RFC 3339) and
    `subscription`; `attributes` are JSON texts by their paths in `data`, or `data` is the JSON text of all of it.
    All else stays as it was.
    """

    kind: str
    which: Which
    reason: str
    replacement: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    data: str = ""


def correct_events(command: CorrectEvents, *, now: datetime, by: Actor) -> Result:
    """Send one correction per event, up to 5,000; `more` says that there are others.

    Refused `reason_needed`, `nothing_to_amend`, `data_not_an_object`, `unknown_event`, `correction_refused` (with
    the door's reason), `bad_attribute`, `unknown_value`.
    """
    if command.kind not in set(CorrectionKind):
        raise Refused("unknown_value", field="kind", value=command.kind)
    if not command.reason.strip():
        raise Refused("reason_needed")
    amends = command.kind == CorrectionKind.AMEND
    if amends and not (command.replacement or command.attributes or command.data):
        raise Refused("nothing_to_amend")
    if command.data and not _is_object(command.data):
        raise Refused("data_not_an_object")
    for path in command.attributes:
        check_path(path)
    found = _targets(command.which)
    targets = found[:AT_ONCE]
    changed = amended_data(targets, command.attributes) if command.attributes else {}
    changed |= {one.seq: command.data for one in targets if command.data}
    sent = [_correction(one, command, changed.get(one.seq), now=now, by=by) for one in targets]
    _send(sent, now)
    return {
        "subject": "quarantine" if command.which.cause else " ".join(command.which.events[0]),
        "events": [one.seq for one in targets],
        "count": len(targets),
        "more": len(found) > AT_ONCE,
        "corrections": [identity for identity, _ in sent],
    }


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _targets(which: Which) -> Sequence[Picked]:
    if which.cause is not None:
        return picked(which)
    found = correctable(which.events)
    missing = [one for one in which.events if one not in found]
    if away := archived_of(missing):
        raise Refused("event_archived", event=" ".join(away[0]))
    if missing or not which.events:
        raise Refused("unknown_event", event=" ".join(missing[0]) if missing else "")
    return list(found.values())


def _correction(
    target: Picked, command: CorrectEvents, data: str | None, *, now: datetime, by: Actor
) -> tuple[str, str]:
    """Return a correction's id and its text. Data is passed on as the database wrote it: no digit is lost."""
    identity = f"{command.kind}-{uuid4().hex}"
    said = {
        "specversion": "1.0",
        "source": f"/abaque/{by}",
        "id": identity,
        "type": f"abaque.{command.kind}",
        "time": now.isoformat(),
    }
    body = {"source": target.source, "id": target.id, "reason": command.reason.strip()}
    corrected = json.dumps(body)
    if command.kind == CorrectionKind.AMEND:
        replacement = _joined(json.dumps(dict(command.replacement)), "data", data)
        corrected = _joined(corrected, "replacement", replacement)
    return identity, _joined(json.dumps(said), "data", corrected)


def _joined(whole: str, name: str, part: str | None) -> str:
    """Return a JSON object's text with one more member, given as text."""
    if part is None:
        return whole
    comma = "" if whole == "{}" else ", "
    return f'{whole[:-1]}{comma}"{name}": {part}}}'


def _send(corrections: Sequence[tuple[str, str]], now: datetime) -> None:
    if not corrections:
        return
    connection.ensure_connection()
    body = read_body(f"[{','.join(text for _, text in corrections)}]".encode(), Form.BATCH)
    intake = capture(connection.connection, body, Sent(now, None, settings.HASHING_KEY))
    if intake.accepted != len(corrections):
        wrong = next((one for one in intake.verdicts if one.verdict != "accepted"), None)
        raise Refused("correction_refused", why=wrong.reason or wrong.verdict if wrong else "")
