"""The customer's pages: usage, invoices, what failed and is not billed. One customer only."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.shortcuts import render as rendered
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abaque.billing.documenting import unit_names
from abaque.billing.portal_link import read_token
from abaque.billing.runner import Refused
from abaque.core.period import Span, local_day, parse_instant
from abaque.documents.mentions import mention
from abaque.storage import clock
from abaque.storage.models import Customer
from abaque.storage.read import explain as reading
from abaque.storage.read import front, portal
from abaque.storage.read import invoices as read
from abaque.web.console.invoices import document, line_words
from abaque.web.console.wording import exact_sum, named, steps, taxes
from abaque.web.figures import counted, day, lang, moment, money, quantity, second, span
from abaque.web.portal.access import expired, for_customer, open_portal
from abaque.web.portal.usage import usage_of
from abaque.web.proofs import line_csv, line_proof, provable

_BILLS_SHOWN = 60


@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Turn a signed link into a cookie, so that the link itself does not stay in the address."""
    try:
        customer = read_token(token)
    except Refused:
        return expired(request)
    if portal.customer_number(customer) is None:
        return expired(request)
    response = redirect("portal:home")
    open_portal(response, customer)
    return response


@require_safe
@for_customer
def home(request: HttpRequest, customer: Customer) -> HttpResponse:
    now = clock.now()
    used = usage_of(customer, now, lang())
    period = Span(parse_instant(used["period"]["start"]), parse_instant(used["period"]["end"]))
    bills = portal.bills(customer.pk, limit=_BILLS_SHOWN)
    return _page(
        request,
        customer,
        "portal/home.html",
        {
            "usage": _usage(used, customer, period),
            "failures": [
                {
                    "time": second(each.time, customer.zone),
                    "what": each.type,
                    "reason": each.reason,
                    "reference": each.id,
                }
                for each in portal.failures(customer.pk, period.start, period.end)
            ],
            "failures_count": portal.failures_count(customer.pk, period.start, period.end),
            "verifying": _verifying(bills, customer),
            "invoices": [_bill(each, customer) for each in bills if each.state == "issued" or each.held],
        },
    )


@require_safe
@for_customer
def usage(request: HttpRequest, customer: Customer) -> JsonResponse:
    """Return the live usage as the component reads it."""
    del request
    return JsonResponse(usage_of(customer, clock.now(), lang()))


@require_safe
@for_customer
def invoice(request: HttpRequest, customer: Customer, invoice: str) -> HttpResponse:
    """Explain one invoice to its customer."""
    _own(customer, invoice)
    today = local_day(clock.now(), customer.zone)
    one = read.one_invoice(invoice, today=today)
    explained = reading.explain(invoice)
    if one is None or explained is None:
        raise Http404
    row = one.invoice
    if row.state == "draft" and not row.held:
        # A draft under review is ours alone; while it is verified the customer may see why it is late.
        raise Http404
    return _page(
        request,
        customer,
        "portal/invoice.html",
        {
            "invoice": {
                "number": row.number or "",
                "kind": row.kind,
                "corrects": row.corrects
                and {
                    "number": row.corrects.number,
                    "href": reverse("portal:invoice", args=[row.corrects.id]),
                },
                "date": day(row.issue_date),
                "due": day(row.payment_due),
                "period": span(row.period_start, row.period_end, customer.zone),
                "net": money(row.net),
                "tax": money(row.tax),
                "gross": money(row.gross),
                "state": _state(row.status, issued=row.state == "issued"),
                "pdf_href": reverse("portal:pdf", args=[row.id]) if one.has_document else "",
                "specimen": front.is_test_folder(),
            },
            "lines": [_line(line, row, customer) for line in explained.lines],
            "taxes": taxes(one.taxes, lambda key: mention(key, row.issue_date or today, lang())),
        },
    )


@require_safe
@for_customer
def pdf(request: HttpRequest, customer: Customer, invoice: str) -> HttpResponse:
    """Hand over the customer's own document."""
    del request
    _own(customer, invoice)
    return document(invoice)


@require_safe
@for_customer
def csv_of_line(request: HttpRequest, customer: Customer, invoice: str, line: int) -> HttpResponse:
    """Hand over the events of a line of the customer's own."""
    del request
    _own(customer, invoice)
    return line_csv(invoice, line)


@require_safe
@for_customer
def proof_of_line(request: HttpRequest, customer: Customer, invoice: str, line: int) -> HttpResponse:
    """Hand over the proof of a line of the customer's own."""
    del request
    _own(customer, invoice)
    return line_proof(invoice, line)


def _own(customer: Customer, invoice: str) -> None:
    """Refuse another customer's address (403), whether or not it exists."""
    if portal.owner_of(invoice) != customer.public_id:
        raise PermissionDenied


def _page(request: HttpRequest, customer: Customer, template: str, context: dict[str, Any]) -> HttpResponse:
    return rendered(
        request,
        template,
        context
        | {
            "issuer_name": customer.issuer.legal_name or customer.issuer.external_id,
            "customer_name": customer.legal_name or customer.external_id,
            "contact_email": customer.issuer.email,
        },
    )


def _usage(used: dict[str, Any], customer: Customer, period: Span) -> dict[str, Any]:
    upcoming = used["upcoming_net"]
    return {
        "src": reverse("portal:usage"),
        "stream": "/portal/stream",
        "period": span(period.start, period.end, customer.zone),
        "upcoming": money(upcoming["amount"], upcoming["currency"]),
        "as_of": moment(parse_instant(used["as_of"]), customer.zone),
        "state": used["state"],
        "meters": [
            {
                "name": each["name"],
                "unit": each["unit"],
                "quantity": quantity(each["quantity"]),
                "included": quantity(each["included"]),
                "not_billed": quantity(each["not_billed"]),
            }
            for each in used["meters"]
        ],
    }


def _verifying(bills: Sequence[portal.Bill], customer: Customer) -> str:
    """Say which invoices are late since they are being verified: a customer is never told of a "hold"."""
    held = [each for each in bills if each.held and each.state == "draft"]
    if not held:
        return ""
    start, end = min(each.period_start for each in held), max(each.period_end for each in held)
    return _("Your invoice for %(period)s follows as soon as its figures are confirmed.") % {
        "period": span(start, end, customer.zone)
    }


def _bill(each: portal.Bill, customer: Customer) -> dict[str, Any]:
    return {
        "href": reverse("portal:invoice", args=[each.id]),
        "number": each.number,
        "kind": each.kind,
        "date": day(each.issue_date),
        "period": span(each.period_start, each.period_end, customer.zone),
        "net": money(each.net, each.currency),
        "gross": money(each.gross, each.currency),
        "due": day(each.payment_due),
        "state": _state(each.status(local_day(clock.now(), customer.zone)), issued=each.state == "issued"),
        "pdf_href": reverse("portal:pdf", args=[each.id]) if each.has_document else "",
    }


def _state(status: str, *, issued: bool) -> str:
    """Return the state in the customer's words: what is held after issue is simply to be paid."""
    return "open" if status == "held" and issued else status


def _line(line: reading.LineExplained, row: read.InvoiceRow, customer: Customer) -> dict[str, Any]:
    of = row.net.currency
    return {
        "number": line.position,
        "name": named(line.names, line.charge),
        "period": span(line.starts_at, line.ends_at, customer.zone),
        "quantity": counted(line.quantity, named(unit_names(line.meter))) if line.meter else "",
        "net": money(line.net),
        "words": line_words(line, row, customer.zone),
        "steps": steps(line.steps, of),
        "exact": exact_sum(line.steps, of),
        "days": _days(line, customer),
        "not_billed": quantity(line.not_billable) if line.not_billable else "",
        "question_href": _question(line, row, customer),
        "csv_href": reverse("portal:line_csv", args=[row.id, line.position]) if provable(line) else "",
        "proof_href": reverse("portal:line_proof", args=[row.id, line.position]) if provable(line) else "",
    }


def _days(line: reading.LineExplained, customer: Customer) -> list[dict[str, Any]]:
    """Return the line's hours by local day; a maximum is the day's largest, everything else adds up."""
    found: dict[Any, list[reading.HourRow]] = {}
    for hour in line.hours:
        found.setdefault(local_day(hour.hour, customer.zone), []).append(hour)
    fold = max if line.adds_up_by == "max" else sum
    return [
        {
            "day": day(each),
            "quantity": quantity(fold(Decimal(hour.quantity) for hour in hours)),
            "events": sum(hour.events for hour in hours),
        }
        for each, hours in found.items()
    ]


def _question(line: reading.LineExplained, row: read.InvoiceRow, customer: Customer) -> str:
    """Return how the customer asks about a line: a letter to the issuer that names it."""
    if not customer.issuer.email:
        return ""
    said = (
        _("Credit note %(number)s, line %(line)s") if row.corrects else _("Invoice %(number)s, line %(line)s")
    )
    subject = said % {"number": row.number or row.id, "line": line.position}
    return f"mailto:{customer.issuer.email}?subject={quote(subject)}"
