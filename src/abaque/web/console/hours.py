"""Hours on one page: how sure usage is, what the product stated, what is missing, who is silent."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from abaque.billing.state_control_total import StateControlTotals, state_control_total
from abaque.catalogue import Level, MeterEntry, load_meter
from abaque.core.metering import hour_of
from abaque.core.period import Span
from abaque.documents.words.figures import span_text
from abaque.storage import clock
from abaque.storage.read import hours as read
from abaque.storage.read import inbox, offers
from abaque.web.console.access import act, may, staff
from abaque.web.console.offers import duration
from abaque.web.console.stated import TotalForm, rows_of, total_of
from abaque.web.console.wording import named, silence_subject, with_query
from abaque.web.figures import day as day_text
from abaque.web.figures import lang, moment, quantity

DAYS = 30
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
#: So many inconsistent hours are named; there should be none.
_NAMED = 20


@staff
def hours(request: HttpRequest) -> HttpResponse:
    return _shown(request, None)


@staff
@require_POST
def state(request: HttpRequest) -> HttpResponse:
    """State a control total; a later one for the same meter, customer and span replaces it."""
    form = TotalForm(request.POST)
    if not form.is_valid():
        return _shown(request, form)
    command = StateControlTotals((total_of(form.cleaned_data),))
    done = _("The total is stated. The next comparison will tell whether usage agrees.")
    if act(request, state_control_total, command, done=done) is None:
        return _shown(request, form)
    return redirect("console:hours")


@staff
def day(request: HttpRequest, meter: str, day: str) -> HttpResponse:
    """Show the hours of one UTC day of a meter."""
    found = next((one for one in offers.meter_keys() if one.code == meter), None)
    if found is None:
        raise Http404
    try:
        start = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
        span = Span(start, start + _DAY)
    except (ValueError, OverflowError):
        raise Http404 from None
    entry = load_meter(found.definition)
    return render(
        request,
        "console/hours_day.html",
        {
            "name": named(entry.names, meter),
            "day": day_text(start),
            "back": f"{reverse('console:hours')}#hours-{meter}",
            "hours": [_hour(line, meter) for line in read.hours(found.number, span)],
        },
    )


def _shown(request: HttpRequest, form: TotalForm | None) -> HttpResponse:
    now = clock.now()
    today = datetime.combine(now.date(), datetime.min.time(), UTC)
    span = Span(today - (DAYS - 1) * _DAY, today + _DAY)
    found = offers.meter_keys()
    by_day, newest = read.days(span), read.newest()
    names = {one.number: (one.code, named(load_meter(one.definition).names, one.code)) for one in found}
    wrong = [
        {"name": names[number][1], "hour": moment(hour), "href": _day_href(names[number][0], hour.date())}
        for number, hour in read.inconsistent(_NAMED)
    ]
    meters = [
        _meter(load_meter(one.definition), by_day.get(one.number, []), newest.get(one.number), now)
        for one in found
    ]
    allowed = may(request, "state_control_total")
    totals = rows_of(now, {one.number: load_meter(one.definition) for one in found}, may_state=allowed)
    silences = [_silence(row) for row in inbox.silences()]
    if allowed and form is None:
        form = TotalForm(initial=_prefilled(request))
    return render(
        request,
        "console/hours.html",
        {
            "meters": meters,
            "span": span_text(span.start.date(), today.date(), lang()),
            "totals": totals,
            "inconsistent": wrong,
            "silences": silences,
            "verdict": _verdict(meters, totals, len(wrong), len(silences)),
            "form": form,
            "form_open": form is not None and (form.is_bound or "meter" in request.GET),
        },
    )


def _prefilled(request: HttpRequest) -> dict[str, str]:
    return {
        key: request.GET[key] for key in ("meter", "customer", "first", "last", "hour") if key in request.GET
    }


def _verdict(meters: Sequence[Any], totals: Any, inconsistent: int, silent: int) -> dict[str, Any]:
    tone = "held" if inconsistent or totals["differing"] else "attention"
    if tone == "attention" and not (totals["missing"] or silent):
        tone = "verified"
    return {
        "tone": tone,
        "inconsistent": inconsistent,
        "differing": totals["differing"],
        "missing": totals["missing"],
        "silent": silent,
        "without": sum(not meter["totals"] for meter in meters),
        "meters": len(meters),
    }


def _meter(
    entry: MeterEntry, days: Sequence[read.DayOfHours], newest: read.Newest | None, now: datetime
) -> dict[str, Any]:
    code = entry.meter.code
    counts = {
        name: sum(getattr(one, name) for one in days) for name in ("verified", "consistent", "sealed", "open")
    }
    return {
        "code": code,
        "name": named(entry.names, code),
        "href": f"{reverse('console:meters')}#meter-{code}",
        "level": entry.level.value,
        "lateness": duration(entry.lateness),
        "newest": moment(newest.hour) if newest else "",
        "newest_href": _day_href(code, newest.hour.date()) if newest else "",
        "sealed_at": moment(newest.sealed_at) if newest else "",
        # An hour can be sealed this long after it began at the soonest: late events are waited for.
        "age": _age(hour_of(now) - newest.hour) if newest else "",
        "counts": [{"state": name, "count": quantity(count)} for name, count in counts.items() if count],
        "days": [
            {
                "state": one.state,
                "number": one.day.day,
                "day": day_text(one.day),
                "href": _day_href(code, one.day),
            }
            for one in days
        ],
        "runs": _runs(days),
        "totals": totals_words(entry),
        "unpromised": entry.totals is None and entry.level is Level.VERIFIED,
    }


def _age(length: timedelta) -> str:
    """Say how long ago in hours, from two days on in days."""
    return duration(length - length % _DAY if length >= 2 * _DAY else length)


def _runs(days: Sequence[read.DayOfHours]) -> list[dict[str, str]]:
    """Say the strip in words: stretches of days of which the same is known."""
    found = []
    for known, group in groupby(days, key=lambda one: one.state):
        run = list(group)
        if known:
            found.append({"state": known, "days": span_text(run[0].day, run[-1].day, lang())})
    return found


def totals_words(entry: MeterEntry) -> str:
    """Say what control totals a meter's product promises; nothing where it promises none."""
    totals = entry.totals
    if totals is None:
        return ""
    grains = {"hour": _("for each hour"), "day": _("for each day"), "month": _("for each month")}
    whose = {"all": _("of all customers together"), "customer": _("of each customer")}
    said = {
        "grain": grains[totals.grain],
        "whose": whose[totals.per],
        "deadline": duration(totals.deadline),
        "zone": totals.zone,
        "tolerance": quantity(totals.tolerance),
    }
    return (
        _("A total %(grain)s (%(zone)s) %(whose)s, at most %(deadline)s later, within %(tolerance)s %%.")
        % said
    )


def _hour(line: read.HourLine, meter: str) -> dict[str, Any]:
    at = f"{line.hour:%Y-%m-%dT%H:%M:%SZ}"
    return {
        "hour": f"{line.hour:%H:%M}–{line.hour + _HOUR:%H:%M}",
        "events": quantity(line.events),
        "href": with_query("events", fate="counted", meter=meter, hour=at),
        "not_billable": quantity(line.not_billable),
        "supplements": quantity(max(line.seals - 1, 0)),
        "sealed_at": moment(line.sealed_at),
        "state": line.state,
    }


def _silence(row: inbox.FindingLine) -> dict[str, str]:
    return {
        "subject": silence_subject(row),
        "counted": quantity((row.ours or {}).get("quantity")),
        "usual": quantity((row.theirs or {}).get("quantity")),
        "since": moment(row.opened_at, row.zone),
        "href": f"{reverse('console:inbox')}#finding-{row.id}",
    }


def _day_href(code: str, day: date) -> str:
    return reverse("console:hours_day", args=[code, day.isoformat()])
