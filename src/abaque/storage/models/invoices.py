"""Invoices, what they claim, their documents and the ledger."""

from django.db import models

from abaque.storage.models.base import public_id
from abaque.storage.models.offer import Subscription
from abaque.storage.models.parties import Customer, Issuer


class Run(models.Model):
    """One pass of the billing clock."""

    public_id = public_id("run")
    until = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "run"


class Invoice(models.Model):
    """A draft, or an issued document. Once issued, the database refuses to change it.

    Amounts of a credit note are positive: its kind says that they are given back.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice"
        CLOSING = "closing", "invoice of late usage that no other invoice follows"
        CREDIT_NOTE = "credit_note"

    class State(models.TextChoices):
        DRAFT = "draft"
        ISSUED = "issued"
        CLOSED = "closed", "period closed at zero, no document"

    public_id = public_id("inv")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT)
    kind = models.TextField(choices=Kind.choices, default=Kind.INVOICE)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, help_text="of a credit note")
    due_at = models.DateTimeField(
        help_text="the boundary at which this invoice, or the one it corrects, falls due to be made"
    )
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    currency = models.CharField(max_length=3)
    net = models.BigIntegerField(help_text="minor units, as all money here")
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()
    taxes = models.JSONField()
    digest = models.BinaryField(help_text="sha256 of what a reviewer sees; an approval binds it")
    approved_digest = models.BinaryField(null=True)
    approved_by = models.TextField(blank=True)
    approved_at = models.DateTimeField(null=True)
    missing = models.JSONField(default=list, help_text="legally required fields that are missing")
    number = models.TextField(null=True)
    issue_date = models.DateField(null=True)
    payment_due = models.DateField(null=True)
    issued_at = models.DateTimeField(null=True, help_text="when it was issued, or closed at zero")
    sealed_to = models.BigIntegerField(
        null=True, help_text="the last sealed hour by then: those after it may hold late usage"
    )
    snapshot = models.JSONField(null=True, help_text="everything the document says, as it was said")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "invoice"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "due_at"], condition=models.Q(kind="invoice"), name="invoice_once"
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=models.Q(kind="closing", state="draft"),
                name="one_closing_draft",
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=models.Q(state="draft"), name="one_credit_note_draft"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="credit_note", corrects__isnull=False)
                | ~models.Q(kind="credit_note") & models.Q(corrects__isnull=True),
                name="credit_note_corrects",
            ),
            models.UniqueConstraint(fields=["issuer", "number"], name="invoice_number_once"),
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")), name="invoice_adds_up"
            ),
            models.CheckConstraint(condition=models.Q(net__gte=0, tax__gte=0), name="invoice_not_below_zero"),
            models.CheckConstraint(
                condition=~models.Q(state="issued")
                | models.Q(number__isnull=False, issue_date__isnull=False, snapshot__isnull=False),
                name="issued_has_number",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-period_start"], name="invoice_by_customer")]


class InvoiceLine(models.Model):
    """One line, with the claim it makes: a charge's period is billed at most once per revision.

    Revision 0 bills a period first; each later one `adjusts` that invoice: what late usage adds. A line of a credit
    note gives back part of the line it `credits`, and has its revision.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT)
    charge = models.TextField()
    revision = models.PositiveIntegerField(default=0)
    adjusts = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="+")
    credits = models.ForeignKey("self", on_delete=models.PROTECT, null=True)
    span_start = models.DateTimeField()
    span_end = models.DateTimeField()
    whole_start = models.DateTimeField()
    whole_end = models.DateTimeField()
    meter = models.TextField(blank=True)
    meter_version = models.PositiveIntegerField(null=True, help_text="by which its quantity was counted")
    quantity = models.DecimalField(max_digits=60, decimal_places=12, null=True)
    net = models.BigIntegerField()
    tax_category = models.TextField()
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3)
    names = models.JSONField()
    steps = models.JSONField()

    class Meta:
        db_table = "invoice_line"
        ordering = ["invoice_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "charge", "span_start", "revision"],
                condition=models.Q(credits__isnull=True),
                name="billed_once",
            ),
            models.UniqueConstraint(fields=["invoice", "credits"], name="credited_once"),
            models.CheckConstraint(
                condition=models.Q(credits__isnull=False, adjusts__isnull=True)
                | models.Q(credits__isnull=True, adjusts__isnull=True, revision=0)
                | models.Q(credits__isnull=True, adjusts__isnull=False, revision__gt=0),
                name="later_revision_adjusts",
            ),
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position"),
        ]


class Document(models.Model):
    """The bytes of a document, stored once with their hash."""

    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT)
    media_type = models.TextField(default="application/pdf")
    content = models.BinaryField()
    sha256 = models.BinaryField()
    rendered_at = models.DateTimeField()

    class Meta:
        db_table = "document"


class Entry(models.Model):
    """One money fact; its postings sum to zero per currency (checked by the database at commit)."""

    public_id = public_id("ent")
    kind = models.TextField()
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, help_text="whose balance it changes"
    )
    credit_note = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="+", help_text="that it posts"
    )
    booked_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        db_table = "entry"


class Posting(models.Model):
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings")
    account = models.TextField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True)
    amount = models.BigIntegerField(help_text="debit positive, credit negative")
    currency = models.CharField(max_length=3)

    class Meta:
        db_table = "posting"
        indexes = [models.Index(fields=["account", "customer"], name="posting_account")]
