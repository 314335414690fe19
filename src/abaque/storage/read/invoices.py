"""Invoices as people and machines see them, with the states that are derived and never stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Concat, Substr

from abaque.core.fault import Fault
from abaque.core.money import Money, currency
from abaque.core.pricing import Step
from abaque.storage.models import Document, Hold, Invoice, InvoiceLine, Posting
from abaque.storage.read.paging import LIMIT_MAX, Page, bounded, decode, page_of

STATES = ("draft", "issued", "closed")
STATUSES = ("draft", "held", "open", "part_paid", "paid", "overdue", "cancelled", "credit_note", "closed")


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier invoice that a credit note corrects, or that a line bills more for; no number if closed at zero."""

    id: str
    number: str | None


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice, or a credit note that `corrects` one. `state` is stored, `status` derived: one of `STATUSES`.

    `kind` is `invoice`, `closing` (of late usage that no invoice follows) or `credit_note`, whose amounts are
    positive: they are given back. `open` is what is still to pay by the ledger, `credited` what issued credit notes
    gave back of the gross. `digest` (hex) is what an approval binds; `approved` says
    that somebody approved just this draft. `missing` names the legally required fields that keep it a draft.
    """

    id: str
    number: str | None
    kind: str
    corrects: Earlier | None
    state: str
    status: str
    held: bool
    approved: bool
    customer: str
    customer_id: str
    customer_name: str
    issuer: str
    subscription: str
    period_start: datetime
    period_end: datetime
    due_at: datetime
    created_at: datetime
    net: Money
    tax: Money
    gross: Money
    open: Money
    credited: Money
    missing: tuple[str, ...]
    digest: str
    issue_date: date | None
    payment_due: date | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TaxRow:
    """Tax of one category (EN 16931) and rate on the sum of its net lines."""

    category: str
    percent: Decimal
    base: Money
    tax: Money
    mention: str | None


@dataclass(frozen=True, slots=True)
class LineRow:
    """`quantity` is None for a fixed fee. The span is the service period of the line.

    `earlier` is the invoice that billed the span before; a `revision` above zero bills more of it.
    """

    position: int
    charge: str
    revision: int
    earlier: Earlier | None
    names: Mapping[str, str]
    meter: str
    starts_at: datetime
    ends_at: datetime
    quantity: Decimal | None
    net: Money
    tax_category: str
    tax_percent: Decimal
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class HoldOn:
    """A standing hold that touches an invoice: until when it may, and why."""

    id: str
    scope: str
    stops: tuple[str, ...]
    owner: str
    reason: str
    last_day: date


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    invoice: InvoiceRow
    lines: tuple[LineRow, ...]
    taxes: tuple[TaxRow, ...]
    holds: tuple[HoldOn, ...]
    approved_by: str
    has_document: bool


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """`customer`: external or public id; `kind` as in a row; the period starts in `[period_from, period_to)`."""

    customer: str | None = None
    state: str | None = None
    held: bool | None = None
    number: str | None = None
    period_from: datetime | None = None
    period_to: datetime | None = None
    kind: str | None = None


def list_invoices(
    only: InvoiceFilter | None = None, *, today: date, limit: int = LIMIT_MAX, cursor: str | None = None
) -> Page[InvoiceRow]:
    """Return invoices, newest first, in one statement. `today` decides what is overdue.

    Faults `bad_state`, `bad_cursor`, `bad_limit`.
    """
    only = only or InvoiceFilter()
    found = _annotated()
    if only.state is not None:
        if only.state not in STATES:
            raise Fault("bad_state", state=only.state, known=STATES)
        found = found.filter(state=only.state)
    if only.customer is not None:
        found = found.filter(Q(customer__external_id=only.customer) | Q(customer__public_id=only.customer))
    if only.held is not None:
        found = found.filter(is_held=only.held)
    if only.number is not None:
        found = found.filter(number=only.number)
    if only.period_from is not None:
        found = found.filter(period_start__gte=only.period_from)
    if only.kind is not None:
        found = found.filter(kind=only.kind)
    if only.period_to is not None:
        found = found.filter(period_start__lt=only.period_to)
    if cursor:
        found = found.filter(public_id__lt=decode(cursor, 1)[0])
    records = list(found.order_by("-public_id")[: bounded(limit) + 1])
    return page_of(records, limit, lambda one: _row(one, today), lambda one: (one.public_id,))


def find_invoice(invoice: str, *, today: date | None = None) -> InvoiceRow | None:
    """Return one invoice by public id or number. Without `today` nothing is called overdue."""
    found = _annotated().filter(Q(public_id=invoice) | Q(number=invoice)).order_by("public_id").first()
    return None if found is None else _row(found, today)


def one_invoice(invoice: str, *, today: date) -> InvoiceDetail | None:
    """Return one invoice with lines, taxes and the holds that touch it, in three statements."""
    found = _annotated().filter(Q(public_id=invoice) | Q(number=invoice)).order_by("public_id").first()
    if found is None:
        return None
    of = currency(found.currency)
    lines = list(InvoiceLine.objects.filter(invoice=found).select_related("adjusts").order_by("position"))
    scopes = ["everything", f"customer:{found.customer.public_id}", f"invoice:{found.public_id}"]
    scopes += [f"meter:{line.meter}" for line in lines if line.meter]
    holds = Hold.objects.filter(released_at=None, scope__in=scopes).order_by("public_id")
    return InvoiceDetail(
        _row(found, today),
        tuple(_line(line, found) for line in lines),
        tuple(
            TaxRow(
                tax["category"],
                Decimal(tax["percent"]),
                Money(int(tax["base"]), of),
                Money(int(tax["tax"]), of),
                tax.get("mention"),
            )
            for tax in found.taxes
        ),
        tuple(HoldOn(h.public_id, h.scope, tuple(h.stops), h.owner, h.reason, h.last_day) for h in holds),
        found.approved_by,
        found.with_document,
    )


def document_of(invoice: str) -> tuple[bytes, str, str] | None:
    """Return the stored bytes of an issued document, its media type and its number; None: none yet."""
    found = (
        Document.objects.filter(Q(invoice__public_id=invoice) | Q(invoice__number=invoice))
        .select_related("invoice")
        .first()
    )
    if found is None:
        return None
    return bytes(found.content), found.media_type, found.invoice.number or found.invoice.public_id


def step_from_stored(stored: Mapping[str, Any]) -> Step:
    """Return a rating step from its stored form: decimals as strings."""

    def number(name: str) -> Decimal | None:
        return None if stored.get(name) is None else Decimal(str(stored[name]))

    return Step(
        stored["kind"],
        Decimal(str(stored["quantity"])),
        number("unit"),
        Decimal(str(stored["amount"])),
        number("first"),
        number("last"),
    )


def _annotated() -> QuerySet[Any, Any]:
    """Return invoices with what is derived: whether a standing hold stops their next step, what was paid."""
    on_its_meter = InvoiceLine.objects.filter(
        invoice=OuterRef(OuterRef("pk")), meter=Substr(OuterRef("scope"), len("meter:") + 1)
    )
    standing = Hold.objects.filter(released_at=None).filter(
        Q(scope="everything")
        | Q(scope=Concat(Value("customer:"), OuterRef("customer__public_id")))
        | Q(scope=Concat(Value("invoice:"), OuterRef("public_id")))
        | Q(scope__startswith="meter:") & Exists(on_its_meter)
    )
    receivable = (
        Posting.objects.filter(entry__invoice=OuterRef("pk"), account__startswith="receivable:")
        .order_by()
        .values("entry__invoice")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    credited = (
        Invoice.objects.filter(corrects=OuterRef("pk"), state="issued")
        .order_by()
        .values("corrects")
        .annotate(total=Sum("gross"))
        .values("total")
    )
    return (
        Invoice.objects.select_related("customer", "issuer", "subscription", "corrects")
        .annotate(
            is_held=Q(Exists(standing.filter(stops__contains=["issue"])), state="draft")
            | Q(Exists(standing.filter(stops__contains=["push"])), state="issued"),
            owed=Coalesce(receivable[:1], Value(0)),
            given_back=Coalesce(credited[:1], Value(0)),
            with_document=Exists(Document.objects.filter(invoice=OuterRef("pk"))),
        )
        .annotate(fresh=Q(approved_digest=F("digest")))
    )


def _row(one: Any, today: date | None) -> InvoiceRow:
    of = currency(one.currency)
    owed = Money(int(one.owed), of)
    gross = Money(one.gross, of)
    return InvoiceRow(
        id=one.public_id,
        number=one.number,
        kind=one.kind,
        corrects=earlier(one.corrects),
        state=one.state,
        status=_status(one, owed, today),
        held=one.is_held,
        approved=bool(one.fresh),
        customer=one.customer.external_id,
        customer_id=one.customer.public_id,
        customer_name=one.customer.legal_name,
        issuer=one.issuer.external_id,
        subscription=one.subscription.public_id,
        period_start=one.period_start,
        period_end=one.period_end,
        due_at=one.due_at,
        created_at=one.created_at,
        net=Money(one.net, of),
        tax=Money(one.tax, of),
        gross=gross,
        open=owed,
        credited=Money(int(one.given_back), of),
        missing=tuple(one.missing),
        digest=bytes(one.digest).hex(),
        issue_date=one.issue_date,
        payment_due=one.payment_due,
        updated_at=one.updated_at,
    )


def earlier(invoice: Invoice | None) -> Earlier | None:
    """Name an invoice that another document speaks of."""
    return None if invoice is None else Earlier(invoice.public_id, invoice.number)


def _status(one: Any, owed: Money, today: date | None) -> str:
    if one.state == "closed":
        return "closed"
    if one.is_held:
        return "held"
    if one.state == "draft":
        return "draft"
    return paying(
        one.kind,
        one.gross,
        one.given_back,
        owed.minor,
        overdue=bool(today and one.payment_due and one.payment_due < today),
    )


def paying(kind: str, gross: int, credited: int, owed: int, *, overdue: bool) -> str:
    """Return the status of an issued document by what of it is credited and owed, in minor units."""
    if kind == Invoice.Kind.CREDIT_NOTE:
        return "credit_note"
    if credited >= gross:
        return "cancelled"
    if owed <= 0:
        return "paid"
    if overdue:
        return "overdue"
    return "part_paid" if owed < gross - credited else "open"


def _line(line: InvoiceLine, of: Invoice) -> LineRow:
    return LineRow(
        line.position,
        line.charge,
        line.revision,
        earlier(line.adjusts or of.corrects),
        line.names,
        line.meter,
        line.span_start,
        line.span_end,
        line.quantity,
        Money(line.net, currency(of.currency)),
        line.tax_category,
        line.tax_percent,
        tuple(step_from_stored(step) for step in line.steps),
    )
