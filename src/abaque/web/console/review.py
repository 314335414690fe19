"""The review before issue: each draft beside the last period, sorted by change; all, or by exception."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from abaque.billing.approve import ApproveMany, approve_many
from abaque.billing.issue import issue_approved
from abaque.billing.readiness import Readiness
from abaque.core.money import divide
from abaque.core.period import local_day
from abaque.documents.words.figures import span_text
from abaque.storage import clock
from abaque.storage.read import review as read
from abaque.web.console.access import act, actor, may, staff, tried
from abaque.web.console.outcome import say_kept
from abaque.web.console.wording import PAGE, missing_fields, moneys, page_number, pages
from abaque.web.figures import lang, money, percent, span

#: A change is large from half of the last period's amount, and from 5 units of currency (in minor units).
LARGE_PERCENT = 50
LARGE_MINOR = 500
_MOMENT = timedelta(microseconds=1)

#: A draft as a form names it: its id, and the digest of what was shown.
_SHOWN = re.compile(r"(inv_[0-9a-f]+)\.((?:[0-9a-f]{2})+)")


@staff
def review(request: HttpRequest) -> HttpResponse:
    now, number = clock.now(), page_number(request)
    drafts = read.drafts()
    waiting = not_ready(drafts, now)
    ready = [draft for draft in drafts if is_ready(draft, waiting)]
    shown = drafts[(number - 1) * PAGE : number * PAGE]
    allowed = may(request, "approve_many") and may(request, "issue")
    return render(
        request,
        "console/review.html",
        {
            "period": _period(drafts),
            "approve_url": f"{reverse('console:approve')}?seen={fingerprint(ready)}" if allowed else "",
            "totals": _totals(drafts, len(ready)),
            "page": pages(request, number, len(shown), more=number * PAGE < len(drafts), total=len(drafts)),
            "drafts": [_line(draft, waiting.get(draft.number)) for draft in shown],
        },
    )


@staff
@require_POST
def approve(request: HttpRequest) -> HttpResponse:
    """Approve drafts as they were shown, and issue them: the chosen ones, or all that are ready."""
    chosen = [_SHOWN.fullmatch(value) for value in request.POST.getlist("draft")]
    pairs = [(found[1], found[2]) for found in chosen if found is not None]
    if request.POST.get("mode") == "all":
        drafts = read.drafts()
        waiting = not_ready(drafts, clock.now())
        ready = [draft for draft in drafts if is_ready(draft, waiting)]
        if fingerprint(ready) != request.GET.get("seen"):
            messages.warning(
                request, _("The drafts have changed since this page was shown. Look again, then approve.")
            )
            return redirect("console:review")
        left_out = {value.split(".", 1)[0] for value in request.POST.getlist("except")}
        pairs = [(draft.id, draft.digest) for draft in ready if draft.id not in left_out]
    if not pairs:
        messages.warning(request, _("Nothing was ticked."))
        return redirect("console:review")
    _approve_and_issue(request, pairs)
    return redirect("console:review")


def _approve_and_issue(request: HttpRequest, pairs: Sequence[tuple[str, str]]) -> None:
    approved = act(request, approve_many, ApproveMany(tuple(sorted(pairs))))
    if approved is None:
        return
    if approved["changed"]:
        count = len(approved["changed"])
        said = ngettext(
            "%(n)s draft has changed since it was shown and is not approved.",
            "%(n)s drafts have changed since they were shown and are not approved.",
            count,
        )
        messages.warning(request, said % {"n": count})
    if approved["approved"]:
        now = clock.now()
        done = tried(request, lambda: issue_approved(now=now, by=actor(request), only=approved["approved"]))
        say_kept(request, done)


def not_ready(drafts: Sequence[read.DraftLine], now: datetime) -> dict[int, str]:
    """Return why the usage of drafts is not as sure yet as their meters ask, by draft."""
    readiness = Readiness(now)
    lines = read.lines_of([draft.number for draft in drafts])
    found = {draft.number: readiness.missing(lines[draft.number]) for draft in drafts}
    return {number: why for number, why in found.items() if why is not None}


def is_ready(draft: read.DraftLine, waiting: dict[int, str]) -> bool:
    """Whether nothing but a person's approval keeps the draft."""
    return not draft.held and not draft.missing and draft.number not in waiting


def fingerprint(drafts: Sequence[read.DraftLine]) -> str:
    """Return what stands for all of these drafts as they are now."""
    said = "\n".join(sorted(f"{draft.id} {draft.digest}" for draft in drafts))
    return hashlib.sha256(said.encode()).hexdigest()


def _period(drafts: Sequence[read.DraftLine]) -> str:
    if not drafts:
        return ""
    first = min(local_day(one.period_start, one.zone) for one in drafts)
    last = max(local_day(one.period_end - _MOMENT, one.zone) for one in drafts)
    return span_text(first, last, lang())


def _totals(drafts: Sequence[read.DraftLine], ready: int) -> dict[str, Any]:
    net: dict[str, int] = {}
    previous: dict[str, int] = {}
    for draft in drafts:
        net[draft.currency] = net.get(draft.currency, 0) + draft.net
        previous[draft.currency] = previous.get(draft.currency, 0) + (draft.previous or 0)
    change = " + ".join(_signed(net[code] - previous[code], previous[code], code) for code in sorted(net))
    return {
        "count": len(drafts),
        "ready": ready,
        "stopped": len(drafts) - ready,
        "net": moneys(net),
        "previous": moneys(previous),
        "change": change,
    }


def _line(draft: read.DraftLine, waiting: str | None) -> dict[str, Any]:
    change = _signed(draft.change, draft.previous or 0, draft.currency) if draft.previous is not None else ""
    large = (
        draft.previous is not None
        and abs(draft.change) >= LARGE_MINOR
        and abs(draft.change) * 100 >= abs(draft.previous) * LARGE_PERCENT
    )
    flags = [
        flag
        for flag, holds in (
            ("held", draft.held),
            ("missing_fields", bool(draft.missing)),
            ("not_consistent", waiting is not None),
            ("changed", draft.changed),
            ("new_customer", draft.previous is None and draft.kind == "invoice"),
            ("large_change", large),
            ("zero", draft.net == 0),
            ("late_usage", draft.late),
        )
        if holds
    ]
    return {
        # What is posted back names the draft as it stands here: an approval binds just that.
        "id": f"{draft.id}.{draft.digest}",
        "href": reverse("console:invoice", args=[draft.id]),
        "kind": draft.kind,
        "customer": draft.customer,
        "period": span(draft.period_start, draft.period_end, draft.zone),
        "customer_href": reverse("console:customer", args=[draft.customer_id]),
        "net": money(draft.net, draft.currency),
        "previous": "" if draft.previous is None else money(draft.previous, draft.currency),
        "change": change,
        "large": large,
        "flags": flags,
        "missing": missing_fields(draft.missing),
        "ready": not (draft.held or draft.missing or waiting),
    }


def _signed(change: int, before: int, code: str) -> str:
    """Write a change with its sign, and its share of what was before: "+412.00 € (+12 %)"."""
    sign = "+" if change > 0 else ""
    text = f"{sign}{money(change, code)}"
    if before:
        text += f" ({sign}{percent(divide(Decimal(change * 100), Decimal(before), scale=0))})"
    return text
