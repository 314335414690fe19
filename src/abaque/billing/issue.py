"""Issue: make a draft a legal document.

Outside the transaction the document is built, rendered and validated with a placeholder number (a
failure keeps the draft). Then, in one short transaction: lock the customer, then the series; ask the
holds again; number without a gap; snapshot; postings; and queue what must follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from abaque.billing.as_issued import settlement_of, totals_of
from abaque.billing.documenting import document_of
from abaque.billing.drafting import drafts_of, key_of
from abaque.billing.holding import stops
from abaque.billing.jobs import after_issue
from abaque.billing.permissions import Actor
from abaque.billing.proving import LIVE_PREFIX, TEST_PREFIX, Proofs
from abaque.billing.readiness import Readiness
from abaque.billing.runner import Refused, Result, perform
from abaque.core.fault import Fault
from abaque.core.invoicing import number
from abaque.core.ledger import credit_note_issued, invoice_issued
from abaque.core.period import local_day
from abaque.documents.invoice import as_plain
from abaque.storage import hot
from abaque.storage.models import Customer, Entry, Invoice, Posting, Subscription


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
    invoice.sealed_to, _ = readiness.sealed
    if not invoice.net and not invoice.tax:
        invoice.state, invoice.issued_at = Invoice.State.CLOSED, now
        invoice.save(update_fields=["state", "issued_at", "sealed_to"])
        return {"invoice": public_id, "number": None, "subject": public_id}
    invoice.number, invoice.issue_date = _numbered(
        invoice, now, TEST_PREFIX if readiness.test else LIVE_PREFIX
    )
    document = document_of(
        invoice,
        number=invoice.number,
        issue_date=invoice.issue_date,
        specimen=readiness.test,
        now=now,
        chain_head=readiness.chain_head,
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
    """Lock the subscription, so that no close drafts beside it, then the customer, then the draft: in this order."""
    list(Subscription.objects.select_for_update(of=("self",)).filter(invoice__public_id=public_id))
    customer = Customer.objects.select_for_update(of=("self",)).filter(invoice__public_id=public_id)
    if not customer:
        raise Refused("unknown_invoice", invoice=public_id)
    return (
        Invoice.objects.select_for_update(of=("self",))
        .select_related(
            "customer",
            "issuer",
            "corrects__issuer",
            "subscription__plan_version__plan",
            "subscription__customer__issuer",
        )
        .prefetch_related("lines__adjusts")
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
    # What late usage comes to of its own depends on the invoices that follow until now.
    until = invoice.due_at if invoice.kind == Invoice.Kind.INVOICE else readiness.now
    fresh, _ = drafts_of([(invoice.subscription, until)], now=readiness.now)
    key = key_of(invoice.subscription_id, invoice.kind, invoice.due_at, invoice.corrects_id)
    if [draft.digest for draft in fresh if draft.key == key] != [bytes(invoice.digest)]:
        raise Refused("draft_changed", invoice=invoice.public_id)
    if invoice.missing and (invoice.net or invoice.tax):
        raise Refused("legal_fields_missing", invoice=invoice.public_id, fields=tuple(invoice.missing))


def _numbered(invoice: Invoice, now: datetime, prefix: str) -> tuple[str, date]:
    """Take the next number of the series, without a gap, and its date.

    Dates never fall, even if the clock or the zone does: the date is the issuer's local day, or the series'
    last date where that is later; nothing is back-dated.
    """
    today = local_day(now, invoice.issuer.zone)
    last = hot.rows(
        "SELECT max(last_date) FROM series WHERE issuer_id = %s AND prefix = %s", [invoice.issuer_id, prefix]
    )[0][0]
    day = max(today, last or today)
    counter, dated = hot.rows(
        "INSERT INTO series AS s (issuer_id, prefix, year, last, last_date) VALUES (%s, %s, %s, 1, %s)"
        " ON CONFLICT (issuer_id, prefix, year) DO UPDATE"
        " SET last = s.last + 1, last_date = greatest(s.last_date, excluded.last_date)"
        " RETURNING last, last_date",
        [invoice.issuer_id, prefix, day.year, day],
    )[0]
    return number(prefix, day.year, counter), dated


def _post(invoice: Invoice, now: datetime) -> None:
    """Post the document: what the customer owes, or what a credit note takes off what is owed for its invoice."""
    assert invoice.issue_date is not None
    who, totals, corrected = invoice.customer.external_id, totals_of(invoice), invoice.corrects
    if corrected is None:
        fact = invoice_issued(who, totals)
        entry = Entry.objects.create(kind=fact.kind, invoice=invoice, booked_on=invoice.issue_date, at=now)
    else:
        fact = credit_note_issued(who, totals, settlement_of(corrected, but=invoice))
        entry = Entry.objects.create(
            kind=fact.kind, invoice=corrected, credit_note=invoice, booked_on=invoice.issue_date, at=now
        )
    Posting.objects.bulk_create(
        [
            Posting(
                entry=entry,
                account=posting.account,
                customer=invoice.customer if posting.account.endswith(f":{who}") else None,
                amount=posting.amount.minor,
                currency=posting.amount.currency.code,
            )
            for posting in fact.postings
        ]
    )


def issue_approved(
    *,
    now: datetime,
    by: Actor,
    only: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, list[dict[str, object]]]:
    """Issue every approved draft that may be, each in its own transaction; the others are named with their reason.

    Each document is rendered and validated first, outside the transaction: a failure keeps the draft.
    """
    waiting = Invoice.objects.filter(state=Invoice.State.DRAFT, approved_digest__isnull=False)
    if only is not None:
        waiting = waiting.filter(public_id__in=only)
    found = list(
        waiting.select_related("customer", "issuer", "corrects", "subscription__plan_version__plan")
        .prefetch_related("lines__adjusts")
        .order_by("due_at", "pk")
    )
    issued: list[dict[str, object]] = []
    kept: list[dict[str, object]] = []
    readiness = Readiness(now)
    with Proofs(len(found)) as proofs:
        for place, (invoice, proof) in enumerate(proofs.ahead(found, readiness), start=1):
            try:
                proof()
                done = perform(_Sharing(readiness), Issue(invoice.public_id), now=now, by=by)
                issued.append({"invoice": invoice.public_id, "number": done["number"]})
            except Fault as fault:
                kept.append({"invoice": invoice.public_id, "code": fault.code, "params": fault.params})
            if progress is not None:
                progress(place, len(found))
    return {"issued": issued, "kept": kept}


class _Sharing:
    """The verb `issue`, for a run whose invoices share their meters' readiness."""

    __name__ = "issue"

    def __init__(self, readiness: Readiness) -> None:
        self.readiness = readiness

    def __call__(self, command: Issue, *, now: datetime, by: Actor) -> Result:
        return issue_one(command.invoice, now=now, by=by, readiness=self.readiness)
