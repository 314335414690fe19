"""What must follow, queued inside the transaction that needs it. The network is touched only by such a job."""

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from abaque.storage.models import Invoice, Push


def after_issue(invoice: Invoice) -> None:
    """Render and store the document, and push the invoice to each platform that is connected."""
    defer("abaque.render", invoice=invoice.public_id)
    for connector in settings.CONNECTORS:
        Push.objects.get_or_create(connector=connector, invoice=invoice)
        defer_once("abaque.push", connector)


def defer(task: str, **arguments: str) -> None:
    """Queue a job on the transaction's own connection: it exists if and only if the transaction commits."""
    app.configure_task(task, allow_unknown=True).defer(**arguments)


def defer_once(task: str, subject: str) -> None:
    """Queue a job unless one for this subject waits already."""
    # A clash aborts the transaction it happens in, so the look comes first; the lock keeps the race harmless.
    try:
        if not _waits(f"{task}:{subject}"):
            app.configure_task(task, allow_unknown=True, queueing_lock=f"{task}:{subject}").defer(
                connector=subject
            )
    except AlreadyEnqueued:
        return


def _waits(lock: str) -> bool:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return ProcrastinateJob.objects.filter(queueing_lock=lock, status="todo").exists()
