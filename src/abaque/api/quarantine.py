"""What is quarantined, by its cause: judged again, set aside for good, taken back."""

# ruff: noqa: ARG001  # ninja hands every operation its request, by that name

from typing import Any

from django.http import HttpRequest
from ninja import Router

from abaque.api.answered import QuarantineOut, SettledOut
from abaque.api.asked import DismissIn, EventNamed, TakeBackIn, WhichIn
from abaque.api.doing import do
from abaque.api.keys import READ, Key
from abaque.billing.dismiss import DismissEvents, TakeBack, dismiss_events, take_back
from abaque.billing.replay import ReplayEvents, replay_events
from abaque.billing.runner import Result
from abaque.storage.read import quarantine as read

router = Router(tags=["quarantine"])


@router.get("/quarantine", auth=READ, response=QuarantineOut)
def get_quarantine(request: HttpRequest) -> Any:
    """Return what keeps events aside, what keeps most first."""
    found = read.quarantine()
    causes = [
        {
            "reason": one.cause.reason,
            "meter": one.cause.meter or None,
            "type": one.cause.type or None,
            "subject": one.cause.subject or None,
            "events": one.events,
            "first_time": one.first,
            "last_time": one.last,
            "example": {"source": one.source, "id": one.id},
        }
        for one in found.causes
    ]
    return {"events": read.open_count(), "bounded": found.bounded, "causes": causes}


@router.post("/quarantine/replay", auth=Key("replay_events"), response=SettledOut)
def post_replay(request: HttpRequest, body: WhichIn) -> Any:
    """Judge quarantined events again, now. What is still not mended stays; nothing is counted twice."""
    return _settled(do(request, replay_events, ReplayEvents(_which(body))))


@router.post("/quarantine/dismiss", auth=Key("dismiss_events"), response=SettledOut)
def post_dismiss(request: HttpRequest, body: DismissIn) -> Any:
    """Set quarantined events aside for good, with the reason. They stay found, and no mended cause counts them."""
    return _settled(do(request, dismiss_events, DismissEvents(_which(body), body.reason)))


@router.post("/quarantine/take-back", auth=Key("take_back"), response=SettledOut)
def post_take_back(request: HttpRequest, body: TakeBackIn) -> Any:
    """Quarantine again what was dismissed, and judge it again now."""
    return _settled(do(request, take_back, TakeBack(_identities(body.events), body.reason)))


def _which(body: WhichIn) -> read.Which:
    cause = body.cause
    return read.Which(
        events=_identities(body.events),
        cause=read.Cause(cause.reason, cause.meter or "", cause.type or "", cause.subject or "")
        if cause
        else None,
    )


def _identities(events: list[EventNamed]) -> tuple[tuple[str, str], ...]:
    return tuple((one.source, one.id) for one in events)


def _settled(done: Result) -> dict[str, Any]:
    return {"events": done["count"], "more": done["more"]}
