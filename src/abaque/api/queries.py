"""Questions about usage and events: series for charts, who used most, what a running period comes to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from abaque.api.answered import (
    CurrentOut,
    EventCountsOut,
    EventListOut,
    PageOut,
    TopOut,
    UsageSeriesOut,
)
from abaque.api.asked import EventCountsAsked, EventsAsked, SeriesAsked, TopAsked
from abaque.api.keys import READ
from abaque.api.refusals import Problem
from abaque.billing.estimate import Part, Running, at_this_pace, estimate
from abaque.core.fault import Fault
from abaque.core.money import Currency, Money, total
from abaque.core.period import Span, local_midnight
from abaque.storage import clock
from abaque.storage.read import events, parties, portal
from abaque.storage.read.event_counts import event_counts
from abaque.storage.read.paging import Page, decode, page_of
from abaque.storage.read.series import series
from abaque.storage.read.slices import Group, Slice, slice_of
from abaque.storage.read.top import top
from abaque.storage.read.windows import boundaries

router = Router(tags=["usage"])

_GROUPS: dict[str, Any] = {
    "parameters": [
        {
            "name": "group",
            "in": "query",
            "required": False,
            "style": "deepObject",
            "explode": True,
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            "description": "`group[model]=gpt-4`: only what the meter grouped under that value of that attribute."
            " An empty value: events that lack the attribute, or have it empty.",
        }
    ]
}
_STATES = ("provisional", "consistent", "verified")


@router.get("/usage/series", auth=READ, response=UsageSeriesOut, openapi_extra=_GROUPS)
def get_series(request: HttpRequest, asked: Query[SeriesAsked]) -> Any:
    """Return a meter's usage as series for a chart, all on the same windows, zeros included.

    One series per customer, per group or both, as `by` says; one in all without it. The figure of a series
    without `by=customer` is the sum of its customers' figures. `quantity` is that of the whole span: only what
    a meter adds up is the sum of its windows. A page holds fewer series where there are many windows.
    """
    bounds = boundaries(*_span(asked.from_, asked.to, asked.zone), asked.window, asked.zone)
    one = slice_of(asked.meter, asked.customer, _where(request), asked.by)
    page = series(one, bounds, limit=asked.limit, cursor=asked.cursor)
    items = [{**_fields(item), "group": _group(one, item.group)} for item in page.items]
    return {
        "meter": asked.meter,
        "window": asked.window,
        "zone": asked.zone,
        "windows": page.windows,
        "items": items,
        "cursor": page.cursor,
    }


@router.get("/usage/top", auth=READ, response=TopOut, openapi_extra=_GROUPS)
def get_top(request: HttpRequest, asked: Query[TopAsked]) -> Any:
    """Rank customers, or groups, by what they used of a meter, the most first, each with its share of the whole.

    `quantity` is the sum of all that are ranked, on other pages too, and `count` how many they are. What
    came to nothing is not ranked.
    """
    start, end = boundaries(*_span(asked.from_, asked.to, asked.zone), None, asked.zone)
    one = slice_of(asked.meter, asked.customer, _where(request), asked.by)
    found = top(one, start, end, limit=asked.limit, cursor=asked.cursor)
    items = [{**_fields(item), "group": _group(one, item.group)} for item in found.page.items]
    return {
        "meter": asked.meter,
        "starts_at": start,
        "ends_at": end,
        "quantity": found.quantity,
        "count": found.many,
        "items": items,
        "cursor": found.page.cursor,
    }


@router.get("/customers/{external_id}/current", auth=READ, response=CurrentOut)
def get_current(request: HttpRequest, external_id: str) -> Any:
    """Return the running period of each subscription: what was used and what it comes to so far, before tax.

    These are the charges of the next invoice: usage of the running period, and fees of the next one where they
    are paid in advance. `expected` is what they come to if use goes on as it did; null while a charge's period has
    hardly begun. `state` is that of the least sure hour: provisional, consistent or verified.
    """
    del request
    row = parties.one_customer(external_id)
    customer = None if row is None else portal.customer_of(row.id)
    if row is None or customer is None:
        raise Problem(404, "unknown_customer")
    now = clock.now()
    found = estimate(customer, now)
    subscriptions = [
        _subscription(one, customer.pk, row.zone, found.currency, now) for one in found.subscriptions
    ]
    return {
        "customer": row.external_id,
        "customer_id": row.id,
        "zone": row.zone,
        "as_of": now,
        "net": found.net,
        "expected": _together([one["expected"] for one in subscriptions], found.currency),
        "state": _least(one["state"] for one in subscriptions),
        "subscriptions": subscriptions,
    }


@router.get("/events/counts", auth=READ, response=EventCountsOut, tags=["events"])
def get_event_counts(request: HttpRequest, asked: Query[EventCountsAsked]) -> Any:
    """Count accepted events by the time they happened, all counts on the same windows, zeros included.

    One row per type, source or customer, as `by` says; one in all without it. Every accepted event counts, also
    one that no meter counts or that was voided. `customer` is null where no customer has the subject.
    """
    del request
    bounds = boundaries(*_span(asked.from_, asked.to, asked.zone), asked.window, asked.zone, slots=False)
    only = {"type": asked.type, "source": asked.source, "customer": _customer(asked.customer, "external_id")}
    given = {name: value for name, value in only.items() if value is not None}
    page = event_counts(bounds, asked.by, given, limit=asked.limit, cursor=asked.cursor)
    return {**_fields(page), "window": asked.window, "zone": asked.zone}


@router.get("/events", auth=READ, response=PageOut[EventListOut], tags=["events"])
def get_events(request: HttpRequest, asked: Query[EventsAsked]) -> Any:
    """List events, the last received first, each with what became of it. All that is given must hold.

    `from` and `to` bound the time of the event. `fate=conflict` lists what was sent under a taken identity: of
    those, `type` and `customer` alone can be chosen. Archived events are not listed: a span that begins among them
    is refused with `events_archived`.
    """
    del request
    if asked.fate == "conflict" and (asked.meter or asked.reason or asked.from_ or asked.to):
        raise Problem(422, "not_of_conflicts", "Conflicts are listed by type and customer only.")
    only = events.EventFilter(
        fate=asked.fate or "",
        type=asked.type or "",
        customer=_customer(asked.customer, "id") or "",
        meter=asked.meter or "",
        reason=asked.reason or "",
        start=_instant(asked.from_, asked.zone),
        end=_instant(asked.to, asked.zone),
    )
    until = events.archived_until()
    if until and ((only.start and only.start < until) or (only.end and only.end <= until)):
        raise Fault("events_archived", until=f"{until:%Y-%m-%d}")
    place = decode(asked.cursor, 1)[0] if asked.cursor else "0"
    offset = int(place) if place.isascii() and place.isdecimal() and len(place) < 10 else 0  # noqa: PLR2004  # fits a bigint
    found = events.events(only, offset=offset, limit=asked.limit + 1)
    page: Page[dict[str, Any]] = page_of(found, asked.limit, _event, lambda _: (str(offset + asked.limit),))
    return page


def _event(line: events.EventLine) -> dict[str, Any]:
    empty = {"customer": line.customer or None, "customer_id": line.customer_id or None}
    return {**_fields(line), **empty, "reason": line.reason or None}


def _subscription(one: Running, customer: int, zone: str, of: Currency, now: datetime) -> dict[str, Any]:
    charges = [_charge(part, customer, zone, now) for part in one.parts]
    nets = [charge["expected"] and charge["expected"]["net"] for charge in charges]
    return {
        **_fields(one),
        "starts_at": one.period.start,
        "ends_at": one.period.end,
        "net": total((part.net for part in one.parts), of),
        "expected": _together(nets, of),
        "state": _least(charge["state"] for charge in charges),
        "charges": charges,
    }


def _charge(part: Part, customer: int, zone: str, now: datetime) -> dict[str, Any]:
    span, pace = part.due.span, at_this_pace(part, zone, now)
    return {
        "charge": part.charge.code,
        "names": part.charge.names,
        "meter": part.charge.meter,
        "starts_at": span.start,
        "ends_at": span.end,
        "due_at": part.due.due_at,
        "quantity": part.quantity,
        "included": part.allowance,
        "not_billable": part.not_billable,
        "net": part.net,
        "expected": None if pace is None else {"quantity": pace[0], "net": pace[1]},
        "state": None if part.charge.meter is None else _state(part.charge.meter, customer, span),
    }


def _state(meter: str, customer: int, span: Span) -> str:
    """Return how sure the usage of a span is."""
    known = portal.meters([meter], customer, (span.start, span.end))
    counted = [each for each in known if each.code == meter]
    return portal.certainty(counted, customer, span.start, span.end)


def _least(states: Iterable[str | None]) -> str | None:
    known = [_STATES.index(state) for state in states if state is not None]
    return _STATES[min(known)] if known else None


def _together(nets: Sequence[Money | None], of: Currency) -> Money | None:
    """Return the sum, None where a part of it is not known."""
    known = [net for net in nets if net is not None]
    return total(known, of) if len(known) == len(nets) else None


def _where(request: HttpRequest) -> dict[str, str]:
    return {
        name[len("group[") : -1]: str(value)
        for name, value in request.GET.items()
        if name.startswith("group[") and name.endswith("]")
    }


def _group(asked: Slice, values: Group) -> Mapping[str, str | None]:
    return dict(zip((asked.attributes[place] for place in asked.by), values, strict=True))


def _customer(name: str | None, field: str) -> str | None:
    """Return an id of the customer that is named by any. Problem 422 if there is none."""
    if name is None:
        return None
    row = parties.one_customer(name)
    if row is None:
        raise Problem(422, "unknown_customer")
    found: str = getattr(row, field)
    return found


def _span(start: datetime | date, end: datetime | date, zone: str) -> tuple[datetime, datetime]:
    first, last = _instant(start, zone), _instant(end, zone)
    assert first is not None
    assert last is not None
    return first, last


def _instant(moment: datetime | date | None, zone: str) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return local_midnight(moment, zone)


def _fields(row: object) -> dict[str, Any]:
    return {name: getattr(row, name) for name in type(row).__dataclass_fields__}  # type: ignore[attr-defined]  # a row
