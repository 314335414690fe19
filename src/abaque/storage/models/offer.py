"""What is sold and how it is counted, and who agreed to it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from abaque.storage.models.base import public_id
from abaque.storage.models.parties import Customer


class Meter(models.Model):
    """A published meter: its definition in canonical form, and what of it is looked for."""

    public_id = public_id("mtr")
    code = models.TextField(unique=True)
    definition = models.JSONField()
    event_types = ArrayField(models.TextField())
    aggregate = models.TextField()
    lateness = models.DurationField()
    level = models.TextField(default="consistent")
    totals_since = models.DateTimeField(null=True, help_text="when control totals were promised first")
    published_at = models.DateTimeField()

    class Meta:
        db_table = "meter"


class Plan(models.Model):
    public_id = public_id("pln")
    code = models.TextField(unique=True)

    class Meta:
        db_table = "plan"


class PlanVersion(models.Model):
    """An immutable published version of a plan."""

    public_id = public_id("plv")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT)
    version = models.PositiveIntegerField()
    definition = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        db_table = "plan_version"
        constraints = [models.UniqueConstraint(fields=["plan", "version"], name="plan_version_once")]


class PersonalAttribute(models.Model):
    """What the door does with an attribute of a person: keep, pseudonymise or drop."""

    attribute = models.TextField(unique=True)
    treatment = models.TextField()

    class Meta:
        db_table = "personal_attribute"


class Subscription(models.Model):
    """A customer's agreement to a plan version over time."""

    public_id = public_id("sub")
    external_id = models.TextField(unique=True, null=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    anchor = models.DateField(help_text="local day from which every boundary is derived")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "subscription"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="subscription_ends_after_start",
            ),
        ]
