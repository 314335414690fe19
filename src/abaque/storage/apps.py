"""The one Django app of our own."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "abaque.storage"
    label = "storage"
    default_auto_field = "django.db.models.BigAutoField"
