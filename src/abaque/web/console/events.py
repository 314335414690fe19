"""Events by what became of them; one event; a meter made from what was recorded."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from abaque.catalogue import load_meter
from abaque.core.fault import Fault
from abaque.core.period import local_midnight, parse_instant
from abaque.storage.read import customers_page, front, intake, offers
from abaque.storage.read import events as read
from abaque.storage.read.why import Why, why
from abaque.web.console.access import may, staff
from abaque.web.console.correcting import explained, history
from abaque.web.console.wording import (
    PAGE,
    event_href,
    named,
    options,
    page_number,
    pages,
    with_query,
)
from abaque.web.figures import counted, moment, money, quantity, second, span

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_REASONS = (
    "failure",
    "filtered",
    "attempt",
    "missing_value",
    "bad_value",
    "unknown_customer",
    "future",
    "target_unknown",
    "target_is_void",
    "too_late",
)
_EXACT = ("id", "source", "subject")


@staff
def events(request: HttpRequest) -> HttpResponse:
    number, only, zone = page_number(request), _filter(request), front.house_zone()
    ever = intake.ever()
    rows = read.events(only, offset=(number - 1) * PAGE, limit=PAGE + 1) if ever else []
    shown = rows[:PAGE]
    return render(
        request,
        "console/events.html",
        {
            "ever": ever,
            "fates": _tabs(only.fate) if ever else [],
            "filters": {
                "fate": only.fate,
                "type": options(((name, name) for name in read.types()), only.type),
                "customer": options(customers_page.choices(), only.customer),
                "meter": options(((row.code, row.code) for row in offers.meter_keys()), only.meter),
                "reason": options(((name, _reason(name)) for name in _REASONS), only.reason),
                **{name: getattr(only, name) for name in _EXACT},
                "from": _day_given(request, "from"),
                "until": _day_given(request, "until"),
            },
            "archived": moment(until, zone) if (until := read.archived_until()) else "",
            "events": [_line(row, zone) for row in shown],
            "page": pages(request, number, len(shown), more=len(rows) > PAGE),
            "recorded": recorded(zone),
        },
    )


@staff
def event(request: HttpRequest) -> HttpResponse:
    """Show one event, named by its source and id."""
    one = read.one_event(request.GET.get("source", ""), request.GET.get("id", ""))
    if one is None:
        raise Http404
    href = reverse("console:customer", args=[one.customer_id]) if one.customer_id else ""
    told = why(one.source, one.id)
    return render(
        request,
        "console/event.html",
        {
            "event": {
                "id": one.id,
                "source": one.source,
                "type": one.type,
                "subject": one.subject,
                "subscription": one.subscription,
                "customer": one.customer,
                "customer_href": href,
                "time": second(one.time, one.zone),
                "time_utc": f"{one.time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}".rstrip("0").rstrip(".")
                + " UTC",
                "received": second(one.received_at, one.zone),
                "fate": one.fate,
                "verdict": "accepted",
                "raw": one.raw,
                "data": told.data,
                "exact_time": one.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "archived": one.archived,
                "is_void": one.type == "abaque.void",
                "is_correction": one.type in {"abaque.void", "abaque.amend"},
                "dismissed": told.aside is not None and one.fate == "quarantined",
            },
            "fates": [_fate(each, one, told) for each in one.fates if each.meter],
            "corrections": [_correcting(each, one) for each in one.corrections],
            "history": history(one.source, one.id, one.zone),
            "may": {verb: may(request, verb) for verb in ("correct_events", "dismiss_events", "take_back")},
            "billed": [_billed(each, one.zone) for each in one.billed],
            "conflicts": [{"received": second(at, one.zone), "raw": said} for at, said in one.conflicts],
            "propose_href": propose_href(one.type) if one.fate == "recorded" else "",
        },
    )


def recorded(zone: str) -> list[dict[str, Any]]:
    """Return the types no meter counts, each with the way to make one."""
    return [
        {
            "type": row.type,
            "count": row.count,
            "first": moment(row.first, zone),
            "last": moment(row.last, zone),
            "propose_href": propose_href(row.type),
        }
        for row in read.recorded()
    ]


def propose_href(type_: str) -> str:
    """Return where a meter is made from a type."""
    return with_query("meters", propose=type_)


def _filter(request: HttpRequest) -> read.EventFilter:
    given = {name: str(value).replace("\x00", "") for name, value in request.GET.items()}
    fate = given.get("fate", "")
    start, end = _span(given)
    return read.EventFilter(
        fate=fate if fate in read.CHOICES else "",
        type=given.get("type", ""),
        customer=given.get("customer", ""),
        meter=given.get("meter", ""),
        reason=given.get("reason", "") if given.get("reason") in _REASONS else "",
        **{name: given.get(name, "").strip() for name in _EXACT},
        start=start,
        end=end,
    )


def _span(given: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """Return the hour asked for, or the days, both included, in the house's zone."""
    if given.get("hour"):
        try:
            hour = parse_instant(given["hour"])
        except Fault:
            return None, None
        return hour, hour + _HOUR
    zone = front.house_zone()
    first, last = _parsed(given.get("from", "")), _parsed(given.get("until", ""))
    return (
        local_midnight(first, zone) if first else None,
        local_midnight(last + _DAY, zone) if last else None,
    )


def _parsed(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date.min + _DAY < found < date.max - _DAY else None


def _day_given(request: HttpRequest, name: str) -> str:
    found = _parsed(request.GET.get(name, ""))
    return found.isoformat() if found else ""


def _tabs(chosen: str) -> list[dict[str, Any]]:
    counts = read.counts()

    def text(code: str) -> str:
        count = counts[code]
        capped = count > read.COUNT_MAX and code not in {"", "waiting"}
        return f"{quantity(read.COUNT_MAX)} +" if capped else quantity(count)

    return [
        {"code": code, "count": text(code), "href": with_query("events", fate=code), "chosen": code == chosen}
        for code in ("", *read.CHOICES)
    ]


def _line(row: read.EventLine, zone: str) -> dict[str, Any]:
    return {
        "href": event_href(row.source, row.id),
        "id": row.id,
        "source": row.source,
        "type": row.type,
        "customer": row.customer or row.subject,
        "customer_href": reverse("console:customer", args=[row.customer_id]) if row.customer_id else "",
        "time": second(row.time, zone),
        "fate": row.fate,
        "reason": row.reason,
        "quantity": quantity(row.quantity),
    }


def _reason(code: str) -> str:
    """Name a reason in a word or two, to choose from."""
    words = {
        "failure": _("failure"),
        "filtered": _("filtered out"),
        "attempt": _("further attempt"),
        "missing_value": _("value missing"),
        "bad_value": _("no number"),
        "unknown_customer": _("unknown customer"),
        "future": _("time ahead"),
        "target_unknown": _("target not there yet"),
        "target_is_void": _("target is a void"),
        "too_late": _("too late"),
    }
    return words[code]


def _correcting(each: read.Correcting, one: read.OneEvent) -> dict[str, Any]:
    """Return a correction of this event, or what this one corrects."""
    inward = (each.target_source, each.target_id) == (one.source, one.id)
    source, identity = (each.source, each.id) if inward else (each.target_source, each.target_id)
    return {
        "kind": each.kind,
        "inward": inward,
        "state": each.state,
        "id": identity,
        "href": event_href(source, identity),
        "reason": each.reason,
    }


def _fate(each: read.OneFate, one: read.OneEvent, told: Why) -> dict[str, Any]:
    entry = load_meter(each.definition)
    query = {"customer": one.customer_id, "meter": each.meter, "hour": hour_text(each.hour)}
    return {
        "meter": named(entry.names, each.meter),
        "meter_href": f"{reverse('console:meters')}#meter-{each.meter}",
        "fate": each.fate,
        "reason": each.reason,
        "quantity": "" if each.quantity is None else counted(each.quantity, named(entry.units)),
        "hour": moment(each.hour, one.zone),
        "hour_href": with_query("events", **query),
        "hour_state": each.hour_state,
        "bills": [_billed(row, one.zone) for row in one.billed if row.meter == each.meter],
        **explained(each.fate, entry.meter, told, one.zone),
    }


def hour_text(hour: datetime) -> str:
    """Return an hour as the filter takes it."""
    return hour.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _billed(each: read.Billed, zone: str) -> dict[str, Any]:
    return {
        "invoice": each.number or each.invoice,
        "href": f"{reverse('console:invoice', args=[each.invoice])}#line-{each.position}",
        "line": named(each.names, str(each.position)),
        "period": span(each.start, each.end, zone),
        "net": money(each.net, each.currency),
    }
