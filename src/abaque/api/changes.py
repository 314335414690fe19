"""What changes usage of the past: new versions of meters, and back-fills. Each is looked at before it counts."""

# ruff: noqa: ARG001  # ninja hands every operation its request, by that name

from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from abaque.api.answered import MeterOut, PageOut
from abaque.api.asked import Paged
from abaque.api.description import EVENTS_IN
from abaque.api.doing import do
from abaque.api.door import report
from abaque.api.keys import READ, Key
from abaque.api.offers import meter_out
from abaque.api.refusals import Problem
from abaque.api.values import Identifier, InstantIn, InstantOut, MoneyField, Name, Out, QuantityOut, Strict
from abaque.billing import preview
from abaque.billing.backfills import (
    CloseBackfill,
    OpenBackfill,
    RevertBackfill,
    close_backfill,
    filling,
    open_backfill,
    revert_backfill,
)
from abaque.billing.capturing import BadBody, Form, Sent, capture, form_of, read_body
from abaque.billing.create_key import hash_of
from abaque.billing.effects import sums
from abaque.billing.versions import (
    AdoptMeter,
    DiscardMeter,
    ProposeMeters,
    adopt_meter,
    discard_meter,
    propose_meters,
)
from abaque.catalogue import CatalogueErrors
from abaque.storage import clock
from abaque.storage.read import backfills, catalogue
from abaque.storage.read.paging import Page

router = Router(tags=["changes"])

Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class ProposeIn(Strict):
    """`catalogue`: the whole catalogue file, as YAML."""

    catalogue: Annotated[str, Field(max_length=1_000_000)]


class VersionsAsked(Paged):
    meter: str | None = None


class OpenIn(Strict):
    """Events of `[starts_at, ends_at)`, of these sources and types; none named: of any."""

    name: Annotated[Name, Field(min_length=1)]
    starts_at: InstantIn
    ends_at: InstantIn
    reason: Reason
    sources: Annotated[list[Identifier], Field(max_length=100)] = []
    types: Annotated[list[Identifier], Field(max_length=100)] = []


class RevertIn(Strict):
    reason: Reason


class VersionsOut(Out):
    versions: list[MeterOut]


class EffectOut(Out):
    """`open` and `issued`: by how much net money would change, of periods not yet invoiced and of those invoiced."""

    customer_id: str
    customer: str
    meter: str
    before: QuantityOut
    after: QuantityOut
    open: MoneyField
    issued: MoneyField


class SumOut(Out):
    open: MoneyField
    issued: MoneyField


class PreviewOut(Out):
    """`aside`: of how many events, by reason, that they would be quarantined. `filling`: not all is counted yet."""

    effects: list[EffectOut]
    sums: list[SumOut]
    aside: dict[str, int]
    filling: bool


class BackfillOut(Out):
    """`state`: open, closed, reverting or reverted; `waiting`: events not metered yet."""

    id: str
    name: str
    starts_at: InstantOut
    ends_at: InstantOut
    sources: list[str]
    types: list[str]
    reason: str
    state: str
    opened_at: InstantOut
    closed_at: InstantOut | None
    reverted_at: InstantOut | None
    revert_reason: str
    events: int
    waiting: int


@router.post("/meter-versions", auth=Key("propose_meters"), response={201: VersionsOut})
def post_meter_versions(request: HttpRequest, body: ProposeIn) -> Any:
    """Propose a new version of each published meter that a catalogue file changes. It counts beside the old one."""
    try:
        done = do(request, propose_meters, ProposeMeters(body.catalogue))
    except CatalogueErrors as errors:
        raise Problem(422, "bad_catalogue", str(errors), pointer="/catalogue") from None
    return Status(201, {"versions": [_version(one["id"]) for one in done["candidates"]]})


@router.get("/meter-versions", auth=READ, response=PageOut[MeterOut])
def get_meter_versions(request: HttpRequest, asked: Query[VersionsAsked]) -> Any:
    """List the versions of meters, the newest first."""
    page = catalogue.list_meter_versions(meter=asked.meter, limit=asked.limit, cursor=asked.cursor)
    return Page(tuple(meter_out(row) for row in page.items), page.cursor)


@router.get("/meter-versions/{version}/preview", auth=READ, response=PreviewOut)
def get_meter_preview(request: HttpRequest, version: str) -> Any:
    """Tell what adopting a proposed version would change, per customer and in money."""
    return _told(preview.preview_meter(version, now=clock.now()))


@router.post("/meter-versions/{version}/adopt", auth=Key("adopt_meter"), response=MeterOut)
def post_adopt(request: HttpRequest, version: str) -> Any:
    """Let a proposed version stand in its predecessor's place."""
    do(request, adopt_meter, AdoptMeter(version))
    return _version(version)


@router.post("/meter-versions/{version}/discard", auth=Key("discard_meter"), response=MeterOut)
def post_discard(request: HttpRequest, version: str) -> Any:
    """Give a proposed version up; what it counted is removed."""
    do(request, discard_meter, DiscardMeter(version))
    return _version(version)


@router.post("/backfills", auth=Key("open_backfill"), response={201: BackfillOut})
def post_backfills(request: HttpRequest, body: OpenIn) -> Any:
    """Open a back-fill. Its events wait until it is closed; hours of its span are not sealed."""
    command = OpenBackfill(
        body.name, body.starts_at, body.ends_at, body.reason, tuple(body.sources), tuple(body.types)
    )
    return Status(201, backfills.one_backfill(do(request, open_backfill, command)["id"]))


@router.get("/backfills", auth=READ, response=PageOut[BackfillOut])
def get_backfills(request: HttpRequest, asked: Query[Paged]) -> Any:
    """List back-fills, the newest first."""
    return backfills.list_backfills(limit=asked.limit, cursor=asked.cursor)


@router.post("/backfills/{backfill}/events", auth=Key("fill_backfill"), openapi_extra=EVENTS_IN)
def post_backfill_events(request: HttpRequest, backfill: str) -> HttpResponse:
    """Send events into an open back-fill, as to `POST /v1/events`, with the same verdicts. They wait there."""
    form = form_of(request.headers.get("Content-Type", ""))
    if form is None:
        raise Problem(415, "unknown_content_type", f"Send one of: {', '.join(Form)}.")
    every = request.GET.get("verdicts") == "all"
    key = hash_of(request.headers.get("Authorization", "").partition(" ")[2].strip())
    try:
        body = read_body(request.body, form)
        with filling(backfill) as connection:
            intake = capture(connection, body, Sent(clock.now(), key, settings.HASHING_KEY, every=every))
    except BadBody as error:
        raise Problem(400, error.code, f"{error.detail}. Nothing of this body was stored.") from None
    return JsonResponse(report(intake, every=every))


@router.get("/backfills/{backfill}/preview", auth=READ, response=PreviewOut)
def get_backfill_preview(request: HttpRequest, backfill: str) -> Any:
    """Tell what closing an open back-fill would change, per customer and in money."""
    return _told(preview.preview_backfill(backfill, now=clock.now()))


@router.post("/backfills/{backfill}/close", auth=Key("close_backfill"), response=BackfillOut)
def post_close_backfill(request: HttpRequest, backfill: str) -> Any:
    """Let the events of a back-fill be metered."""
    do(request, close_backfill, CloseBackfill(backfill))
    return backfills.one_backfill(backfill)


@router.post("/backfills/{backfill}/revert", auth=Key("revert_backfill"), response=BackfillOut)
def post_revert_backfill(request: HttpRequest, backfill: str, body: RevertIn) -> Any:
    """Take a back-fill back whole: each of its events is voided, within seconds."""
    do(request, revert_backfill, RevertBackfill(backfill, body.reason))
    return backfills.one_backfill(backfill)


def _version(version: str) -> dict[str, Any]:
    found = catalogue.one_meter_version(version)
    assert found is not None
    return meter_out(found)


def _told(found: preview.Preview) -> dict[str, Any]:
    return {
        "effects": found.effects,
        "sums": [{"open": one, "issued": issued} for one, issued in sums(found.effects).values()],
        "aside": found.aside,
        "filling": found.filling,
    }
