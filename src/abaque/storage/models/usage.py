"""Events, their fates and what meters make of them.

The hot tables are made by `sql/events.sql` and written set-wise; these models only let the read side
and the checks speak of them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from abaque.storage.models.base import public_id
from abaque.storage.models.offer import Meter
from abaque.storage.models.parties import Customer


class Intake(models.Model):
    """One request at the door, or one chunk of an import; the meter's unit of work."""

    received_at = models.DateTimeField()
    key_id = models.BigIntegerField(null=True)
    accepted = models.IntegerField()
    duplicate = models.IntegerField()
    conflict = models.IntegerField()
    rejected = models.IntegerField()
    metered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "intake"
        managed = False


class Recount(models.Model):
    """A cause was mended: which events the meter must look at again."""

    meters = ArrayField(models.BigIntegerField(), null=True, help_text="new ones")
    subjects = ArrayField(models.TextField(), null=True)
    reached = models.BigIntegerField(default=0, help_text="the number of the last event looked at")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recount"


class Hour(models.Model):
    """A sealed hour of a meter, or (revision > 0) a supplement of it.

    `count` and `quantity` are what this revision adds; `hash` chains in the order of sealing.
    """

    meter = models.ForeignKey(Meter, on_delete=models.PROTECT)
    hour = models.DateTimeField()
    revision = models.IntegerField()
    count = models.BigIntegerField()
    quantity = models.DecimalField(max_digits=60, decimal_places=12)
    content = models.BinaryField(help_text="sha256 over the hour's usage rows as they stood when sealed")
    previous = models.BinaryField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField()
    consistent_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "hour"
        constraints = [models.UniqueConstraint(fields=["meter", "hour", "revision"], name="hour_once")]


class Arrival(models.Model):
    """How many events of a source or a type were received in an hour: what habits are told from."""

    starts_at = models.DateTimeField()
    kind = models.TextField(help_text="source or type")
    name = models.TextField()
    events = models.BigIntegerField()

    class Meta:
        db_table = "arrival"
        constraints = [models.UniqueConstraint(fields=["starts_at", "kind", "name"], name="arrival_once")]


class ControlTotal(models.Model):
    """A count or sum the product itself states for a span. A later statement replaces an earlier one."""

    public_id = public_id("ctl")
    meter = models.ForeignKey(Meter, on_delete=models.PROTECT)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    quantity = models.DecimalField(max_digits=60, decimal_places=12)
    tolerance = models.DecimalField(max_digits=9, decimal_places=6, default=0, help_text="percent")
    stated_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "control_total"
        indexes = [models.Index(fields=["meter", "customer", "starts_at"], name="control_total_span")]
