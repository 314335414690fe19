"""Customers and one customer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from abaque.billing.estimate import Estimate, estimate, estimates
from abaque.billing.holding import ACTIONS, last_lawful_day
from abaque.billing.offers import plan_of, terms_of
from abaque.billing.parties import legal_identity
from abaque.billing.portal_link import new_link
from abaque.billing.release import RaiseHold, hold
from abaque.catalogue import load_meter
from abaque.core.invoicing import required_fields
from abaque.core.period import local_day
from abaque.core.tax import Treatment
from abaque.storage import clock
from abaque.storage.models import Customer
from abaque.storage.read import customers_page as read
from abaque.storage.read import inbox
from abaque.storage.read.invoices import InvoiceFilter, list_invoices
from abaque.storage.read.portal import by_day, certainty, meters
from abaque.web.console.access import act, actor, may, release_address, staff, tried
from abaque.web.console.wording import (
    PAGE,
    figure,
    hold_row,
    invoice_rows,
    missing_fields,
    named,
    page_number,
    pages,
    with_query,
)
from abaque.web.figures import day, moment, money, quantity, span

PORTAL_HOURS = 72
_INVOICES_SHOWN = 24


@staff
def customers(request: HttpRequest) -> HttpResponse:
    now, number = clock.now(), page_number(request)
    query = request.GET.get("query", "").strip().replace("\x00", "")
    rows, total = read.customers(query, now.date(), now, offset=(number - 1) * PAGE, limit=PAGE)
    expected = estimates(list(read.records([row.number for row in rows]).values()), now)
    return render(
        request,
        "console/customers.html",
        {
            "query": query,
            "total": total,
            "page": pages(request, number, len(rows), more=number * PAGE < total, total=total),
            "customers": [_line(row, expected[row.number]) for row in rows],
        },
    )


def _line(row: read.CustomerLine, expected: Estimate) -> dict[str, Any]:
    href = reverse("console:customer", args=[row.id])
    last = "" if row.last_gross is None else money(row.last_gross, row.currency)
    return {
        "href": href,
        "name": row.name,
        "number": row.external_id,
        "plan": named(row.plan, row.plan.get("", "")),
        "upcoming": figure(money(expected.net), f"{href}#usage"),
        "last_invoice": figure(
            last, reverse("console:invoice", args=[row.last_invoice]) if row.last_invoice else ""
        ),
        "overdue": money(row.overdue, row.currency) if row.overdue > 0 else "",
        "holds": row.holds,
    }


@staff
def customer(request: HttpRequest, customer: str) -> HttpResponse:
    one = _one(customer)
    now = clock.now()
    rows = list_invoices(InvoiceFilter(customer=one.public_id), today=now.date(), limit=_INVOICES_SHOWN).items
    scopes = ("everything", f"customer:{one.public_id}", *(f"invoice:{row.id}" for row in rows))
    link = request.session.pop(f"portal_link/{one.public_id}", None)
    missing = required_fields(legal_identity(one.issuer), legal_identity(one), Treatment(one.tax))
    return render(
        request,
        "console/customer.html",
        {
            "customer": _identity(one),
            "missing": missing_fields(missing),
            "verdict": _verdict(one),
            "subscriptions": [_subscription(each, now) for each in read.subscriptions(one)],
            "usage": _usage(one, now),
            "invoices": invoice_rows(rows, inbox.pushes([row.id for row in rows])),
            "holds": [
                hold_row(each, release_address(request), one.zone) for each in inbox.holds("scopes", scopes)
            ],
            "portal": {
                "create_url": reverse("console:portal_link", args=[one.public_id]),
                "may": may(request, "portal_link"),
                "link": link["url"] if link else "",
                "expires": moment(datetime.fromisoformat(link["expires"]), one.zone) if link else "",
            },
            "hold_url": reverse("console:hold_customer", args=[one.public_id])
            if may(request, "hold")
            else "",
        },
    )


@staff
@require_POST
def portal_link(request: HttpRequest, customer: str) -> HttpResponse:
    """Make a link to the customer's portal and show it once."""
    one = _one(customer)
    url = tried(
        request, lambda: new_link(one.public_id, now=clock.now(), by=actor(request), hours=PORTAL_HOURS)
    )
    if url is not None:
        # Shown on the next page only; links expire by the real clock, also in a test folder.
        expires = datetime.now(UTC) + timedelta(hours=PORTAL_HOURS)
        request.session[f"portal_link/{one.public_id}"] = {"url": url, "expires": expires.isoformat()}
    return redirect("console:customer", one.public_id)


@staff
@require_POST
def hold_customer(request: HttpRequest, customer: str) -> HttpResponse:
    """Stop billing of one customer by hand."""
    one = _one(customer)
    asked = request.POST.get("last_day", "")
    try:
        last_day = date.fromisoformat(asked) if asked else last_lawful_day(local_day(clock.now(), one.zone))
    except ValueError:
        messages.error(request, _("This is not a day: %(given)s") % {"given": asked})
        return redirect("console:customer", one.public_id)
    command = RaiseHold(
        scope=f"customer:{one.public_id}",
        stops=tuple(request.POST.getlist("stops")) or ACTIONS,
        reason=request.POST.get("reason", ""),
        last_day=last_day,
    )
    act(request, hold, command, done=_("Billing of this customer is held."))
    return redirect("console:customer", one.public_id)


def _one(public_id: str) -> Customer:
    found = read.record(public_id)
    if found is None:
        raise Http404
    return found


def _identity(one: Customer) -> dict[str, Any]:
    term = one.payment_term_days if one.payment_term_days is not None else one.issuer.payment_term_days
    contacts = [
        {"name": each.get("name", ""), "email": each.get("email", "")}
        for each in one.contacts
        if isinstance(each, dict)
    ]
    town = " ".join(part for part in (one.postcode, one.city) if part)
    return {
        "name": one.legal_name or one.external_id,
        "number": one.external_id,
        "legal_name": one.legal_name,
        "company_number": one.company_number,
        "vat_number": one.vat_number,
        "language": one.language,
        "zone": one.zone,
        "currency": one.currency,
        "payment_term_days": term,
        "address": [line for line in (*one.street.splitlines(), town, one.country) if line],
        "subjects": read.subjects(one),
        "contacts": contacts or ([{"name": "", "email": one.email}] if one.email else []),
    }


def _verdict(one: Customer) -> dict[str, Any]:
    found = read.unmatched(one)
    tone = "held" if found.holds else "attention" if found.invoices else "verified"
    return {
        "tone": tone,
        "open_holds": found.holds,
        "unmatched": found.invoices,
        "href": "#holds" if found.holds else "#invoices",
    }


def _subscription(each: Any, now: datetime) -> dict[str, Any]:
    plan, terms, zone = plan_of(each), terms_of(each), each.customer.zone
    state = "active"
    if terms.first > now:
        state = "future"
    elif terms.last is not None and terms.last <= now:
        state = "ended"
    period = terms.cycle.period(terms.cycle.index_of(max(now, terms.first)))
    return {
        "plan": named(plan.names, plan.code),
        "plan_href": f"{reverse('console:meters')}#plan-{plan.code}",
        "version": str(plan.version),
        "start": day(each.starts_at, zone),
        "end": day(each.ends_at, zone),
        "period": span(period.start, period.end, zone),
        "closes": day(period.end, zone),
        "state": state,
    }


def _usage(one: Customer, now: datetime) -> dict[str, Any] | None:
    expected = estimate(one, now)
    period = expected.period
    codes = [part.charge.meter for part in expected.parts if part.charge.meter]
    counted = meters(codes, one.pk, (period.start, period.end))
    used = by_day(counted, one.pk, [period.start, period.end])
    if not expected.parts and not any(found.quantity or found.not_billed for found in used.values()):
        return None
    parts = {part.charge.meter: part for part in expected.parts if part.charge.meter}
    rows = []
    for meter in counted:
        entry, part = load_meter(meter.definition), parts.get(meter.code)
        query = {"customer": one.public_id, "meter": meter.code}
        rows.append(
            {
                "name": named(entry.names, meter.code),
                "unit": named(entry.units),
                "included": quantity(part.allowance) if part and part.allowance is not None else "",
                "quantity": figure(
                    quantity(used[meter.id].quantity), with_query("events", fate="counted", **query)
                ),
                "not_billed": figure(
                    quantity(used[meter.id].not_billed), with_query("events", fate="not_billable", **query)
                ),
                "net": figure(
                    money(part.net) if part else "", f"{reverse('console:meters')}#meter-{meter.code}"
                ),
            }
        )
    return {
        "period": span(period.start, period.end, one.zone),
        "state": certainty(counted, one.pk, period.start, period.end),
        "upcoming": money(expected.net),
        "meters": rows,
    }
