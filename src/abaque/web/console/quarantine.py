"""What is quarantined, by reason and cause, with what mends it; what was set aside for good."""

import json
import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from abaque.billing.correct_event import CorrectEvents, correct_events
from abaque.billing.dismiss import DismissEvents, TakeBack, dismiss_events, take_back
from abaque.billing.give_alias import GiveAlias, give_alias
from abaque.billing.put_customer import PutCustomer, put_customer
from abaque.billing.replay import ReplayEvents, replay_events
from abaque.billing.runner import Result
from abaque.catalogue import load_meter
from abaque.core.metering import Meter
from abaque.core.period import local_midnight
from abaque.storage.read import customers_page, front, offers
from abaque.storage.read import quarantine as read
from abaque.web.console.access import act, back, may, staff
from abaque.web.console.wording import PAGE, event_href, named, page_number, pages, who, with_query
from abaque.web.figures import moment, quantity

#: Reasons in the order in which they are shown: what a person can mend comes first.
REASONS = ("unknown_customer", "missing_value", "bad_value", "target_is_void", "too_late", "future")
# What JSON takes as it is written; all else is a text.
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false")


@staff
def quarantine(request: HttpRequest) -> HttpResponse:
    aside = request.GET.get("show") == "dismissed"
    number, zone = page_number(request), front.house_zone()
    rows = read.dismissed(offset=(number - 1) * PAGE, limit=PAGE + 1) if aside else []
    found = read.Quarantine((), bounded=False) if aside else read.quarantine()
    return render(
        request,
        "console/quarantine.html",
        {
            "tabs": _tabs(aside=aside),
            "aside": aside,
            "open": read.open_count(),
            "archived": read.archived_count(),
            "bounded": found.bounded,
            "reasons": _reasons(request, found, zone),
            "dismissed": [_dismissed(row, zone) for row in rows[:PAGE]],
            "page": pages(request, number, len(rows[:PAGE]), more=len(rows) > PAGE),
            "customers": customers_page.choices() if found.causes else [],
            "issuers": front.issuers() if found.causes else [],
            "may": {
                verb: may(request, verb)
                for verb in (
                    "put_customer", "give_alias", "correct_events", "replay_events", "dismiss_events", "take_back",
                )
            },
        },
    )  # fmt: skip


@staff
@require_POST
def settle(request: HttpRequest, action: str) -> HttpResponse:
    """Judge again, set aside or amend what a cause keeps, or one event."""
    which, reason = _which(request), _given(request, "reason")
    match action:
        case "replay":
            _settled(request, act(request, replay_events, ReplayEvents(which)), _judged_again)
        case "dismiss":
            _settled(request, act(request, dismiss_events, DismissEvents(which, reason)), _set_aside)
        case "amend":
            attributes = {_given(request, "attribute"): json_text(_given(request, "value"))}
            command = CorrectEvents("amend", which, reason, attributes=attributes)
            _settled(request, act(request, correct_events, command), _amended)
        case "take-back":
            _settled(request, act(request, take_back, TakeBack(which.events, reason)), _judged_again)
        case _:
            raise Http404
    return back(request, reverse("console:quarantine"))


@staff
@require_POST
def customer(request: HttpRequest) -> HttpResponse:
    """Create the customer a subject stands for; its events are counted by themselves."""
    subject = _given(request, "subject")
    command = PutCustomer(
        subject, {"legal_name": _given(request, "name") or subject}, issuer=_given(request, "issuer") or None
    )
    done = _(
        "The customer is created; its events are being counted. Complete its address before its first invoice."
    )
    act(request, put_customer, command, done=done)
    return back(request, reverse("console:quarantine"))


@staff
@require_POST
def alias(request: HttpRequest) -> HttpResponse:
    """Give a subject to a customer, from a day and until a day, both included."""
    first, last = (_day(_given(request, name)) for name in ("from", "until"))
    zone = front.house_zone()
    command = GiveAlias(
        _given(request, "subject"),
        _given(request, "customer"),
        local_midnight(first, zone) if first else None,
        local_midnight(date.fromordinal(last.toordinal() + 1), zone) if last else None,
    )
    act(
        request,
        give_alias,
        command,
        done=_("The subject belongs to the customer; its events are being counted."),
    )
    return back(request, reverse("console:quarantine"))


def json_text(text: str) -> str:
    """Return what a person typed as JSON: a number, true or false as such, all else as a text."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def _settled(request: HttpRequest, done: Result | None, words: Any) -> None:
    if done is None:
        return
    messages.success(request, words(done["count"]) % {"count": quantity(done["count"])})
    if done["more"]:
        messages.warning(request, _("There are more of them: do it again for the rest."))


def _judged_again(count: int) -> str:
    return ngettext(
        "%(count)s event is being judged again.", "%(count)s events are being judged again.", count
    )


def _set_aside(count: int) -> str:
    return ngettext("%(count)s event is set aside.", "%(count)s events are set aside.", count)


def _amended(count: int) -> str:
    return ngettext(
        "%(count)s event is amended; it is counted in a moment.",
        "%(count)s events are amended; they are counted in a moment.",
        count,
    )


def _given(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip().replace("\x00", "")


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date.min < found < date.max else None


def _which(request: HttpRequest) -> read.Which:
    cause = _given(request, "cause")
    if not cause:
        return read.Which(events=((request.POST.get("source", ""), request.POST.get("id", "")),))
    parts = (request.POST.get(name, "").replace("\x00", "") for name in ("meter", "type", "subject"))
    return read.Which(cause=read.Cause(cause, *parts))


def _tabs(*, aside: bool) -> list[dict[str, Any]]:
    address = reverse("console:quarantine")
    return [
        {"code": "open", "count": quantity(read.open_count()), "href": address, "chosen": not aside},
        {
            "code": "dismissed",
            "count": quantity(read.dismissed_count()),
            "href": f"{address}?show=dismissed",
            "chosen": aside,
        },
    ]


def _reasons(request: HttpRequest, found: read.Quarantine, zone: str) -> list[dict[str, Any]]:
    """Group causes by reason, each with what it keeps and what may be done."""
    meters = {row.code: load_meter(row.definition) for row in offers.meter_keys()}
    numbered = list(enumerate(found.causes))
    groups = []
    for reason in REASONS:
        rows = [_cause(number, row, meters, zone) for number, row in numbered if row.cause.reason == reason]
        if rows:
            groups.append({"reason": reason, "causes": rows, "next": request.get_full_path()})
    return groups


def _cause(number: int, row: read.CauseLine, meters: dict[str, Any], zone: str) -> dict[str, Any]:
    cause = row.cause
    entry = meters.get(cause.meter)
    query = {"reason": cause.reason, "meter": cause.meter, "type": cause.type, "subject": cause.subject}
    return {
        "number": number,
        "cause": cause,
        "meter": named(entry.names, cause.meter) if entry else "",
        "attributes": _attributes(entry.meter) if entry else [],
        "count": row.events,
        "href": with_query("events", fate="quarantined", **query),
        "first": moment(row.first, zone),
        "last": moment(row.last, zone),
        "example": row.id,
        "example_href": event_href(row.source, row.id),
    }


def _attributes(meter: Meter) -> list[str]:
    """Return the attributes a meter takes its value from."""
    return [one for one in (meter.value, meter.change.attribute if meter.change else None) if one]


def _dismissed(row: read.Dismissed, zone: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "source": row.source,
        "href": event_href(row.source, row.id),
        "type": row.type,
        "subject": row.subject,
        "kept_by": row.kept_by,
        "reason": row.reason,
        "by": who(row.by),
        "at": moment(row.at, zone),
    }
