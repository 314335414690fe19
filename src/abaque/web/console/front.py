"""The overview: is this right, what needs a person, what comes in, what ran."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from abaque.billing.estimate import estimates
from abaque.core.period import Span, local_day, local_midnight
from abaque.storage import clock
from abaque.storage.read import customers_page
from abaque.storage.read import front as read
from abaque.storage.read import intake as entrance
from abaque.storage.read.load import metered_since
from abaque.web.console.access import staff
from abaque.web.console.wording import figure, moneys, took, with_query
from abaque.web.figures import moment, month, quantity

#: Above so many customers the upcoming total is left to the customers' own pages.
ESTIMATED_MAX = 300

_MINUTE = timedelta(minutes=1)
_HREFS = {
    "review": ("review", {}),
    "held": ("inbox", {}),
    "finding": ("inbox", {}),
    "unknown": ("inbox", {}),
    "missing_fields": ("review", {}),
    "quarantined": ("quarantine", {}),
    "conflict": ("events", {"fate": "conflict"}),
    "recorded": ("events", {"fate": "recorded"}),
    "issuer": ("customers", {}),
}


@staff
def front(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    zone = read.house_zone()
    running = read.month_of(local_day(now, zone), zone)
    passes = read.passes()
    return render(
        request,
        "console/front.html",
        {
            "verdict": verdict(),
            "summary": _summary(running, zone, now),
            "tasks": [_task(task) for task in read.tasks(now)],
            "intake": _intake(now, zone),
            "runs": [_pass(one, zone) for one in passes],
            "live": any(one.finished_at is None for one in passes),
        },
    )


@staff
def intake(request: HttpRequest) -> HttpResponse:
    """Return the overview's part that looks again by itself: what comes in, and how the meter keeps up."""
    now = clock.now()
    return render(request, "console/intake.html", {"intake": _intake(now, read.house_zone())})


def verdict() -> dict[str, Any] | None:
    """Return the first sentence of the console: whether the last month is right."""
    found = read.verdict()
    if found is None:
        return None
    period = f"{found.month:%Y-%m}"
    tone = "held" if found.held.count else "attention" if found.uncompared.count else "verified"
    nothing = {currency: 0 for share in (found.held, found.uncompared) for currency in share.net}
    return {
        "tone": tone,
        "period": month(found.month),
        "net": moneys(found.verified.net or nothing),
        "href": with_query("invoices", period=period),
        "count": found.verified.count,
        "held": found.held.count,
        "held_net": moneys(found.held.net or dict.fromkeys(found.verified.net or nothing, 0)),
        "held_href": with_query("invoices", period=period, state="held"),
        "uncompared": found.uncompared.count,
        "uncompared_href": with_query("invoices", period=period),
    }


def _summary(running: Span, zone: str, now: datetime) -> dict[str, Any] | None:
    found = read.summary(running)
    if found is None:
        return None
    return {
        "period": month(local_day(running.start, zone)),
        "upcoming": figure(_upcoming(now), reverse("console:customers")),
        "customers": figure(quantity(found.customers), reverse("console:customers")),
        "received": figure(quantity(found.received), with_query("events")),
        "waiting": figure(quantity(_backlog(now)), with_query("events", fate="waiting")),
        # The month runs: its last hours are open by definition.
        "state": "provisional",
    }


def _upcoming(now: datetime) -> str:
    today = now.date()
    lines, total = customers_page.customers("", today, now, offset=0, limit=ESTIMATED_MAX)
    if total > ESTIMATED_MAX:
        return ""
    amounts: dict[str, int] = {}
    for expected in estimates(
        list(customers_page.records([one.number for one in lines]).values()), now
    ).values():
        amounts[expected.currency.code] = amounts.get(expected.currency.code, 0) + expected.net.minor
    return moneys(amounts)


def _backlog(now: datetime) -> int:
    found = entrance.intake(now, now)
    return 0 if found is None else found.backlog


def _task(task: read.Task) -> dict[str, Any]:
    name, query = _HREFS[task.kind]
    return {
        "kind": task.kind,
        "count": task.count,
        "amount": moneys(task.amount) if task.amount else "",
        "href": with_query(name, **query),
    }


def _intake(now: datetime, zone: str) -> dict[str, Any] | None:
    found = entrance.intake(now, local_midnight(local_day(now, zone), zone))
    if found is None:
        return None
    return {
        "rate": _("%(number)s per minute") % {"number": quantity(found.per_minute)},
        "metered": _("%(number)s per minute") % {"number": quantity(metered_since(now - _MINUTE))},
        "lag": f"{quantity(int(found.lag.total_seconds()))} s",
        "backlog": figure(quantity(found.backlog), with_query("events", fate="waiting")),
        "today": figure(quantity(found.today), with_query("events")),
        "duplicates": figure(quantity(found.duplicates)),
        "quarantined": figure(quantity(found.quarantined), with_query("quarantine")),
        "sealed_until": moment(found.sealed_until, zone),
        "late": found.late,
    }


def _pass(one: read.Pass, zone: str) -> dict[str, Any]:
    facts = one.facts
    done, total = int(facts.get("done", 0)), int(facts.get("total", 0))
    if one.kind == "close":
        words = _("%(drafts)s drafts, %(changed)s new or changed")
    else:
        words = _("%(compared)s compared, %(opened)s opened, %(closed)s closed, %(open)s open")
    said = {name: quantity(value) for name, value in facts.items() if isinstance(value, int)}
    try:
        result = words % said if one.finished_at else ""
    except KeyError:
        result = ""
    return {
        "kind": one.kind,
        "href": reverse("console:review" if one.kind == "close" else "console:inbox"),
        "started": moment(one.started_at, zone),
        "took": took(one.started_at, one.finished_at),
        "state": "running" if one.finished_at is None else "done",
        "done": done,
        "total": total,
        "result": result,
    }
