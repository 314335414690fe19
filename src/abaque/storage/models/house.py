"""The folder's own facts: its clock and what was done in it."""

from django.db import models
from django.db.models.functions import Now

from abaque.storage.models.base import public_id


class Clock(models.Model):
    """The folder's clock: the real one plus this offset. Only a test folder may have an offset."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    test = models.BooleanField(default=False)
    offset = models.DurationField()

    class Meta:
        db_table = "clock"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="clock_is_one_row")]


class Action(models.Model):
    """One verb that was carried out: the audit trail and the idempotency of the whole house."""

    public_id = public_id("act")
    verb = models.TextField()
    actor = models.TextField()
    key = models.TextField()
    input_hash = models.BinaryField()
    subject = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    result = models.JSONField()
    at = models.DateTimeField(help_text="the folder's clock")
    recorded_at = models.DateTimeField(db_default=Now(), help_text="the real clock")

    class Meta:
        db_table = "action"
        constraints = [models.UniqueConstraint(fields=["verb", "key"], name="action_once_per_key")]
        indexes = [models.Index(fields=["subject", "-at"], name="action_by_subject")]


class Alert(models.Model):
    """Something a person must know; also sent by mail where a mail server is set."""

    public_id = public_id("alr")
    kind = models.TextField()
    subject = models.TextField()
    facts = models.JSONField()
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alert"
