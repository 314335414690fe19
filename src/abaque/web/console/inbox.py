"""The reconciliation inbox: what differs, both sides, what may be done; and what is held."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from abaque.billing.jobs import defer
from abaque.billing.permissions import SYSTEM
from abaque.billing.release import Release, release
from abaque.billing.remedies import (
    AcceptFinding,
    PushAgain,
    VoidThere,
    accept_finding,
    push_again,
    void_there,
)
from abaque.core.period import parse_instant
from abaque.storage.read import front
from abaque.storage.read import inbox as read
from abaque.web.console.access import act, back, may, release_address, staff
from abaque.web.console.invoices import amount_of
from abaque.web.console.wording import (
    PAGE,
    hold_row,
    impact,
    moneys,
    named,
    page_number,
    pages,
    sides,
    silence_subject,
    stretch,
    who,
)
from abaque.web.figures import moment, quantity

_REMEDIES: dict[str, tuple[Any, Any]] = {
    "push_again": (push_again, PushAgain),
    "void_there": (void_there, VoidThere),
    "accept_finding": (accept_finding, AcceptFinding),
}
#: How a difference between events and usage names what it is about.
_HOUR_OF_METER = re.compile(r"(\S+) (\d{4}-\d\d-\d\dT\d\d:\d\d)Z")
#: The words of a remedy's button (`words/remedy.html`).
_WORDS = {"push_again": "push_again", "void_there": "withdraw", "accept_finding": "accept"}


@staff
def inbox(request: HttpRequest) -> HttpResponse:
    number, zone = page_number(request), front.house_zone()
    state = request.GET.get("state", "open")
    state = state if state in {"open", "resolved", ""} else "open"
    rows = read.findings(state, offset=(number - 1) * PAGE, limit=PAGE + 1)
    shown = rows[:PAGE]
    holds = read.holds()
    of_finding = {hold.finding: hold for hold in holds if hold.finding}
    release_url = release_address(request)
    on_page = {row.id for row in shown}
    return render(
        request,
        "console/inbox.html",
        {
            "verdict": _verdict(read.balance(), holds, zone),
            "tabs": _tabs(read.balance(), state),
            "reconcile_url": reverse("console:reconcile") if may(request, "reconcile") else "",
            "findings": [_finding(request, row, of_finding.get(row.id), release_url, zone) for row in shown],
            "holds": [hold_row(hold, release_url, zone) for hold in holds if not hold.finding],
            # Their finding is closed or on another page: no hold is ever out of sight.
            "other_holds": [
                hold_row(hold, release_url, zone)
                for hold in holds
                if hold.finding and hold.finding not in on_page
            ],
            "page": pages(request, number, len(shown), more=len(rows) > PAGE),
        },
    )


@staff
@require_POST
def reconcile(request: HttpRequest) -> HttpResponse:
    """Ask for a comparison now. It reads platforms over the network, so it is a job of its own."""
    if not may(request, "reconcile"):
        raise PermissionDenied
    with transaction.atomic():
        defer("abaque.reconcile")
    messages.success(request, _("The comparison has begun; what it finds will stand here."))
    return back(request, reverse("console:inbox"))


@staff
@require_POST
def remedy(request: HttpRequest, finding: str, action: str) -> HttpResponse:
    """Do what a person decided about a finding, with the reason."""
    if action not in _REMEDIES:
        raise Http404
    verb, command = _REMEDIES[action]
    act(
        request,
        verb,
        command(finding, _reason(request)),
        done=_("It is on its way; the next comparison will tell."),
    )
    return back(request, reverse("console:inbox"))


@staff
@require_POST
def release_hold(request: HttpRequest, hold: str) -> HttpResponse:
    """Release a hold: who, and why."""
    act(request, release, Release(hold, _reason(request)), done=_("The hold is released."))
    return back(request, reverse("console:inbox"))


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip().replace("\x00", "")


def _verdict(balance: read.Balance, holds: list[read.HoldLine], zone: str) -> dict[str, Any]:
    net: dict[str, int] = {}
    for hold in holds:
        for code, minor in hold.net.items():
            net[code] = net.get(code, 0) + minor
    tone = (
        "held"
        if holds
        else "attention"
        if balance.open or balance.unknown or balance.last is None
        else "verified"
    )
    return {
        "tone": tone,
        "findings": balance.open,
        "impact": moneys(balance.impact),
        "holds": len(holds),
        "held": moneys(net),
        "last": moment(balance.last, zone),
        "unknown": balance.unknown,
    }


def _tabs(balance: read.Balance, chosen: str) -> list[dict[str, Any]]:
    standing = balance.open + balance.unknown
    found = (("open", standing), ("resolved", balance.closed), ("", standing + balance.closed))
    return [
        {
            "code": code,
            "count": count,
            # An empty state is "all" and has to be said, since the page begins with what is open.
            "href": f"{reverse('console:inbox')}?state={code}",
            "chosen": code == chosen,
        }
        for code, count in found
    ]


def _finding(
    request: HttpRequest, row: read.FindingLine, hold: read.HoldLine | None, release_url: Any, zone: str
) -> dict[str, Any]:
    here, there = sides(row.check)
    # What becomes of late usage is said beside it: no side says the other.
    compared = ("amount", "quantity") if row.check.startswith("usage") else ("amount", "quantity", "state")
    differs = {name for name in compared if _value(row.ours, name) != _value(row.theirs, name)}
    both = row.ours is not None and row.theirs is not None
    return {
        "id": row.id,
        "kind": row.kind,
        "noun": _noun(row),
        "subject": _subject(row),
        "href": _href(row),
        "customer": row.customer,
        "customer_href": reverse("console:customer", args=[row.customer_id]) if row.customer_id else "",
        "state": "resolved" if row.closed_at else "open",
        "impact": impact(row),
        "found": moment(row.opened_at, row.zone),
        "closed": moment(row.closed_at, row.zone),
        "sentence": _sentence(row, here, there),
        "ours": _with_row(_side(here, row.ours or row.theirs, set()), _("once"))
        if row.kind == "doubled"
        else _side(here, row.ours, differs if both else set()),
        "theirs": _with_row(_side(there, row.theirs, set()), _("once too often"), differs=True)
        if row.kind == "doubled"
        else _side(there, row.theirs, differs if both else set(), known=not row.check.startswith("events")),
        "remedies": _offered(request, row),
        "hold": hold_row(hold, release_url, zone) if hold else None,
    }


def _subject(row: read.FindingLine) -> str:
    """Name what differs: an invoice by its number, a control total by its meter and days."""
    if row.total is not None and row.total_start is not None and row.total_end is not None:
        when = stretch(row.total_start, row.total_end, row.zone)
        return f"{named(row.total, row.total.get('', ''))}, {when}"
    if row.check.endswith("habit"):
        return silence_subject(row)
    hour = _HOUR_OF_METER.fullmatch(row.subject)
    if hour is not None:
        return f"{hour[1]}, {moment(parse_instant(f'{hour[2]}:00Z'), row.zone)}"
    return row.invoice_number or row.subject


def _noun(row: read.FindingLine) -> str:
    if row.check.startswith("totals"):
        return "control_total"
    if row.check.endswith("habit"):
        return "silence"
    if row.check.startswith("invoices"):
        return "invoice" if row.invoice else "platform"
    return "usage"


def _href(row: read.FindingLine) -> str:
    if row.invoice:
        line = row.subject.partition("/")[2]
        return reverse("console:invoice", args=[row.invoice]) + (f"#line-{line}" if line else "")
    if row.total is not None:
        return f"{reverse('console:hours')}#totals"
    if row.customer_id:
        return reverse("console:customer", args=[row.customer_id])
    return f"{reverse('console:inbox')}#finding-{row.id}"


def _sentence(row: read.FindingLine, here: str, there: str) -> str:
    sentences = {
        "missing": _("%(here)s has it, %(there)s does not."),
        "unexpected": _("%(there)s has it, %(here)s does not know it."),
        "doubled": _("%(there)s has it once too often."),
        "differing": _("%(here)s and %(there)s do not say the same."),
        "stale": _("%(there)s is not up to date."),
        "disputed": _("The customer disputes it."),
        "unknown": _("%(there)s could not be read, so nothing can be said."),
    }
    if row.check.startswith("events") and row.kind == "differing":
        sentences["differing"] = _("Recomputed from its raw events, the hour does not come out the same.")
    if row.check.startswith("usage"):
        sentences["differing"] = _late(row)
    if row.check.startswith("totals") and row.kind == "unknown":
        sentences["unknown"] = _("The product has not stated the totals it promised, so nothing can be said.")
    if row.check.endswith("habit"):
        sentences["stale"] = _("Far less comes in than on the same day of the weeks before.")
    said = sentences.get(row.kind, "") % {"here": here, "there": there}
    if not row.closed_at:
        return said
    if row.closed_by == str(SYSTEM):
        agreed = _("Since then both sides agree.")
        if row.check.startswith("usage"):
            agreed = _("Since then it is billed as it was used.")
        if row.check.endswith("habit"):
            agreed = _("Since then it comes in as usual, or so little has become usual.")
        return f"{said} {agreed}"
    by = _("%(who)s: %(reason)s") % {"who": who(row.closed_by), "reason": row.closed_reason}
    return f"{said} {by}".strip()


def _late(row: read.FindingLine) -> str:
    """Say of usage that came after its invoice what becomes of it."""
    match (row.theirs or {}).get("state"):
        case "to_bill":
            return _(
                "Usage came after the invoice. What it costs more is on a draft that waits for approval."
            )
        case "to_credit":
            return _(
                "The invoice billed more than was used. A draft credit note that waits for approval gives it back."
            )
        case _:
            return _(
                "Usage changed after the invoice. The next close drafts what is to be billed, or a credit note; more"
                " waits for the next invoice where one follows within 30 days."
            )


def _side(
    name: str, fact: Mapping[str, Any] | None, differs: set[str], *, known: bool = True
) -> dict[str, Any]:
    """Return one side. Where its figure was not kept (`known` is false) only that it differs can be said."""
    labels = {"amount": _("Amount"), "quantity": _("Quantity"), "state": _("State")}
    rows = [
        {"label": label, "value": _value(fact, key), "href": "", "differs": key in differs}
        for key, label in labels.items()
        if _value(fact, key)
    ]
    if fact is None and not known:
        return _with_row(
            {"name": name, "none": False, "rows": []}, "–", label=labels["quantity"], differs=True
        )
    return {"name": name, "none": fact is None, "rows": rows}


def _with_row(side: dict[str, Any], value: str, *, label: str = "", differs: bool = False) -> dict[str, Any]:
    """Add a row to what a side says: how often it keeps a document, unless another label is given."""
    side["rows"].append({"label": label or _("Kept"), "value": value, "href": "", "differs": differs})
    return side


def _value(fact: Mapping[str, Any] | None, name: str) -> str:
    if fact is None:
        return ""
    if name == "amount":
        return amount_of(fact)
    if name == "quantity":
        return quantity(fact.get("quantity"))
    states = {"to_bill": _("more is to be billed"), "to_credit": _("to be credited")}
    said = str(fact.get(name) or "")
    return states.get(said, said)


def _offered(request: HttpRequest, row: read.FindingLine) -> list[dict[str, str]]:
    """Return the remedies that apply and that the reader may choose; each asks for a reason."""
    if row.closed_at:
        return []
    fitting = [
        *(["push_again"] if row.kind == "missing" and row.check.startswith("invoices") else []),
        *(
            ["void_there"]
            if row.kind in {"doubled", "unexpected"} and row.check.startswith("invoices")
            else []
        ),
        "accept_finding",
    ]
    return [
        {"action": _WORDS[action], "url": reverse("console:remedy", args=[row.id, action])}
        for action in fitting
        if may(request, action)
    ]
