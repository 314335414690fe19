"""Rows of the read side as the templates take them: every figure a text, every thing a link."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abaque.core.money import Currency
from abaque.core.period import local_day, local_midnight
from abaque.core.pricing import Step
from abaque.documents.words import step_sentence
from abaque.storage.read import customers_page
from abaque.storage.read.inbox import FindingLine, HoldLine, PushLine
from abaque.storage.read.invoices import InvoiceRow, TaxRow
from abaque.storage.read.review import ListedInvoice
from abaque.web.figures import day, exact_money, lang, moment, money, percent, quantity, span

Figure = dict[str, str]
PAGE = 50


def figure(text: str, href: str = "") -> Figure:
    """Return a figure: a text that leads to what it is made of."""
    return {"text": text, "href": href}


def moneys(amounts: Mapping[str, int]) -> str:
    """Write amounts of several currencies side by side: they never meet in one sum."""
    return " + ".join(money(minor, code) for code, minor in sorted(amounts.items()))


def with_query(name: str, *args: str, **query: str) -> str:
    """Return a console address with a query of what is not empty."""
    said = urlencode({key: value for key, value in query.items() if value})
    return reverse(f"console:{name}", args=args) + (f"?{said}" if said else "")


def pages(
    request: HttpRequest, number: int, shown: int, *, more: bool, total: int | None = None
) -> dict[str, Any]:
    """Return the links to the pages beside this one."""

    def at(page: int) -> str:
        query = request.GET.copy()
        query["page"] = str(page)
        return f"{request.path}?{query.urlencode()}"

    first = (number - 1) * PAGE + 1
    return {
        "previous": at(number - 1) if number > 1 else "",
        "next": at(number + 1) if more else "",
        "shown": f"{quantity(first)}–{quantity(first + shown - 1)}" if shown else "",
        "total": total,
    }


def page_number(request: HttpRequest) -> int:
    """Return which page is asked for; nonsense asks for the first."""
    asked = request.GET.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) <= len("100000") else 1


def options(found: Iterable[tuple[str, str]], chosen: str) -> list[dict[str, Any]]:
    """Return the choices of a filter."""
    return [{"value": value, "word": word, "chosen": value == chosen} for value, word in found]


def event_href(source: str, id_: str) -> str:
    """Return the address of an event, whose identity may hold any character."""
    return with_query("event", source=source, id=id_)


def invoice_rows(
    rows: Sequence[InvoiceRow | ListedInvoice], pushed: Mapping[str, PushLine]
) -> list[dict[str, Any]]:
    """Return invoices for `components/invoices.html`."""
    zones = customers_page.zones(row.customer_id for row in rows)
    return [
        {
            "href": reverse("console:invoice", args=[row.id]),
            "number": row.number or "",
            "kind": row.kind,
            "customer": row.customer_name or row.customer,
            "customer_href": reverse("console:customer", args=[row.customer_id]),
            "date": day(row.issue_date),
            "period": span(row.period_start, row.period_end, zones[row.customer_id]),
            "net": money(row.net),
            "gross": money(row.gross),
            "state": row.status,
            "push": pushed[row.id].state if row.id in pushed else "",
        }
        for row in rows
    ]


def who(actor: str) -> str:
    """Name whoever acted, as an action keeps it (`staff:lea@…`, `key:…`, `system:abaque`)."""
    kind, _colon, name = actor.partition(":")
    if kind == "system":
        return "Abaque"
    return _("API key %(name)s") % {"name": name} if kind == "key" else name or actor


def sides(check: str) -> tuple[str, str]:
    """Return the names of both sides of a check, ours first: a check is called `ours ↔ theirs`."""
    words = {
        "totals": _("Control total"),
        "events": _("Raw events"),
        "usage": _("Usage"),
        "invoices": _("Invoices"),
    }
    left, _arrow, right = check.partition(" ↔ ")
    if right == "habit":
        return words["events"], _("Habit")
    # Usage is what we counted, whether the product's total, the events or the invoice stand against it.
    if left in {"totals", "events"}:
        return words["usage"], words[left]
    if (left, right) == ("usage", "invoices"):
        return words["invoices"], words["usage"]
    return words.get(left, left), words.get(right, right.capitalize())


def hold_reason(hold: HoldLine) -> str:
    """Say why a hold stands: a person's own words, or the difference behind it."""
    if not hold.finding:
        return hold.reason
    kind = str(get_template("words/finding_kind.html").render({"kind": hold.kind})).strip()
    here, there = sides(hold.check)
    said = {"here": here, "there": there, "kind": kind, "subject": hold.subject}
    if hold.subject:
        return _("Reconciliation of %(here)s and %(there)s: %(kind)s (%(subject)s).") % said
    return _("Reconciliation of %(here)s and %(there)s: %(kind)s.") % said


def hold_row(hold: HoldLine, release: Callable[[str], str], zone: str) -> dict[str, Any]:
    """Return a hold for `components/hold.html`. `release`: the address to release it, "" if the reader may not."""
    kind, _colon, subject = hold.scope.partition(":")
    words = {
        "customer": hold.customer,
        "everything": pgettext("hold", "everything"),
        "invoice": subject,
        "meter": _("Meter %(name)s") % {"name": subject},
        "connector": _("Platform %(name)s") % {"name": subject.capitalize()},
    }
    hrefs = {
        "customer": reverse("console:customer", args=[hold.customer_id]) if hold.customer_id else "",
        "invoice": reverse("console:invoice", args=[subject]) if subject else "",
        "meter": f"{reverse('console:meters')}#meter-{subject}",
    }
    return {
        "id": hold.id,
        "scope": words.get(kind) or hold.scope,
        "scope_href": hrefs.get(kind, ""),
        "stops": hold.stops,
        "reason": hold_reason(hold),
        "owner": hold.owner,
        "since": moment(hold.raised_at, zone),
        "last_day": day(hold.last_day),
        "finding_href": reverse("console:inbox") + f"#finding-{hold.finding}" if hold.finding else "",
        "amount": moneys(hold.net),
        "release_url": release(hold.id),
    }


def stretch(start: datetime, end: datetime, zone: str) -> str:
    """Write a span as its days where it begins and ends at midnights of a zone, else with its times."""
    if all(local_midnight(local_day(at, zone), zone) == at for at in (start, end)):
        return span(start, end, zone)
    if end - start == timedelta(hours=1):
        return moment(start, zone)
    return f"{moment(start, zone)} – {moment(end, zone)}"


def silence_subject(row: FindingLine) -> str:
    """Name who is silent: a source, a type of events, a customer, or very many of them."""
    kind, _space, name = row.subject.partition(" ")
    if name == "*":
        return {"source": _("Many sources"), "type": _("Many types of events")}.get(kind) or _(
            "Many customers"
        )
    words = {"source": _("Source %(name)s"), "type": _("Events of type %(name)s")}
    return (words.get(kind) or "%(name)s") % {"name": row.customer or name}


def impact(finding: FindingLine) -> str:
    """Write what a finding is worth; nothing where no price is known."""
    return money(finding.impact, finding.currency) if finding.currency else ""


def steps(found: Sequence[Step], of: Currency) -> list[dict[str, str]]:
    """Return rating steps for `words/step.html`: exact figures as text."""
    return [
        {
            "kind": step.kind,
            "quantity": quantity(step.quantity),
            "unit": "" if step.unit is None else exact_money(step.unit, of.code),
            "amount": exact_money(step.amount, of.code),
            "first": "" if step.first is None else quantity(step.first),
            "last": "" if step.last is None else quantity(step.last),
            "said": step_sentence(step, of, {}, lang()),
        }
        for step in found
    ]


def missing_fields(codes: Iterable[str]) -> list[str]:
    """Return the legal fields that are missing as `words/missing.html` names them: an address is one."""
    words = {"name": "legal_name", "street": "address"}
    parted = (code.partition(".") for code in codes)
    return [f"{party}.{words.get(field, field)}" for party, _dot, field in parted]


def exact_sum(found: Sequence[Step], of: Currency) -> str:
    """Write the sum of the steps before it is rounded to the line's amount."""
    return exact_money(sum((step.amount for step in found), Decimal(0)), of.code)


def taxes(found: Sequence[TaxRow], mention: Callable[[str], str]) -> list[dict[str, str]]:
    """Return the tax groups of an invoice. `mention` says a legal mention by its key."""
    names = {"AE": _("Reverse charge"), "O": _("Outside the scope of VAT"), "E": _("Exempt from VAT")}
    return [
        {
            "name": names.get(tax.category) or _("VAT %(rate)s") % {"rate": percent(tax.percent)},
            "base": money(tax.base),
            "tax": money(tax.tax),
            "mention": mention(tax.mention) if tax.mention else "",
        }
        for tax in found
    ]


def named(names: Mapping[str, str], fallback: str = "") -> str:
    """Return a name in the reader's language, else in English, else what stands for it."""
    return names.get(lang()) or names.get("en") or fallback


def took(start: datetime, end: datetime | None) -> str:
    """Write how long something took, in seconds or minutes."""
    if end is None:
        return ""
    seconds = int((end - start).total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"  # noqa: PLR2004  # two minutes read better as minutes
