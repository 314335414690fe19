"""Who invoices and who is invoiced."""

from django.db import models

from abaque.storage.models.base import public_id


class Party(models.Model):
    """The legal identity every issuer and customer has."""

    legal_name = models.TextField(blank=True)
    street = models.TextField(blank=True, help_text="may have several lines")
    postcode = models.TextField(blank=True)
    city = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2")
    vat_number = models.TextField(blank=True)
    company_number = models.TextField(blank=True, help_text="France: SIREN")
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, default="fr")
    zone = models.TextField(default="Europe/Paris", help_text="IANA name; billing days are local to it")

    class Meta:
        abstract = True


class Issuer(Party):
    """The legal entity that invoices."""

    class InvoicesBy(models.TextChoices):
        ABAQUE = "abaque"
        PLATFORM = "platform"

    public_id = public_id("iss")
    external_id = models.TextField(unique=True)
    legal_form = models.TextField(blank=True)
    capital = models.TextField(blank=True)
    register = models.TextField(blank=True, help_text="France: RCS and town")
    iban = models.TextField(blank=True)
    bic = models.TextField(blank=True)
    currency = models.CharField(max_length=3, default="EUR", help_text="the book currency")
    payment_term_days = models.PositiveSmallIntegerField(default=30)
    vat_percent = models.DecimalField(max_digits=6, decimal_places=3, default=20)
    vat_on_debits = models.BooleanField(default=False)
    invoices_by = models.TextField(choices=InvoicesBy.choices, default=InvoicesBy.ABAQUE)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "issuer"


class Series(models.Model):
    """A run of invoice numbers without gaps; its row is locked for the moment of numbering."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT)
    prefix = models.TextField()
    year = models.SmallIntegerField()
    last = models.IntegerField(default=0)
    last_date = models.DateField(null=True)

    class Meta:
        db_table = "series"
        constraints = [models.UniqueConstraint(fields=["issuer", "prefix", "year"], name="series_once")]


class Customer(Party):
    """Somebody who is invoiced."""

    class Tax(models.TextChoices):
        STANDARD = "standard"
        REVERSE_CHARGE = "reverse_charge"
        NONE = "none"

    public_id = public_id("cus")
    external_id = models.TextField(unique=True)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3, default="EUR")
    payment_term_days = models.PositiveSmallIntegerField(null=True, help_text="null: the issuer's")
    tax = models.TextField(choices=Tax.choices, default=Tax.STANDARD)
    contacts = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "customer"


class Alias(models.Model):
    """An event belongs to a customer through its subject; every external id is an alias of its own."""

    subject = models.TextField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    valid_from = models.DateTimeField(null=True, help_text="null: always was")
    valid_to = models.DateTimeField(null=True, help_text="null: until further notice")

    class Meta:
        db_table = "alias"
        indexes = [models.Index(fields=["subject"], name="alias_subject")]
