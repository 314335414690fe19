"""Usage, and the totals the product itself states."""

# ruff: noqa: ARG001  # ninja hands every operation its request, by that name

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status

from abaque.api.answered import ControlTotalOut, ControlTotalsOut, PageOut, UsageOut
from abaque.api.asked import ControlTotalsAsked, ControlTotalsIn, UsageAsked
from abaque.api.doing import do
from abaque.api.keys import READ, Key
from abaque.billing.state_control_total import StateControlTotals, Total, state_control_total
from abaque.core.period import local_midnight
from abaque.storage.read import control
from abaque.storage.read.usage import UsageFilter, usage

router = Router(tags=["usage"])


@router.get("/usage", auth=READ, response=PageOut[UsageOut])
def get_usage(request: HttpRequest, asked: Query[UsageAsked]) -> Any:
    """Return usage in `[from, to)` by customer and meter, and by window and group if asked.

    `from` and `to` are instants on a quarter hour, or days, which begin at midnight in `zone`. Windows of a
    day or a month are local to `zone`; those of an hour are hours UTC. There are rows only where something
    was counted or failed.
    """
    only = UsageFilter(asked.meter, asked.customer, asked.window, asked.zone, asked.groups)
    start, end = (_instant(moment, asked.zone) for moment in (asked.from_, asked.to))
    return usage(start, end, only, limit=asked.limit, cursor=asked.cursor)


@router.post("/control-totals", auth=Key("state_control_total"), response={201: ControlTotalsOut})
def post_control_totals(request: HttpRequest, body: ControlTotalsIn) -> Any:
    """State what the product counted. A later total for the same meter, customer and span replaces the earlier."""
    totals = tuple(
        Total(one.meter, one.customer, one.starts_at, one.ends_at, one.quantity, one.tolerance)
        for one in body.totals
    )
    done = do(request, state_control_total, StateControlTotals(totals))
    return Status(201, {"totals": control.control_totals(done["ids"])})


@router.get("/control-totals", auth=READ, response=PageOut[ControlTotalOut])
def get_control_totals(request: HttpRequest, asked: Query[ControlTotalsAsked]) -> Any:
    """List control totals, newest statement first; the replaced ones too if asked."""
    return control.list_control_totals(
        meter=asked.meter,
        customer=asked.customer,
        replaced=asked.replaced,
        limit=asked.limit,
        cursor=asked.cursor,
    )


def _instant(moment: datetime | date, zone: str) -> datetime:
    return moment if isinstance(moment, datetime) else local_midnight(moment, zone)
