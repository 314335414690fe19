"""Push issued invoices to a platform: idempotently, at a steady pace, resumable."""

import time
from datetime import datetime

from django.db.models import F

from abaque.billing.holding import stops
from abaque.billing.runner import Refused
from abaque.ports.platform import Platform, PlatformError, PushedInvoice, PushedLine
from abaque.storage.models import Invoice, Push

PER_SECOND = 20.0
ATTEMPTS = 5
_BACK_OFF = 0.5


def push_waiting(platform: Platform, *, now: datetime, per_second: float = PER_SECOND) -> dict[str, int]:
    """Push what waits for this platform. What is held, or refused by the platform, waits on and is counted."""
    counts = {"pushed": 0, "held": 0, "failed": 0}
    waiting = (
        Push.objects.filter(connector=platform.name, acknowledged_at=None)
        .select_related("invoice__customer", "invoice__corrects")
        .order_by("invoice__issued_at", "pk")
    )
    for push in waiting:
        # A remedy asked for by a person passes the hold of the finding it mends.
        if push.again == 0 and stops("push", invoice=push.invoice, connector=platform.name) is not None:
            counts["held"] += 1
            continue
        counts["pushed" if _push(platform, push, now) else "failed"] += 1
        time.sleep(1 / per_second)
    return counts


def _push(platform: Platform, push: Push, now: datetime) -> bool:
    for attempt in range(ATTEMPTS):
        Push.objects.filter(pk=push.pk).update(attempts=F("attempts") + 1)
        try:
            found = platform.push(pushed(push.invoice), key=f"{push.invoice.public_id}/{push.again}")
        except PlatformError as error:
            Push.objects.filter(pk=push.pk).update(last_error=str(error)[:500])
            if not error.retry:
                return False
            time.sleep(min(error.after or _BACK_OFF * 2**attempt, 30))
        else:
            Push.objects.filter(pk=push.pk).update(platform_id=found, acknowledged_at=now, last_error="")
            return True
    return False


def pushed(invoice: Invoice) -> PushedInvoice:
    """Return an issued invoice as its document says it: from the snapshot, never rated again."""
    if invoice.snapshot is None or invoice.number is None or invoice.issue_date is None:
        raise Refused("not_issued", invoice=invoice.public_id)
    return PushedInvoice(
        external_id=invoice.public_id,
        number=invoice.number,
        customer=invoice.customer.external_id,
        customer_name=invoice.snapshot["buyer"]["legal_name"],
        currency=invoice.currency,
        net=invoice.net,
        tax=invoice.tax,
        total=invoice.gross,
        issue_date=invoice.issue_date.isoformat(),
        due_date=invoice.payment_due.isoformat() if invoice.payment_due else "",
        lines=tuple(PushedLine(line["description"], line["net"]) for line in invoice.snapshot["lines"]),
        corrects="" if invoice.corrects is None else invoice.corrects.public_id,
    )
