"""Who may act: staff, and the keys of machines."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from abaque.storage.models.base import public_id


class StaffManager(UserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":  # type: ignore[override]  # an e-mail address is the login
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """A member of staff. Customers have no user: a signed link opens their portal."""

    class Role(models.TextChoices):
        OWNER = "owner"
        FINANCE = "finance"
        SUPPORT = "support"
        AUDITOR = "auditor"

    username = None  # type: ignore[assignment]  # staff sign in with their e-mail address
    email = models.EmailField(unique=True)
    role = models.TextField(choices=Role.choices, default=Role.SUPPORT)
    language = models.TextField(default="fr")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        db_table = "staff"


class ApiKey(models.Model):
    """A machine's key: shown once, stored hashed; names what it may do and which sources it may write."""

    public_id = public_id("key")
    name = models.TextField()
    prefix = models.TextField(help_text="the first characters, to recognise a key by")
    hash = models.BinaryField(unique=True, help_text="sha256 of the key; the key has 256 bits of entropy")
    scopes = ArrayField(models.TextField())
    sources = ArrayField(models.TextField(), null=True, help_text="null: any source")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"


class Invitation(models.Model):
    """A one-time link by which a member of staff sets a first password."""

    hash = models.BinaryField(unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invitation"
