"""Meters and plans: what is counted, what it costs, in words."""

# ruff: noqa: ARG001  # ninja hands every operation its request, by that name

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status

from abaque.api.answered import MeterOut, PageOut, PlanOut
from abaque.api.asked import MeterIn, Paged, PlansAsked
from abaque.api.doing import do
from abaque.api.keys import READ, Key
from abaque.billing.make_meter import MakeMeter, make_meter
from abaque.catalogue import load_meter, load_plan
from abaque.documents.words import languages, price_sentence
from abaque.storage.read import catalogue
from abaque.storage.read.catalogue import MeterRow, PlanRow
from abaque.storage.read.paging import Page

router = Router(tags=["offers"])


@router.post("/meters", auth=Key("make_meter"), response={201: MeterOut})
def post_meter(request: HttpRequest, body: MeterIn) -> Any:
    """Make a meter from an event type. What was recorded of it before is counted too, within seconds."""
    command = MakeMeter(body.code, body.event_type, body.aggregate, body.value, body.name)
    found = catalogue.one_meter(do(request, make_meter, command)["code"])
    assert found is not None
    return Status(201, meter_out(found))


@router.get("/meters", auth=READ, response=PageOut[MeterOut])
def get_meters(request: HttpRequest, asked: Query[Paged]) -> Any:
    """List meters by code."""
    page = catalogue.list_meters(limit=asked.limit, cursor=asked.cursor)
    return Page(tuple(meter_out(row) for row in page.items), page.cursor)


@router.get("/plans", auth=READ, response=PageOut[PlanOut])
def get_plans(request: HttpRequest, asked: Query[PlansAsked]) -> Any:
    """List published plan versions by code, the newest first, each price in words."""
    page = catalogue.list_plans(code=asked.code, limit=asked.limit, cursor=asked.cursor)
    units = {row.code: load_meter(row.definition).units for row in _every_meter()} if page.items else {}
    return Page(tuple(_plan(row, units) for row in page.items), page.cursor)


def _every_meter() -> tuple[MeterRow, ...]:
    rows: tuple[MeterRow, ...] = ()
    cursor: str | None = None
    while True:
        page = catalogue.list_meters(cursor=cursor)
        rows += page.items
        cursor = page.cursor
        if cursor is None:
            return rows


def meter_out(row: MeterRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "event_types": row.event_types,
        "aggregate": row.aggregate,
        "lateness_seconds": int(row.lateness.total_seconds()),
        "level": row.level,
        "definition": row.definition,
        "published_at": row.published_at,
        "version": row.version,
        "standing": row.standing,
    }


def _plan(row: PlanRow, units: dict[str, Any]) -> dict[str, Any]:
    plan = load_plan(row.definition).plan
    prices = [
        {
            "charge": charge.code,
            "words": {
                lang: price_sentence(
                    charge, plan.currency, units.get(charge.meter or "", {}), lang, interval=plan.interval
                )
                for lang in languages()
            },
        }
        for charge in plan.charges
    ]
    return {
        "id": row.id,
        "code": row.code,
        "version": row.version,
        "prices": prices,
        "definition": row.definition,
        "published_at": row.published_at,
        "subscriptions": row.subscriptions,
    }
