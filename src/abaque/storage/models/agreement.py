"""Whether all sides agree: what was pushed, what differs, what is held."""

from django.db import models

from abaque.storage.models.base import public_id
from abaque.storage.models.invoices import Invoice
from abaque.storage.models.parties import Customer


class Push(models.Model):
    """An issued invoice on its way to a platform. The idempotency key is the invoice itself."""

    connector = models.TextField()
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT)
    attempts = models.IntegerField(default=0)
    again = models.IntegerField(default=0, help_text="how often a remedy asked to push again")
    acknowledged_at = models.DateTimeField(null=True)
    platform_id = models.TextField(blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        db_table = "push"
        constraints = [models.UniqueConstraint(fields=["connector", "invoice"], name="push_once")]


class Comparison(models.Model):
    """One pass of comparing sides."""

    public_id = public_id("rec")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "comparison"


class Finding(models.Model):
    """A typed difference with its money impact. One row per subject, closed when the check turns green."""

    public_id = public_id("fnd")
    check_name = models.TextField(help_text="which two sides were compared")
    kind = models.TextField()
    subject = models.TextField(help_text="what differs, e.g. an invoice's public id")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True)
    currency = models.CharField(max_length=3, blank=True)
    impact = models.BigIntegerField(default=0)
    ours = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True)
    closed_reason = models.TextField(blank=True)

    class Meta:
        db_table = "finding"
        constraints = [
            models.UniqueConstraint(
                fields=["check_name", "kind", "subject"],
                condition=models.Q(closed_at__isnull=True),
                name="finding_open_once",
            ),
        ]


class Hold(models.Model):
    """A stop on billing of a scope: an owner, a reason, a last lawful day, and a way out."""

    public_id = public_id("hld")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True)
    scope = models.TextField(help_text="customer:cus_…, meter:code, connector:name or everything")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True)
    stops = models.JSONField(help_text="of issue, push, collect, dunning")
    owner = models.TextField()
    reason = models.TextField()
    last_day = models.DateField()
    raised_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.TextField(blank=True)
    released_reason = models.TextField(blank=True)

    class Meta:
        db_table = "hold"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finding__isnull=False) | ~models.Q(owner=""),
                name="hold_has_finding_or_person",
            ),
        ]
        indexes = [
            models.Index(fields=["scope"], condition=models.Q(released_at__isnull=True), name="hold_open"),
        ]
