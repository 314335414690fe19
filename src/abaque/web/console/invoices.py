"""Invoices, and one invoice explained down to its events."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from abaque.billing.approve import Approve, approve
from abaque.billing.documenting import unit_names
from abaque.billing.issue import issue_approved
from abaque.core.period import local_day
from abaque.documents.mentions import mention
from abaque.documents.words import late_sentence
from abaque.storage import clock
from abaque.storage.read import customers_page, front, inbox
from abaque.storage.read import explain as reading
from abaque.storage.read import invoices as read
from abaque.storage.read import review as listing
from abaque.storage.read.parties import one_issuer
from abaque.web.console.access import act, actor, may, release_address, staff, tried
from abaque.web.console.events import hour_text
from abaque.web.console.outcome import say_kept
from abaque.web.console.wording import (
    PAGE,
    exact_sum,
    figure,
    hold_row,
    impact,
    invoice_rows,
    missing_fields,
    moneys,
    named,
    options,
    page_number,
    pages,
    steps,
    taxes,
    who,
    with_query,
)
from abaque.web.figures import counted, day, lang, moment, money, month, quantity, span
from abaque.web.proofs import line_csv, line_proof, provable

#: So many hours of a line are shown at once; the rest follows on request.
HOURS_SHOWN = 48
_MOMENT = timedelta(microseconds=1)


@staff
def invoices(request: HttpRequest) -> HttpResponse:
    number, today = page_number(request), clock.now().date()
    state = request.GET.get("state", "")
    state = state if state in listing.STATES else ""
    chosen = _month(request.GET.get("period", ""))
    period = request.GET.get("period", "") if chosen else ""
    rows = listing.invoices(state, chosen, today, offset=(number - 1) * PAGE, limit=PAGE + 1)
    shown = rows[:PAGE]
    return render(
        request,
        "console/invoices.html",
        {
            "verdict": _verdict(front.verdict_on(chosen)) if chosen else None,
            "states": _tabs(listing.states(chosen, today), state, period),
            "filters": {"state": state, "period": options(_months(), period)},
            "invoices": invoice_rows(shown, inbox.pushes([row.id for row in shown])),
            "page": pages(request, number, len(shown), more=len(rows) > PAGE),
        },
    )


def _month(text: str) -> front.Month | None:
    try:
        return front.lived_month(date.fromisoformat(f"{text}-01")) if text else None
    except (ValueError, OverflowError):
        return None


def _months() -> list[tuple[str, str]]:
    return [(f"{first:%Y-%m}", month(first)) for first in listing.months()]


def _tabs(
    found: Mapping[str, tuple[int, Mapping[str, int]]], chosen: str, period: str
) -> list[dict[str, Any]]:
    everything = sum(count for count, _nets in found.values())
    tabs = [("", everything, "")]
    tabs += [(state, found[state][0], moneys(found[state][1])) for state in listing.STATES if state in found]
    return [
        {
            "code": code,
            "count": quantity(count),
            "net": net,
            "href": with_query("invoices", state=code, period=period),
            "chosen": code == chosen,
        }
        for code, count, net in tabs
    ]


def _verdict(found: front.Verdict) -> dict[str, Any] | None:
    zeros = {code: 0 for share in (found.verified, found.held, found.uncompared) for code in share.net}
    if not zeros:
        return None
    return {
        "tone": "held" if found.held.count else "attention" if found.uncompared.count else "verified",
        "count": found.verified.count,
        "net": moneys(found.verified.net or zeros),
        "held": found.held.count,
        "held_net": moneys(found.held.net or zeros),
        "uncompared": found.uncompared.count,
    }


@staff
def invoice(request: HttpRequest, invoice: str) -> HttpResponse:
    now = clock.now()
    one = read.one_invoice(invoice, today=now.date())
    explained = reading.explain(invoice)
    if one is None or explained is None:
        raise Http404
    row = one.invoice
    zone = customers_page.zones([row.customer_id])[row.customer_id]
    release = release_address(request)
    metered = {f"meter:{line.meter}" for line in explained.lines if line.meter}
    scopes = ("everything", f"customer:{row.customer_id}", f"invoice:{row.id}", *metered)
    holds = [hold_row(each, release, zone) for each in inbox.holds("scopes", scopes)]
    findings = inbox.findings_of_invoice(row.id)
    pushed = inbox.pushes([row.id]).get(row.id)
    every = request.GET.get("hours", "")
    return render(
        request,
        "console/invoice.html",
        {
            "invoice": _head(one, zone),
            "verdict": _judged(one, findings, holds),
            "missing": missing_fields(row.missing),
            "lines": [
                explained_line(line, row, zone, held=row.held, every=every == str(line.position))
                for line in explained.lines
            ],
            "taxes": taxes(one.taxes, lambda key: mention(key, row.issue_date or now.date(), lang())),
            "push": _push(pushed, findings, request, zone),
            "holds": holds,
            "findings": [
                {
                    "href": f"{with_query('inbox', state='' if each.closed_at else 'open')}#finding-{each.id}",
                    "kind": each.kind,
                    "impact": impact(each),
                    "found": moment(each.opened_at, zone),
                    "state": "resolved" if each.closed_at else "open",
                }
                for each in findings
            ],
            "history": _history(one, pushed, zone),
            "issue_url": _issue_url(request, row),
        },
    )


@staff
@require_POST
def approve_and_issue(request: HttpRequest, invoice: str) -> HttpResponse:
    """Approve the draft as it was shown, and issue it."""
    digest = request.GET.get("seen", "")
    if act(request, approve, Approve(invoice, digest)) is not None:
        now = clock.now()
        done = tried(request, lambda: issue_approved(now=now, by=actor(request), only=[invoice]))
        say_kept(request, done)
    return redirect("console:invoice", invoice)


@staff
def pdf(request: HttpRequest, invoice: str) -> HttpResponse:
    """Hand over the stored bytes of an issued document."""
    del request
    return document(invoice)


@staff
def csv_of_line(request: HttpRequest, invoice: str, line: int) -> HttpResponse:
    """Hand over a line's events."""
    del request
    return line_csv(invoice, line)


@staff
def proof_of_line(request: HttpRequest, invoice: str, line: int) -> HttpResponse:
    """Hand over a line's proof."""
    del request
    return line_proof(invoice, line)


def document(invoice: str) -> HttpResponse:
    """Return the document of an invoice as a download; 404 while there is none."""
    found = read.document_of(invoice)
    if found is None:
        raise Http404
    content, media_type, number = found
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f'inline; filename="{number.replace("/", "-")}.pdf"',
        },
    )


def explained_line(
    line: reading.LineExplained, row: read.InvoiceRow, zone: str, *, held: bool = False, every: bool = False
) -> dict[str, Any]:
    """Return a line for `components/line.html`: words, steps, hours."""
    of = row.net.currency
    hours = line.hours if every else line.hours[:HOURS_SHOWN]
    query = {"customer": row.customer_id, "meter": line.meter}
    cut = len(line.hours) > len(hours)
    return {
        "number": line.position,
        "name": named(line.names, line.charge),
        "period": span(line.starts_at, line.ends_at, zone),
        "quantity": counted(line.quantity, named(unit_names(line.meter))) if line.meter else "",
        "net": money(line.net),
        "words": line_words(line, row, zone),
        "steps": steps(line.steps, of),
        "exact": exact_sum(line.steps, of),
        "meter": named(line.meter_names, line.meter),
        "meter_href": f"{reverse('console:meters')}#meter-{line.meter}" if line.meter else "",
        "hours": [
            {
                "start": moment(hour.hour, zone),
                "quantity": quantity(hour.quantity),
                "events": hour.events,
                "state": hour.state,
                "href": with_query("events", fate="counted", hour=hour_text(hour.hour), **query),
            }
            for hour in hours
        ],
        "hours_shown": _("%(shown)s of %(total)s") % {"shown": len(hours), "total": len(line.hours)}
        if cut
        else "",
        "hours_href": f"?hours={line.position}#line-{line.position}" if cut else "",
        "not_billed": figure(quantity(line.not_billable), with_query("events", fate="not_billable", **query))
        if line.not_billable
        else None,
        "hold": held,
    } | _proof_links(line, row)


def _proof_links(line: reading.LineExplained, row: read.InvoiceRow) -> dict[str, str]:
    if not provable(line):
        return {}
    where = [row.id, line.position]
    return {
        "csv_href": reverse("console:line_csv", args=where),
        "proof_href": reverse("console:line_proof", args=where),
    }


def line_words(line: reading.LineExplained, row: read.InvoiceRow, zone: str) -> str:
    """Say a line in a sentence or two: what was used, what it costs, why again, and what came after it was made."""
    net = money(line.net)
    if not line.meter or line.quantity is None:
        return _("A fixed price: %(net)s.") % {"net": net}
    if line.earlier is not None:
        first, last = local_day(line.starts_at, zone), local_day(line.ends_at - _MOMENT, zone)
        credit = row.corrects is not None
        said = late_sentence(first, last, line.earlier.number or "", lang(), credit=credit)
        return f"{said}."
    said = _("%(name)s: %(quantity)s in this period, which makes %(net)s.") % {
        "name": named(line.names, line.charge),
        "quantity": quantity(line.quantity),
        "net": net,
    }
    if line.arrived_since != "0":
        said += " " + _("%(quantity)s came after this line was made.") % {
            "quantity": quantity(line.arrived_since)
        }
    return said


def issuer_name(issuer: str) -> str:
    """Return the legal name of an issuer, or what it is known by."""
    found = one_issuer(issuer)
    return found.legal_name or issuer if found else issuer


def _head(one: read.InvoiceDetail, zone: str) -> dict[str, Any]:
    row = one.invoice
    return {
        "number": row.number or "",
        "kind": row.kind,
        "state": row.status,
        "specimen": front.is_test_folder(),
        "customer": row.customer_name or row.customer,
        "customer_href": reverse("console:customer", args=[row.customer_id]),
        "issuer": issuer_name(row.issuer),
        "date": day(row.issue_date),
        "due": day(row.payment_due),
        "period": span(row.period_start, row.period_end, zone),
        "net": money(row.net),
        "tax": money(row.tax),
        "gross": money(row.gross),
        "pdf_href": reverse("console:pdf", args=[row.id]) if one.has_document else "",
        "paid": ""
        if row.state != "issued" or row.corrects or row.open >= row.gross - row.credited
        else money(row.gross - row.credited - row.open),
        "credited": money(row.credited) if row.credited.minor else "",
        "corrects": row.corrects
        and {"number": row.corrects.number, "href": reverse("console:invoice", args=[row.corrects.id])},
    }


def _judged(
    one: read.InvoiceDetail, findings: list[inbox.FindingLine], holds: list[dict[str, Any]]
) -> dict[str, str]:
    row = one.invoice
    standing = [each for each in findings if each.closed_at is None]
    if row.held:
        return {"tone": "held", "word": _("Held."), "sentence": " ".join(each["reason"] for each in holds)}
    if standing:
        said = ngettext("%(n)s difference was found.", "%(n)s differences were found.", len(standing))
        return {"tone": "attention", "word": _("Attention."), "sentence": said % {"n": len(standing)}}
    if row.state == "draft":
        return {
            "tone": "",
            "word": _("Draft."),
            "sentence": _("It becomes an invoice once a person approves it.")
            if row.corrects is None
            else _("It becomes a credit note once a person approves it."),
        }
    if row.state == "closed":
        return {
            "tone": "verified",
            "word": _("Closed."),
            "sentence": _("Nothing was due: there is no document."),
        }
    pushed = inbox.pushes([row.id]).get(row.id)
    if pushed is not None and pushed.compared:
        return {"tone": "verified", "word": _("Verified."), "sentence": _("Every compared side agrees.")}
    return {"tone": "", "word": _("Issued."), "sentence": _("It was not compared with a platform yet.")}


def _push(
    pushed: inbox.PushLine | None, findings: list[inbox.FindingLine], request: HttpRequest, zone: str
) -> dict[str, Any] | None:
    if pushed is None:
        return None
    missing = next((each for each in findings if each.closed_at is None and each.kind == "missing"), None)
    theirs = next((each.theirs for each in findings if each.closed_at is None and each.theirs), None)
    again = missing is not None and may(request, "push_again")
    return {
        "state": pushed.state,
        "platform": pushed.connector,
        "reference": pushed.platform_id,
        "theirs": amount_of(theirs) if theirs else "",
        "at": moment(pushed.acknowledged_at, zone),
        "attempts": pushed.attempts,
        "remedy": {
            "action": "push_again",
            "url": reverse("console:remedy", args=[missing.id, "push_again"]),
        }
        if again and missing
        else None,
    }


def amount_of(fact: Mapping[str, Any]) -> str:
    """Write the amount of a stored fact, "" where it says none."""
    amount = fact.get("amount")
    return money(int(amount["minor"]), amount["currency"]["code"]) if isinstance(amount, dict) else ""


def _history(one: read.InvoiceDetail, pushed: inbox.PushLine | None, zone: str) -> list[dict[str, str]]:
    row = one.invoice
    issued = row.state == "issued"
    approved = row.approved or issued

    def step(what: str, *, done: bool, now: bool = False, when: str = "", who: str = "") -> dict[str, str]:
        state = "done" if done else "stopped" if now and row.held else "now" if now else "todo"
        return {"step": state, "what": what, "when": when, "who": who, "href": ""}

    return [
        step(
            _("Drafted"), done=True, when=_at(row.due_at if row.kind == "invoice" else row.created_at, zone)
        ),
        step(_("Approved"), done=approved, now=not approved, who=who(one.approved_by)),
        step(_("Issued"), done=issued, now=approved and not issued, when=day(row.issue_date)),
        step(
            _("Pushed to the platform"),
            done=pushed is not None and pushed.acknowledged_at is not None,
            now=issued and pushed is not None,
            when=moment(pushed.acknowledged_at, zone) if pushed else "",
        ),
        step(pgettext("invoice", "Paid"), done=row.status == "paid"),
    ]


def _at(instant: datetime, zone: str) -> str:
    return moment(instant, zone)


def _issue_url(request: HttpRequest, row: read.InvoiceRow) -> str:
    """Return where the draft is approved as it is shown: the address carries its digest."""
    if (
        row.state != "draft"
        or row.held
        or row.missing
        or not (may(request, "approve") and may(request, "issue"))
    ):
        return ""
    return f"{reverse('console:issue', args=[row.id])}?seen={row.digest}"
