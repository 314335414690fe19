"""Approve a draft as it was seen. A draft that changes afterwards comes back to review."""

from dataclasses import dataclass
from datetime import datetime

from abaque.billing.permissions import Actor
from abaque.billing.runner import Refused, Result
from abaque.storage.models import Invoice


@dataclass(frozen=True, slots=True)
class Approve:
    """`digest`: hexadecimal, of the draft as the reviewer saw it."""

    invoice: str
    digest: str


@dataclass(frozen=True, slots=True)
class ApproveMany:
    """Pairs of invoice and digest: what a review page showed."""

    drafts: tuple[tuple[str, str], ...]


def approve(command: Approve, *, now: datetime, by: Actor) -> Result:
    """Refused `unknown_invoice`, `not_a_draft`, `draft_changed`."""
    invoice = Invoice.objects.select_for_update().filter(public_id=command.invoice).first()
    if invoice is None:
        raise Refused("unknown_invoice", invoice=command.invoice)
    if invoice.state != Invoice.State.DRAFT:
        raise Refused("not_a_draft", invoice=command.invoice)
    if bytes(invoice.digest).hex() != command.digest:
        raise Refused("draft_changed", invoice=command.invoice)
    invoice.approved_digest, invoice.approved_by, invoice.approved_at = invoice.digest, str(by), now
    invoice.save(update_fields=["approved_digest", "approved_by", "approved_at"])
    return {"invoice": invoice.public_id, "subject": invoice.public_id}


def approve_many(command: ApproveMany, *, now: datetime, by: Actor) -> Result:
    """Approve what a reviewer saw; what has changed since is left, and named."""
    approved: list[str] = []
    changed: list[str] = []
    for invoice, digest in command.drafts:
        touched = Invoice.objects.filter(
            public_id=invoice,
            state=Invoice.State.DRAFT,
            digest=bytes.fromhex(digest),
        ).update(approved_digest=bytes.fromhex(digest), approved_by=str(by), approved_at=now)
        (approved if touched else changed).append(invoice)
    return {"approved": approved, "changed": changed, "subject": "drafts"}
