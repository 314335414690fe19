"""Render an issued invoice from its snapshot and keep the bytes with their hash, once."""

import hashlib
from datetime import datetime

from django.db import transaction

from abaque.billing.runner import Refused
from abaque.documents.invoice import from_plain, render
from abaque.storage.models import Document, Invoice


def render_document(public_id: str, *, now: datetime) -> Document:
    """Return the stored document, rendering it first if need be. Refused `not_issued`."""
    invoice = Invoice.objects.filter(public_id=public_id, state=Invoice.State.ISSUED).first()
    if invoice is None or invoice.snapshot is None:
        raise Refused("not_issued", invoice=public_id)
    stored = Document.objects.filter(invoice=invoice).first()
    if stored is not None:
        return stored
    content = render(from_plain(invoice.snapshot)).content
    with transaction.atomic():
        Invoice.objects.select_for_update().get(pk=invoice.pk)
        document, _ = Document.objects.get_or_create(
            invoice=invoice,
            defaults={"content": content, "sha256": hashlib.sha256(content).digest(), "rendered_at": now},
        )
    return document
