"""Invoices: reading, explaining, approving, issuing; and the pass of the billing clock that drafts them."""

# ruff: noqa: ARG001  # ninja hands every operation its request, by that name

import json
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.responses import Status

from abaque.api.answered import PageOut, RunOut
from abaque.api.answered_invoices import ExplainedOut, InvoiceDetailOut, InvoiceOut, IssuedOut
from abaque.api.asked import ApproveIn, CloseIn, ExplainAsked, InvoicesAsked
from abaque.api.doing import do, idempotency_key, refuse_other_use
from abaque.api.keys import READ, Key, caller
from abaque.api.refusals import Problem
from abaque.billing.approve import Approve, approve
from abaque.billing.close_period import close
from abaque.billing.issue import Issue, issue, issue_approved
from abaque.billing.runner import Refused
from abaque.documents.words import languages, step_sentence
from abaque.storage import clock
from abaque.storage.read import explain as explaining
from abaque.storage.read import invoices
from abaque.storage.read import proof as proving
from abaque.storage.read.explain import LineExplained
from abaque.storage.read.invoices import InvoiceDetail, InvoiceFilter, InvoiceRow

router = Router(tags=["invoices"])


@router.get("/invoices", auth=READ, response=PageOut[InvoiceOut])
def get_invoices(request: HttpRequest, asked: Query[InvoicesAsked]) -> Any:
    """List invoices and drafts, newest first."""
    only = InvoiceFilter(
        asked.customer, asked.state, asked.held, asked.number, asked.period_from, asked.period_to, asked.kind
    )
    return invoices.list_invoices(only, today=clock.now().date(), limit=asked.limit, cursor=asked.cursor)


@router.get("/invoices/{invoice_id}", auth=READ, response=InvoiceDetailOut)
def get_invoice(request: HttpRequest, invoice_id: str) -> Any:
    """Return one invoice with its lines, taxes and the holds that touch it, by public id or number."""
    return _detail(_one(invoice_id))


@router.get("/invoices/{invoice_id}/explain", auth=READ, response=ExplainedOut)
def get_explanation(request: HttpRequest, invoice_id: str, asked: Query[ExplainAsked]) -> Any:
    """Explain an invoice: lines, rating steps in words, hours and, if asked, raw events; each level adds up."""
    found = explaining.explain(
        invoice_id, line=asked.line, events=asked.events, limit=asked.limit, cursor=asked.cursor
    )
    if found is None:
        raise Problem(404, "unknown_invoice")
    return {"invoice": found.invoice, "lines": [_line(line) for line in found.lines]}


@router.get("/invoices/{invoice_id}/pdf", auth=READ, openapi_extra={"responses": {200: {
    "description": "The document, as it was issued", "content": {"application/pdf": {}},
}}})  # fmt: skip
def get_pdf(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """Return the stored bytes of an issued document."""
    found = invoices.document_of(invoice_id)
    if found is None:
        known = _one(invoice_id)
        if known.invoice.state == "issued":
            detail = "The document is being rendered. Ask again in a few seconds."
            raise Problem(404, "document_not_ready", detail, Retry_After="2")
        raise Problem(404, "no_document", "Only an issued invoice has a document.")
    content, media_type, name = found
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name.replace("/", "-")}.pdf"'
    return response


@router.get("/invoices/{invoice_id}/lines/{line}/events.csv", auth=READ, openapi_extra={"responses": {200: {
    "description": "One row per event: id, source, time, reference, quantity", "content": {"text/csv": {}},
}}})  # fmt: skip
def get_line_events(request: HttpRequest, invoice_id: str, line: int) -> HttpResponse:
    """Return the events of a line as CSV: one row each, that add up to the line. Its hours must be sealed."""
    response = HttpResponse(proving.events_csv(invoice_id, line), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{invoice_id.replace("/", "-")}-{line}.csv"'
    return response


@router.get("/invoices/{invoice_id}/lines/{line}/proof", auth=READ, openapi_extra={"responses": {200: {
    "description": "The events, nodes and paths of the line", "content": {"application/json": {}},
}}})  # fmt: skip
def get_line_proof(request: HttpRequest, invoice_id: str, line: int) -> HttpResponse:
    """Return the proof of a line, which `/static/check_proof.py` checks away from here. Its hours must be sealed."""
    response = HttpResponse(json.dumps(proving.proof(invoice_id, line)), content_type="application/json")
    response["Content-Disposition"] = (
        f'attachment; filename="{invoice_id.replace("/", "-")}-{line}.proof.json"'
    )
    return response


@router.post("/invoices/{invoice_id}/approve", auth=Key("approve"), response=InvoiceDetailOut)
def post_approval(request: HttpRequest, invoice_id: str, body: ApproveIn) -> Any:
    """Approve a draft as it was seen. A draft that changes afterwards comes back to review."""
    row = _one(invoice_id).invoice
    do(request, approve, Approve(row.id, body.digest))
    return _detail(_one(row.id))


@router.post("/invoices/{invoice_id}/issue", auth=Key("issue"), response=IssuedOut)
def post_issue(request: HttpRequest, invoice_id: str) -> Any:
    """Issue an approved draft: number, date, postings. An issued one answers with its number."""
    row = _one(invoice_id).invoice
    command = Issue(row.id)
    refuse_other_use(request, issue, command)
    done = issue_approved(now=clock.now(), by=caller(request), only=[row.id])
    for kept in done["kept"]:
        params = kept["params"]
        raise Refused(str(kept["code"]), **(params if isinstance(params, dict) else {}))
    # What was issued just now or before answers with its number; what was not approved is refused.
    return do(request, issue, command)


@router.post("/close", auth=Key("close_period"), response={201: RunOut})
def post_close(request: HttpRequest, body: CloseIn) -> Any:
    """Draft everything that falls due until then. Twice changes nothing."""
    idempotency_key(request)
    return Status(201, close(body.until, now=clock.now(), by=caller(request)))


def _one(invoice: str) -> InvoiceDetail:
    found = invoices.one_invoice(invoice, today=clock.now().date())
    if found is None:
        raise Problem(404, "unknown_invoice")
    return found


def _fields(row: object) -> dict[str, Any]:
    return {name: getattr(row, name) for name in type(row).__dataclass_fields__}  # type: ignore[attr-defined]  # a row


def _detail(found: InvoiceDetail) -> dict[str, Any]:
    row: InvoiceRow = found.invoice
    beside = {name: value for name, value in _fields(found).items() if name != "invoice"}
    return {**_fields(row), **beside}


def _line(line: LineExplained) -> dict[str, Any]:
    steps = [
        {
            **_fields(step),
            "words": {lang: step_sentence(step, line.net.currency, line.unit, lang) for lang in languages()},
        }
        for step in line.steps
    ]
    events = line.events and [{**_fields(event), "data": _json(event.data)} for event in line.events]
    return {**_fields(line), "steps": steps, "events": events}


def _json(value: Any) -> Any:
    """Return data as JSON: a decimal is a number where readers keep all its digits, else a string."""
    if isinstance(value, dict):
        return {name: _json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_json(inner) for inner in value]
    if isinstance(value, Decimal):
        # The only float of the house: it is printed, never computed with.
        return float(value) if Decimal(repr(float(value))) == value else f"{value:f}"
    return value
