"""Issue: make a draft a legal document.

Outside the transaction the document is built, rendered and validated with a placeholder number (a
failure keeps the draft). Then, in one short transaction: lock the customer, then the series; ask the
holds again; number without a gap; snapshot; postings; and queue what must follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from abaque.billing.documenting import document_of
from abaque.billing.drafting import drafts_of
from abaque.billing.holding import stops
from abaque.billing.jobs import after_issue
from abaque.billing.permissions import Actor
from abaque.billing.readiness import Readiness
from abaque.billing.runner import Refused, Result, perform
from abaque.core.fault import Fault
from abaque.core.invoicing import number
from abaque.core.ledger import invoice_issued
from abaque.core.money import Money, currency
from abaque.core.period import local_day
from abaque.core.tax import Rate, TaxGroup, Totals
from abaque.documents.invoice import as_plain, render
from abaque.storage.clock import is_test
from abaque.storage.models import Customer, Entry, Invoice, Posting, Series

LIVE_PREFIX, TEST_PREFIX = "F", "TEST-"
PLACEHOLDER = 999_999


@dataclass(frozen=True, slots=True)
class Issue:
    invoice: str


def issue(command: Issue, *, now: datetime, by: Actor) -> Result:
    """Issue one approved draft; an issued one returns its number, so that two people get one invoice.

    Refused `unknown_invoice`, `not_approved`, `draft_changed`, `legal_fields_missing`, `held`, `still_open`,
    `not_sealed`.
    """
    return issue_one(command.invoice, now=now, by=by, readiness=Readiness(now))


def issue_one(public_id: str, *, now: datetime, by: Actor, readiness: Readiness) -> Result:
    """Issue within the caller's transaction."""
    invoice = _locked(public_id)
    if invoice.state != Invoice.State.DRAFT:
        return {"invoice": public_id, "number": invoice.number, "subject": public_id}
    _check(invoice, readiness)
    if not invoice.net and not invoice.tax:
        invoice.state = Invoice.State.CLOSED
        invoice.save(update_fields=["state"])
        return {"invoice": public_id, "number": None, "subject": public_id}
    specimen = is_test()
    series = _series(invoice, now, TEST_PREFIX if specimen else LIVE_PREFIX)
    invoice.number = number(series.prefix, series.year, series.last)
    invoice.issue_date = series.last_date
    document = document_of(
        invoice, number=invoice.number, issue_date=series.last_date, specimen=specimen, now=now
    )
    invoice.payment_due = document.due_date
    invoice.snapshot = as_plain(document)
    invoice.issued_at = now
    invoice.state = Invoice.State.ISSUED
    invoice.save()
    _post(invoice, now)
    after_issue(invoice)
    return {"invoice": public_id, "number": invoice.number, "subject": public_id, "issued_by": str(by)}


def _locked(public_id: str) -> Invoice:
    """Lock the customer, then the draft: always in this order."""
    found = Invoice.objects.filter(public_id=public_id).values_list("customer_id", flat=True).first()
    if found is None:
        raise Refused("unknown_invoice", invoice=public_id)
    Customer.objects.select_for_update().get(pk=found)
    return (
        Invoice.objects.select_for_update(of=("self",))
        .select_related(
            "customer", "issuer", "subscription__plan_version__plan", "subscription__customer__issuer"
        )
        .get(public_id=public_id)
    )


def _check(invoice: Invoice, readiness: Readiness) -> None:
    lines = list(invoice.lines.all())
    if invoice.approved_digest is None or bytes(invoice.approved_digest) != bytes(invoice.digest):
        raise Refused("not_approved", invoice=invoice.public_id)
    stop = stops("issue", invoice=invoice)
    if stop is not None:
        raise Refused("held", invoice=invoice.public_id, hold=stop.hold, because=stop.reason)
    why = readiness.missing(lines)
    if why is not None:
        raise Refused(why, invoice=invoice.public_id)
    others = Invoice.objects.filter(subscription=invoice.subscription).exclude(pk=invoice.pk)
    done = set(others.values_list("due_at", flat=True))
    fresh = [
        draft
        for draft in drafts_of(invoice.subscription, until=invoice.due_at, done=done)
        if draft.due_at == invoice.due_at
    ]
    if not fresh or fresh[0].digest != bytes(invoice.digest):
        raise Refused("draft_changed", invoice=invoice.public_id)
    if invoice.missing and (invoice.net or invoice.tax):
        raise Refused("legal_fields_missing", invoice=invoice.public_id, fields=tuple(invoice.missing))


def _series(invoice: Invoice, now: datetime, prefix: str) -> Series:
    """Take the next number. Dates never fall, even if the clock or the zone does; nothing is back-dated."""
    today = local_day(now, invoice.issuer.zone)
    latest = Series.objects.filter(issuer=invoice.issuer, prefix=prefix).order_by("-year").first()
    day = max(today, latest.last_date) if latest is not None and latest.last_date else today
    Series.objects.get_or_create(issuer=invoice.issuer, prefix=prefix, year=day.year)
    series = Series.objects.select_for_update().get(issuer=invoice.issuer, prefix=prefix, year=day.year)
    series.last += 1
    series.last_date = max(day, series.last_date or day)
    series.save(update_fields=["last", "last_date"])
    return series


def _post(invoice: Invoice, now: datetime) -> None:
    assert invoice.issue_date is not None
    unit = currency(invoice.currency)
    groups = tuple(
        TaxGroup(
            Rate(group["category"], Decimal(group["percent"]), group["mention"]),
            Money(group["base"], unit),
            Money(group["tax"], unit),
        )
        for group in invoice.taxes
    )
    totals = Totals(Money(invoice.net, unit), groups, Money(invoice.tax, unit), Money(invoice.gross, unit))
    fact = invoice_issued(invoice.customer.external_id, totals)
    entry = Entry.objects.create(kind=fact.kind, invoice=invoice, booked_on=invoice.issue_date, at=now)
    Posting.objects.bulk_create(
        [
            Posting(
                entry=entry,
                account=posting.account,
                customer=invoice.customer if posting.account.startswith("receivable:") else None,
                amount=posting.amount.minor,
                currency=posting.amount.currency.code,
            )
            for posting in fact.postings
        ]
    )


def prove(invoice: Invoice, *, now: datetime) -> None:
    """Build, render and validate the document under a placeholder number. Raises what is wrong with it."""
    specimen = is_test()
    day = local_day(now, invoice.issuer.zone)
    placeholder = number(TEST_PREFIX if specimen else LIVE_PREFIX, day.year, PLACEHOLDER)
    document = document_of(invoice, number=placeholder, issue_date=day, specimen=specimen, now=now)
    render(document)


def issue_approved(
    *,
    now: datetime,
    by: Actor,
    only: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, list[dict[str, object]]]:
    """Issue every approved draft that may be; each in its own transaction. The others are named with their reason."""
    waiting = Invoice.objects.filter(state=Invoice.State.DRAFT, approved_digest__isnull=False).order_by(
        "due_at", "pk"
    )
    if only is not None:
        waiting = waiting.filter(public_id__in=only)
    issued: list[dict[str, object]] = []
    kept: list[dict[str, object]] = []
    readiness = Readiness(now)
    found = list(waiting.select_related("customer", "issuer", "subscription__plan_version__plan"))
    for place, invoice in enumerate(found, start=1):
        try:
            _ready_to_print(invoice, now)
            done = perform(_Sharing(readiness), Issue(invoice.public_id), now=now, by=by)
            issued.append({"invoice": invoice.public_id, "number": done["number"]})
        except Fault as fault:
            kept.append({"invoice": invoice.public_id, "code": fault.code, "params": fault.params})
        if progress is not None:
            progress(place, len(found))
    return {"issued": issued, "kept": kept}


def _ready_to_print(invoice: Invoice, now: datetime) -> None:
    if not invoice.missing and (invoice.net or invoice.tax):
        prove(invoice, now=now)


class _Sharing:
    """The verb `issue`, for a run whose invoices share their meters' readiness."""

    __name__ = "issue"

    def __init__(self, readiness: Readiness) -> None:
        self.readiness = readiness

    def __call__(self, command: Issue, *, now: datetime, by: Actor) -> Result:
        return issue_one(command.invoice, now=now, by=by, readiness=self.readiness)
